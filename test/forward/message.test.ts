import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Answer, decode, encode, type Packet } from 'dns-packet'
import fc from 'fast-check'
import { messageEnd, optOf, SECTION, scanMessage } from '../../src/forward/message.ts'
import { a, opt, query, replyTo } from './messages.ts'

const header = (counts: string) => `4242 0100 ${counts}`
const scan = (hex: string) => scanMessage(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

const malformed: [what: string, hex: string][] = [
  ['nothing', ''],
  ['a cut header', '4242 0100 0001 0000 0000 00'],
  ['no question', header('0000 0000 0000 0000')],
  ['two questions', `${header('0002 0000 0000 0000')} 00 0001 0001 00 0001 0001`],
  ['a question that is missing', header('0001 0000 0000 0000')],
  ['a name without end', `${header('0001 0000 0000 0000')} 03 777777`],
  ['a label beyond the end', `${header('0001 0000 0000 0000')} 3f 777777 00 0001 0001`],
  ['a question without class', `${header('0001 0000 0000 0000')} 00 0001 00`],
  ['a question name that is a pointer', `${header('0001 0000 0000 0000')} c00c 0001 0001`],
  ['a question name that ends in one', `${header('0001 0000 0000 0000')} 0177 c00c 0001 0001`],
  ['a label of kind 01', `${header('0001 0000 0000 0000')} 41 00 00 0001 0001`],
  ['a label of kind 10', `${header('0001 0000 0000 0000')} 80 00 00 0001 0001`],
  [
    'a name of 256 octets',
    `${header('0001 0000 0000 0000')} ${'0161'.repeat(127)} 0161 00 0001 0001`,
  ],
  ['a missing record', `${header('0001 0001 0000 0000')} 00 0001 0001`],
  ['half a pointer', `${header('0001 0001 0000 0000')} 00 0001 0001 c0`],
  [
    'rdata beyond the end',
    `${header('0001 0000 0000 0001')} 00 0001 0001 00 0029 04d0 00000000 0001`,
  ],
  [
    'more records than octets',
    `${header('0001 ffff ffff ffff')} 00 0001 0001 00 0001 0001 00000000 0000`,
  ],
]

for (const [what, hex] of malformed) {
  test(`malformed: ${what}`, () => {
    assert.equal(scan(hex), undefined)
  })
}

test('the root has a name of one octet', () => {
  const message = scan(`${header('0001 0000 0000 0000')} 00 0002 0001`)
  assert.equal(message?.questionEnd, 17)
  assert.equal(message.type, 2)
})

test('a name of 255 octets is the longest', () => {
  const message = scan(`${header('0001 0000 0000 0000')} ${'0161'.repeat(127)} 00 0001 0001`)
  assert.equal(message?.questionEnd, 12 + 255 + 4)
})

test('a pointer to itself is a name like any other here', () => {
  const message = scan(`${header('0001 0001 0000 0000')} 00 0001 0001 c011 0001 0001 00000000 0000`)
  assert.equal(message?.records.length, 1)
})

test('octets after the last record are no part of the message', () => {
  const message = scan(`${header('0001 0000 0000 0000')} 00 0001 0001 deadbeef`)
  assert.ok(message !== undefined)
  assert.equal(messageEnd(message), 17)
})

test('OPT is found in the additional section at the root only', () => {
  const record = '0029 04d0 01 00 8000 0000'
  const found = scan(`${header('0001 0000 0000 0001')} 00 0001 0001 00 ${record}`)
  assert.deepEqual(found && optOf(found), {
    record: { section: SECTION.additional, type: 41, start: 17, rdata: 28, end: 28 },
    udpSize: 1232,
    extendedRcode: 1,
    dnssecOk: true,
  })
  const answer = scan(`${header('0001 0001 0000 0000')} 00 0001 0001 00 ${record}`)
  assert.equal(answer && optOf(answer), undefined)
  const owned = scan(`${header('0001 0000 0000 0001')} 00 0001 0001 0177 00 ${record}`)
  assert.equal(owned && optOf(owned), undefined)
})

test('sections, types and bounds of every record', () => {
  const bytes = replyTo(query(), {
    answers: [a('www.example.com'), a('www.example.com', '203.0.113.2')],
    authorities: [{ type: 'NS', name: 'example.com', ttl: 60, data: 'ns.example.com' }],
    additionals: [a('ns.example.com'), opt(1232)],
  })
  const message = scanMessage(bytes)
  assert.ok(message !== undefined)
  assert.deepEqual(
    message.records.map(({ section, type }) => [section, type]),
    [
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 1],
      [2, 41],
    ],
  )
  assert.equal(message.records[0]?.start, message.questionEnd)
  assert.equal(messageEnd(message), bytes.length)
})

const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/)
const name = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'))
const ttl = fc.nat(2 ** 31 - 1)
const record: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ type: fc.constant('A' as const), name, ttl, data: fc.ipV4() }),
  fc.record({ type: fc.constant('AAAA' as const), name, ttl, data: fc.constant('2001:db8::1') }),
  fc.record({ type: fc.constant('CNAME' as const), name, ttl, data: name }),
  fc.record({
    type: fc.constant('TXT' as const),
    name,
    ttl,
    data: fc.uint8Array({ maxLength: 255 }).map((octets) => [Buffer.from(octets)]),
  }),
  fc.record({
    type: fc.constant('SRV' as const),
    name,
    ttl,
    data: fc.record({
      priority: fc.nat(65535),
      weight: fc.nat(65535),
      port: fc.nat(65535),
      target: name,
    }),
  }),
)
const records = fc.array(record, { maxLength: 8 })
const packet: fc.Arbitrary<Packet> = fc.record({
  type: fc.constant('response' as const),
  id: fc.nat(65535),
  questions: name.map((owner) => [{ type: 'A' as const, name: owner }]),
  answers: records,
  authorities: records,
  additionals: fc
    .tuple(records, fc.boolean())
    .map(([list, edns]) => (edns ? [...list, opt(1400)] : list)),
})

test('property: agrees with an independent decoder on valid messages', () => {
  fc.assert(
    fc.property(packet, (made) => {
      const bytes = encode(made)
      const decoded = decode(bytes)
      const message = scanMessage(bytes)
      assert.ok(message !== undefined)
      assert.equal(messageEnd(message), bytes.length)
      const sections = [decoded.answers, decoded.authorities, decoded.additionals]
      sections.forEach((list = [], section) => {
        assert.equal(message.records.filter((each) => each.section === section).length, list.length)
      })
      const edns = decoded.additionals?.find(({ type }) => type === 'OPT')
      assert.equal(optOf(message)?.udpSize, edns === undefined ? undefined : 1400)
    }),
  )
})

test('property: no octets make it throw, and what it finds lies inside', () => {
  const start = fc.constantFrom(Buffer.alloc(0), query(), replyTo(query(), { answers: [a('x.y')] }))
  const octets = fc.uint8Array({ maxLength: 600 })
  fc.assert(
    fc.property(start, octets, fc.nat(60), (valid, noise, at) => {
      const bytes = Buffer.concat([valid.subarray(0, at), noise])
      const message = scanMessage(bytes)
      if (message === undefined) return
      assert.ok(messageEnd(message) <= bytes.length)
      for (const each of message.records) {
        assert.ok(each.start < each.rdata && each.rdata <= each.end)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('property: no damage to a valid message makes it throw', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 10 })
  fc.assert(
    fc.property(packet, damage, (made, changes) => {
      const bytes = encode(made)
      for (const [at, octet] of changes) bytes[at % bytes.length] = octet
      const message = scanMessage(bytes)
      if (message !== undefined) optOf(message)
    }),
    { numRuns: 500 },
  )
})
