import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatError, localReply, VERDICT, type Verdict } from '../../src/forward/local-reply.ts'
import { scanMessage } from '../../src/forward/message.ts'
import { CLIENT_ID, edeIn, optIn, query, read, summary } from './messages.ts'

function reply(bytes: Buffer, verdict: Verdict = VERDICT.prohibited, size = 1232): Buffer {
  const message = scanMessage(bytes)
  assert.ok(message !== undefined)
  return localReply(message, verdict, size)
}

const verdicts: [verdict: keyof typeof VERDICT, head: string, ede: number][] = [
  ['prohibited', 'REFUSED [qr rd] 1/0/0/1', 18],
  ['notAuthoritative', 'REFUSED [qr rd] 1/0/0/1', 20],
  ['transfer', 'REFUSED [qr rd ra] 1/0/0/1', 21],
  ['overloaded', 'SERVFAIL [qr rd ra] 1/0/0/1', 0],
  ['closing', 'SERVFAIL [qr rd ra] 1/0/0/1', 14],
  ['noReachableAuthority', 'SERVFAIL [qr rd ra] 1/0/0/1', 22],
  ['networkError', 'SERVFAIL [qr rd ra] 1/0/0/1', 23],
]
for (const [verdict, head, ede] of verdicts) {
  test(`${verdict} is ${head} with EDE ${ede}`, () => {
    const made = reply(query({ edns: { size: 4096 } }), VERDICT[verdict])
    assert.equal(summary(made), head)
    assert.equal(edeIn(made), ede)
  })
}

test('id and question are copied, letter case included', () => {
  const bytes = query({ name: 'WwW.eXample.COM' })
  const made = reply(bytes)
  assert.equal(made.readUInt16BE(0), CLIENT_ID)
  assert.equal(read(made).questions?.[0]?.name, 'WwW.eXample.COM')
  assert.deepEqual(made.subarray(12), bytes.subarray(12))
})

const flags: [what: string, sent: number, head: string][] = [
  ['RD is copied', 0x0100, 'REFUSED [qr rd] 1/0/0/0'],
  ['no RD', 0, 'REFUSED [qr] 1/0/0/0'],
  ['CD is copied', 0x0110, 'REFUSED [qr rd cd] 1/0/0/0'],
  ['AA, TC, RA, Z and AD are not', 0x06e0, 'REFUSED [qr] 1/0/0/0'],
  ['a response code is not', 0x0103, 'REFUSED [qr rd] 1/0/0/0'],
]
for (const [what, sent, head] of flags) {
  test(`flags: ${what}`, () => {
    assert.equal(summary(reply(query({ flags: sent }))), head)
  })
}

test('the opcode is copied', () => {
  assert.equal(reply(query({ flags: 0x2000 })).readUInt16BE(2), 0x8000 | 0x2000 | 5)
})

test('no OPT without one in the query', () => {
  assert.equal(summary(reply(query())), 'REFUSED [qr rd] 1/0/0/0')
})

test('our size, DO as sent, version 0', () => {
  for (const dnssecOk of [true, false]) {
    const record = optIn(
      reply(query({ edns: { size: 4096, do: dnssecOk } }), VERDICT.prohibited, 1400),
    )
    assert.equal(record?.udpPayloadSize, 1400)
    assert.equal(record.flag_do, dnssecOk)
    assert.equal(record.ednsVersion, 0)
  }
})

test('other records of the query are not copied', () => {
  const bytes = query({ edns: { size: 4096, options: [{ code: 10, data: Buffer.alloc(8) }] } })
  assert.deepEqual(
    optIn(reply(bytes))?.options.map(({ code }) => code as unknown),
    [15],
  )
})

test('the longest name leaves it below 512 octets', () => {
  const name = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
  for (const verdict of Object.values(VERDICT)) {
    assert.ok(reply(query({ name, edns: { size: 512 } }), verdict).length < 512)
  }
})

const broken: [what: string, hex: string, expected: string][] = [
  ['nothing', '', '0000 8001 0000 0000 0000 0000'],
  ['one octet', '42', '4200 8001 0000 0000 0000 0000'],
  ['an id', '4243', '4243 8001 0000 0000 0000 0000'],
  ['a header', '4243 0110 0000 0000 0000 0000', '4243 8101 0000 0000 0000 0000'],
  ['an opcode', '4243 2000 0001 0000 0000 0000 ff', '4243 a001 0000 0000 0000 0000'],
]
for (const [what, hex, expected] of broken) {
  test(`format error for ${what}`, () => {
    const made = formatError(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    assert.equal(made.toString('hex'), expected.replaceAll(' ', ''))
  })
}

test('property: a reply can be read whatever the query', () => {
  const options = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 })
  fc.assert(
    fc.property(fc.nat(0x7fff), options, (sent, list) => {
      const bytes = query({
        flags: sent,
        edns: {
          size: 1232,
          options: list.map((data) => ({ code: 65001, data: Buffer.from(data) })),
        },
      })
      const made = reply(bytes)
      assert.equal(read(made).type, 'response')
      assert.equal(edeIn(made), 18)
    }),
  )
})
