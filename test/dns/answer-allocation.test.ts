import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Config } from '../../src/config/schema.ts'
import { createCounters, ThreadCounters } from '../../src/counters/index.ts'
import { Handler } from '../../src/dns/handler.ts'
import type { DatagramSource } from '../../src/dns/source.ts'
import { FRESHNESS, Freshness, type FreshnessLevel } from '../../src/freshness.ts'
import { OPTION, TYPE } from '../../src/net/dns-numbers.ts'
import { answererOf, encode, type Question, u16 } from './question.ts'

// The young generation holds more than a round can allocate, so that growth is what was allocated.
const ROUND = 10_000
const WARM_UP = 20_000
const MAX_ROUNDS = 20
/** The smallest object has 16 octets; what this test does itself comes to some kilobytes a round. */
const OCTETS_PER_ANSWER = 4

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const LINES = [
  ...Array.from({ length: 3 }, (_, i) => `web.marathon.mesos. - A 10.0.0.${i + 1}`),
  'web.marathon.mesos. - AAAA fd00::1',
  ...Array.from({ length: 40 }, (_, i) => [
    `_web._tcp.marathon.mesos. - SRV 0 1 ${31000 + i} web-${i % 20}.marathon.mesos.`,
    `web-${i % 20}.marathon.mesos. - A 10.1.0.${i % 20}`,
    `web-${i % 20}.marathon.mesos. - AAAA fd00::${i % 20}`,
  ]).flat(),
  ...Array.from({ length: 200 }, (_, i) => `many.mesos. - A 10.2.0.${i + 1}`),
  'ns1.mesos. - A 10.0.0.53',
  'www.mesos. - CNAME web.marathon.mesos.',
  'note.mesos. - TXT hello',
  '1.0.0.10.in-addr.arpa. - PTR web.marathon.mesos.',
]

const CLIENT = Uint8Array.of(10, 0, 0, 9)
const source: DatagramSource = {
  family: 4,
  address: () => '10.0.0.9',
  addressOctets: () => CLIENT,
  detach: () => assert.fail('nothing is sent later here'),
}

/** The least octets that a round of answers allocates: whatever else goes on only adds to them. */
function leastGrowth(
  question: Question | Uint8Array,
  change: Partial<Config>,
  level: FreshnessLevel,
): number {
  const freshness = new Freshness()
  freshness.level = level
  const message = question instanceof Uint8Array ? question : encode(question)
  const slot = new Uint8Array(4096)
  slot.set(message)
  const out = new Uint8Array(4096)
  const handler = new Handler(
    answererOf(LINES, change, freshness),
    { forward: () => assert.fail('nothing is forwarded here') },
    new ThreadCounters(createCounters()),
    (fault) => assert.fail(fault),
  )
  const answerAll = (count: number) => {
    for (let i = 0; i < count; i++) handler.datagram(slot, message.length, out, source)
  }
  answerAll(WARM_UP)
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < MAX_ROUNDS && least > ROUND * OCTETS_PER_ANSWER; round++) {
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    answerAll(ROUND)
    const growth = process.memoryUsage().heapUsed - before
    // Had there been a collection, it would tell nothing.
    if (growth >= 0) least = Math.min(least, growth)
  }
  return least
}

const web = { name: 'web.marathon.mesos.' }
const srv = { name: '_web._tcp.marathon.mesos.', type: TYPE.SRV }
const many = { name: 'many.mesos.' }
const cookie = { code: OPTION.COOKIE, octets: Buffer.alloc(8, 7) }
const subnet = {
  code: OPTION.CLIENT_SUBNET,
  octets: Buffer.concat([u16(1, 24 << 8), CLIENT.subarray(0, 3)]),
}

describe('nothing is allocated for', () => {
  const cases: readonly (readonly [what: string, Question | Uint8Array, Partial<Config>?])[] = [
    ['A', web],
    ['A with EDNS', { ...web, edns: {} }],
    ['A in mixed case', { name: 'Web.MARATHON.mesos.', edns: {} }],
    ['A in turn', { ...web, edns: {} }, { ordering: 'roundrobin' }],
    ['A in fixed order', { ...web, edns: {} }, { ordering: 'fixed' }],
    ['some of many A', { ...many, edns: {} }, { maxAnswers: 3 }],
    ['AAAA', { ...web, type: TYPE.AAAA, edns: {} }],
    ['SRV with glue', { ...srv, edns: { payload: 4096 } }, { ednsBufferSize: 4096 }],
    ['SRV, cut', srv],
    ['A, cut', many],
    ['A, cut, in turn', many, { ordering: 'roundrobin' }],
    ['CNAME and A', { name: 'www.mesos.', edns: {} }],
    ['TXT', { name: 'note.mesos.', type: TYPE.TXT, edns: {} }],
    ['PTR', { name: '1.0.0.10.in-addr.arpa.', type: TYPE.PTR, edns: {} }],
    ['SOA of the apex', { name: 'mesos.', type: TYPE.SOA, edns: {} }],
    ['NS of the apex', { name: 'mesos.', type: TYPE.NS, edns: {} }],
    ['ANY', { ...web, type: TYPE.ANY, edns: {} }],
    ['NODATA', { ...web, type: TYPE.MX }],
    ['NODATA with EDNS', { ...web, type: TYPE.MX, edns: {} }],
    ['NXDOMAIN', { name: 'nope.marathon.mesos.' }],
    ['NXDOMAIN with EDNS', { name: 'nope.marathon.mesos.', edns: {} }],
    ['names with .*', { name: 'web.*.marathon.mesos.', edns: {} }],
    ['a cookie', { ...web, edns: { options: [cookie] } }],
    ['NSID', { ...web, edns: { options: [{ code: OPTION.NSID, octets: Buffer.alloc(0) }] } }],
    ['a client subnet', { ...web, edns: { options: [subnet] } }, { resolvSubnetFirst: true }],
    ['near addresses', { ...web, edns: {} }, { resolvSubnetFirst: true }],
    ['REFUSED', { name: 'mesos.', type: TYPE.AXFR, edns: {} }],
    ['BADVERS', { ...web, edns: { version: 1 } }],
    ['FORMERR', { ...web, counts: [2, 0, 0, 0] }],
    ['NOTIMP', { ...web, opcode: 5 }],
    ['responses', { ...web, flags: 0x8000 }],
  ]
  for (const [what, question, change = {}] of cases) {
    test(what, () => {
      const growth = leastGrowth(question, change, FRESHNESS.FRESH)
      assert.ok(growth <= ROUND * OCTETS_PER_ANSWER, `${growth / ROUND} octets an answer`)
    })
  }
  for (const level of ['STALE', 'EXPIRED'] as const) {
    for (const [what, question] of [
      ['A', { ...web, edns: {} }],
      ['A without EDNS', web],
      ['NXDOMAIN', { name: 'nope.marathon.mesos.', edns: {} }],
      ['SRV with glue', { ...srv, edns: {} }],
    ] as const) {
      test(`${what}, ${level.toLowerCase()}`, () => {
        const growth = leastGrowth(question, {}, FRESHNESS[level])
        assert.ok(growth <= ROUND * OCTETS_PER_ANSWER, `${growth / ROUND} octets an answer`)
      })
    }
  }
})

test('an allocation would be noticed', () => {
  const question = { name: 'id.server.', type: TYPE.TXT, qclass: 3 }
  const growth = leastGrowth(question, { chaosOn: true }, FRESHNESS.FRESH)
  assert.ok(growth > ROUND * 16, `${growth / ROUND} octets an answer`)
})
