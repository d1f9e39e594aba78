import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, encode } from 'dns-packet'
import fc from 'fast-check'
import { type Message, messageEnd, scanMessage } from '../../src/forward/message.ts'
import { withoutOpt } from '../../src/forward/opt-removal.ts'
import { a, opt, query, read, replyTo } from './messages.ts'

const OPT = '00 0029 04d0 00000000 0004 000a 0000'

function scanned(bytes: Buffer): Message {
  const message = scanMessage(bytes)
  assert.ok(message !== undefined)
  return message
}

function fromHex(hex: string): Message {
  return scanned(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

test('a message without OPT is handed back as it is', () => {
  const message = scanned(replyTo(query(), { answers: [a('www.example.com')] }))
  assert.equal(withoutOpt(message), message)
})

test('at the end it is a plain cut', () => {
  const bare = replyTo(query(), { answers: [a('www.example.com')] })
  const message = withoutOpt(
    scanned(replyTo(query(), { answers: [a('www.example.com')], additionals: [opt(1232)] })),
  )
  assert.deepEqual(message.bytes, bare)
  assert.equal(messageEnd(message), bare.length)
})

const question = '01 61 00 0001 0001'
const positions: [what: string, hex: string, expected: string][] = [
  [
    'before an address',
    `4242 8180 0001 0000 0000 0002 ${question} ${OPT} c00c 0001 0001 0000003c 0004 c0000201`,
    `4242 8180 0001 0000 0000 0001 ${question} c00c 0001 0001 0000003c 0004 c0000201`,
  ],
  [
    'in the answer section',
    `4242 8180 0001 0002 0000 0000 ${question} ${OPT} c00c 0001 0001 0000003c 0004 c0000201`,
    `4242 8180 0001 0001 0000 0000 ${question} c00c 0001 0001 0000003c 0004 c0000201`,
  ],
  [
    'in the authority section, and names behind it point past it',
    // OPT at 19..34, NS at 34 with its data at 46, A owned by what the NS names.
    `4242 8180 0001 0000 0002 0001 ${question} ${OPT} c00c 0002 0001 0000003c 0005 026e73 c00c c02e 0001 0001 0000003c 0004 c0000201`,
    `4242 8180 0001 0000 0001 0001 ${question} c00c 0002 0001 0000003c 0005 026e73 c00c c01f 0001 0001 0000003c 0004 c0000201`,
  ],
  [
    'address octets that look like a pointer stay',
    `4242 8180 0001 0000 0000 0002 ${question} ${OPT} c00c 0001 0001 0000003c 0004 c0ffc0ff`,
    `4242 8180 0001 0000 0000 0001 ${question} c00c 0001 0001 0000003c 0004 c0ffc0ff`,
  ],
]

for (const [what, hex, expected] of positions) {
  test(`OPT ${what}`, () => {
    const { bytes, records } = withoutOpt(fromHex(hex))
    assert.equal(bytes.toString('hex'), expected.replaceAll(' ', ''))
    assert.deepEqual(records, scanned(bytes).records)
  })
}

test('a message with two is malformed (RFC 6891 §6.1.1)', () => {
  const hex = `4242 8180 0001 0000 0000 0002 ${question} ${OPT} ${OPT}`
  assert.equal(scanMessage(Buffer.from(hex.replaceAll(' ', ''), 'hex')), undefined)
})

test('property: inserted anywhere into a compressed message, it leaves that message behind', () => {
  // Every name after the first points back to one before it, in owners and in data.
  const makers: readonly ((owner: number) => [rdata: string, nameAt: number])[] = [
    (target) => [`c0${hex8(target)}`, 0], // as CNAME, NS, PTR
    (target) => [`000a c0${hex8(target)}`, 2], // MX
    (target) => [`0001 0002 0050 c0${hex8(target)}`, 6], // SRV
    (target) => [`c0${hex8(target)} c0${hex8(target)} ${'00000001'.repeat(5)}`, 0], // SOA
  ]
  const types = ['0005', '000f', '0021', '0006'] as const
  const kinds = fc.array(fc.nat(3), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(kinds, fc.nat(6), fc.nat(2), (list, place, optSection) => {
      const section = [0, 0, 0]
      const build = (withOpt: boolean) => {
        const counts = [0, 0, 0]
        let body = ''
        let last = 12
        const insertAt = Math.min(place, list.length)
        const length = () => 19 + body.replaceAll(' ', '').length / 2
        const add = (at: number) => {
          if (withOpt && at === insertAt) {
            body += OPT
            counts[optSection] = (counts[optSection] ?? 0) + 1
          }
        }
        list.forEach((kind, i) => {
          add(i)
          const start = length()
          const [rdata] = makers[kind]?.(last) ?? ['']
          const octets = rdata.replaceAll(' ', '').length / 2
          body += `01 6e c0${hex8(last)} ${types[kind]} 0001 0000003c ${hex16(octets)} ${rdata}`
          // Records before the OPT's section count there, so that sections stay in order.
          const own = i < insertAt ? Math.min(optSection, section.length - 1) : 2
          counts[own] = (counts[own] ?? 0) + 1
          last = start
        })
        add(list.length)
        return fromHex(`4242 8180 0001 ${counts.map(hex16).join(' ')} ${question} ${body}`)
      }
      const removed = withoutOpt(build(true))
      const never = build(false)
      assert.equal(removed.bytes.toString('hex'), never.bytes.toString('hex'))
    }),
  )
})

test('property: no message makes it throw, and no OPT is left', () => {
  const extra: Answer[] = [opt(1232), a('n.example.com'), opt(512), a('m.n.example.com')]
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 })
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = replyTo(query(), {
        answers: [{ type: 'CNAME', name: 'www.example.com', ttl: 1, data: 'x.example.com' }],
        additionals: extra,
      })
      for (const [at, octet] of changes) bytes[at % bytes.length] = octet
      const message = scanMessage(bytes)
      if (message === undefined) return
      const { bytes: rest } = withoutOpt(message)
      const again = scanMessage(rest)
      assert.ok(again !== undefined)
      assert.ok(again.records.every(({ type }) => type !== 41))
    }),
    { numRuns: 1_000 },
  )
})

test('a whole reply reads the same without it', () => {
  const parts = {
    answers: [
      { type: 'CNAME', name: 'www.example.com', ttl: 1, data: 'x.example.com' },
    ] as Answer[],
    authorities: [{ type: 'NS', name: 'example.com', ttl: 1, data: 'ns.example.com' }] as Answer[],
  }
  const glue = a('ns.example.com')
  const first = scanned(replyTo(query(), { ...parts, additionals: [opt(1232), glue] }))
  const never = replyTo(query(), { ...parts, additionals: [glue] })
  assert.deepEqual(read(withoutOpt(first).bytes).additionals, read(never).additionals)
  assert.equal(encode(read(withoutOpt(first).bytes)).length, encode(read(never)).length)
})

function hex8(value: number): string {
  assert.ok(value < 256)
  return value.toString(16).padStart(2, '0')
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, '0')
}
