import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { optOf, scanMessage } from '../../src/forward/message.ts'
import { fitReply, type ReplyForm, udpLimit } from '../../src/forward/reply.ts'
import { a, addresses, manyA, opt, optIn, query, read, replyTo, summary } from './messages.ts'

const FORM: ReplyForm = { id: 0x1234, edns: true, limit: 65535, setTruncateBit: true }

function fit(bytes: Buffer, form: Partial<ReplyForm> = {}): Buffer {
  const message = scanMessage(Buffer.from(bytes))
  assert.ok(message !== undefined)
  return fitReply(message, { ...FORM, ...form })
}

const limits: [client: number | undefined, ours: number, limit: number][] = [
  [undefined, 1232, 512],
  [undefined, 4096, 512],
  [1, 1232, 512],
  [511, 1232, 512],
  [512, 1232, 512],
  [600, 1232, 600],
  [1232, 1232, 1232],
  [4096, 1232, 1232],
  [4096, 4096, 4096],
  [65535, 4096, 4096],
  [4096, 512, 512],
]
for (const [client, ours, limit] of limits) {
  test(`a client that offers ${client ?? 'no size'} takes ${limit} of our ${ours}`, () => {
    const message = scanMessage(query(client === undefined ? {} : { edns: { size: client } }))
    assert.ok(message !== undefined)
    assert.equal(udpLimit(optOf(message), ours), limit)
  })
}

test('only the id changes where everything fits', () => {
  const bytes = replyTo(query(), {
    answers: manyA('www.example.com', 30),
    additionals: [opt(4096)],
  })
  const fitted = fit(bytes, { limit: bytes.length })
  assert.equal(fitted.readUInt16BE(0), 0x1234)
  assert.deepEqual(fitted.subarray(2), bytes.subarray(2))
})

test('octets after the last record are not passed on, nor counted', () => {
  const bytes = replyTo(query(), { answers: [a('www.example.com')] })
  const fitted = fit(Buffer.concat([bytes, Buffer.alloc(600)]), { limit: 512 })
  assert.deepEqual(fitted.subarray(2), bytes.subarray(2))
})

test('one octet too many leaves header, question and OPT, with TC', () => {
  const bytes = replyTo(query(), {
    answers: manyA('www.example.com', 30),
    additionals: [opt(4096)],
  })
  const fitted = fit(bytes, { limit: bytes.length - 1 })
  assert.equal(summary(fitted), 'NOERROR [qr tc rd ra] 1/0/0/1')
  assert.equal(optIn(fitted)?.udpPayloadSize, 4096)
  assert.deepEqual(read(fitted).questions, read(bytes).questions)
  assert.equal(fitted.length, 12 + 21 + 11)
})

test('without an OPT there is none after a cut', () => {
  const fitted = fit(replyTo(query(), { answers: manyA('www.example.com', 60) }), { limit: 512 })
  assert.equal(summary(fitted), 'NOERROR [qr tc rd ra] 1/0/0/0')
})

test('options that do not fit are left out of the OPT', () => {
  const padded = opt(1232, false, [{ code: 12, data: Buffer.alloc(500) }])
  const fitted = fit(replyTo(query(), { additionals: [padded] }), { limit: 512 })
  assert.equal(summary(fitted), 'NOERROR [qr tc rd ra] 1/0/0/1')
  assert.deepEqual(optIn(fitted)?.options, [])
})

test('rcode, AA and the other flags of a cut reply stay', () => {
  const bytes = replyTo(query(), { answers: manyA('x', 60), flags: 0x0400 | 0x0020 | 3 })
  assert.equal(summary(fit(bytes, { limit: 512 })), 'NXDOMAIN [qr aa tc rd ra ad] 1/0/0/0')
})

test('an OPT goes where the client sent none, wherever it is', () => {
  const first = replyTo(query(), {
    answers: [a('www.example.com')],
    additionals: [opt(1232), a('b')],
  })
  const fitted = fit(first, { edns: false })
  assert.equal(summary(fitted), 'NOERROR [qr rd ra] 1/1/0/1')
  assert.deepEqual(
    read(fitted).additionals?.map(({ type, name }) => [type, name]),
    [['A', 'b']],
  )
})

test('a reply that fits without the OPT is not cut', () => {
  const answers = manyA('www.example.com', 10)
  const limit = replyTo(query(), { answers }).length
  const fitted = fit(replyTo(query(), { answers, additionals: [opt(1232)] }), {
    edns: false,
    limit,
  })
  assert.equal(summary(fitted), 'NOERROR [qr rd ra] 1/10/0/0')
})

test('an extended rcode is SERVFAIL to a client without EDNS', () => {
  const badvers = replyTo(query(), { additionals: [opt(1232)] })
  badvers[badvers.length - 6] = 1
  assert.equal(summary(fit(badvers, { edns: true })), 'NOERROR [qr rd ra] 1/0/0/1')
  assert.equal(summary(fit(badvers, { edns: false })), 'SERVFAIL [qr rd ra] 1/0/0/0')
})

test('TC of the upstream is passed on with what it sent', () => {
  const bytes = replyTo(query(), { answers: manyA('www.example.com', 2), flags: 0x0200 })
  assert.equal(summary(fit(bytes)), 'NOERROR [qr tc rd ra] 1/2/0/0')
})

test('setTruncateBit=false clears the TC of the upstream', () => {
  const bytes = replyTo(query(), { answers: manyA('www.example.com', 2), flags: 0x0200 })
  assert.equal(summary(fit(bytes, { setTruncateBit: false })), 'NOERROR [qr rd ra] 1/2/0/0')
})

test('setTruncateBit=false keeps the answers that fit, whole, and the OPT', () => {
  const answers = manyA('www.example.com', 60)
  const authorities = manyA('ns.example.com', 3)
  const bytes = replyTo(query(), { answers, authorities, additionals: [opt(1232)] })
  const fitted = fit(bytes, { limit: 512, setTruncateBit: false })
  const shown = addresses(fitted)
  assert.ok(fitted.length <= 512 && fitted.length > 512 - 31)
  assert.deepEqual(shown, addresses(bytes).slice(0, shown.length))
  assert.equal(summary(fitted), `NOERROR [qr rd ra] 1/${shown.length}/0/1`)
})

test('property: whatever the reply, the result fits and can be read', () => {
  const counts = fc.record({
    answers: fc.nat(80),
    authorities: fc.nat(20),
    additionals: fc.nat(20),
  })
  const form = fc.record({
    edns: fc.boolean(),
    limit: fc.integer({ min: 512, max: 4096 }),
    setTruncateBit: fc.boolean(),
  })
  const optAt = fc.nat(20)
  fc.assert(
    fc.property(counts, form, optAt, (spec, wanted, at) => {
      const additionals = manyA('ns.example.com', spec.additionals)
      additionals.splice(at, 0, opt(1232))
      const bytes = replyTo(query(), {
        answers: manyA('www.example.com', spec.answers),
        authorities: manyA('example.com', spec.authorities),
        additionals,
      })
      const fitted = fit(bytes, wanted)
      assert.ok(fitted.length <= wanted.limit)
      assert.equal(optIn(fitted) !== undefined, wanted.edns)
      assert.deepEqual(read(fitted).questions, read(bytes).questions)
      const truncated = read(fitted).flag_tc
      if (!wanted.setTruncateBit) assert.equal(truncated, false)
      else assert.equal((read(fitted).answers ?? []).length, truncated ? 0 : spec.answers)
    }),
  )
})
