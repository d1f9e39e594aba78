// What is told of the age of the zone, and when nothing is told any more.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Config } from '../../src/config/schema.ts'
import { FORWARD } from '../../src/dns/answer.ts'
import { joinTarget } from '../../src/dns/foreign-alias.ts'
import { FRESHNESS, Freshness, type FreshnessLevel } from '../../src/freshness.ts'
import { OPTION, RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { extendedErrors, opt, withoutExtendedErrors } from './opt.ts'
import { answererOf, ask, header, nameOctets, type Question, reply, u16 } from './question.ts'

const LINES = [
  ...Array.from({ length: 60 }, (_, i) => [
    `_web._tcp.marathon.mesos. - SRV 0 1 ${31000 + i} web-${i}.marathon.mesos.`,
    `web-${i}.marathon.mesos. - A 10.1.0.${i}`,
    `many.mesos. - A 10.2.0.${i}`,
  ]).flat(),
  'web.marathon.mesos. - A 10.0.0.1',
  'ns1.mesos. - A 10.0.0.53',
  'www.mesos. - CNAME web.marathon.mesos.',
  'gone.mesos. - CNAME nothing.mesos.',
  'out.mesos. - CNAME www.example.',
  'note.mesos. - TXT hello',
  '1.0.0.10.in-addr.arpa. - PTR web.marathon.mesos.',
]

/** The octets of an extended DNS error without a text. */
const OPTION_OCTETS = 6
const CLIENT = Uint8Array.of(10, 0, 0, 9)
const EXPIRED = '22 no word from a leading master'

const nsid = { code: OPTION.NSID, octets: Buffer.alloc(0) }
const cookie = { code: OPTION.COOKIE, octets: Buffer.alloc(8, 7) }
const keepalive = { code: OPTION.TCP_KEEPALIVE, octets: Buffer.alloc(0) }
const subnet = {
  code: OPTION.CLIENT_SUBNET,
  octets: Buffer.concat([u16(1, 24 << 8), CLIENT.subarray(0, 3)]),
}
const badSubnet = { code: OPTION.CLIENT_SUBNET, octets: u16(9) }

function aged(level: FreshnessLevel, change: Partial<Config> = {}, lines = LINES) {
  const freshness = new Freshness()
  freshness.level = level
  return answererOf(lines, change, freshness)
}

/** What is asked, the RCODE while it is answered, and what says that the answer is stale. */
const OWN: readonly (readonly [
  what: string,
  question: Question,
  rcode: number,
  stale: string,
  change?: Partial<Config>,
])[] = [
  ['A', { name: 'web.marathon.mesos.' }, RCODE.NOERROR, '3'],
  ['A in mixed case', { name: 'WEB.Marathon.mesos.' }, RCODE.NOERROR, '3'],
  ['A with a star', { name: 'web.*.marathon.mesos.' }, RCODE.NOERROR, '3'],
  ['SRV', { name: '_web._tcp.marathon.mesos.', type: TYPE.SRV }, RCODE.NOERROR, '3'],
  ['a static record', { name: 'note.mesos.', type: TYPE.TXT }, RCODE.NOERROR, '3'],
  ['a CNAME of ours', { name: 'www.mesos.' }, RCODE.NOERROR, '3'],
  ['a CNAME to nothing', { name: 'gone.mesos.' }, RCODE.NXDOMAIN, '19'],
  ['a CNAME out of the domain', { name: 'out.mesos.', flags: 0 }, RCODE.NOERROR, '3'],
  ['SOA', { name: 'mesos.', type: TYPE.SOA }, RCODE.NOERROR, '3'],
  ['NS', { name: 'mesos.', type: TYPE.NS }, RCODE.NOERROR, '3'],
  ['PTR', { name: '1.0.0.10.in-addr.arpa.', type: TYPE.PTR }, RCODE.NOERROR, '3'],
  ['NODATA of a reverse name', { name: '1.0.0.10.in-addr.arpa.' }, RCODE.NOERROR, '3'],
  ['ANY', { name: 'web.marathon.mesos.', type: TYPE.ANY }, RCODE.NOERROR, '3'],
  ['NODATA', { name: 'web.marathon.mesos.', type: TYPE.AAAA }, RCODE.NOERROR, '3'],
  ['an empty non-terminal', { name: '_tcp.marathon.mesos.' }, RCODE.NOERROR, '3'],
  ['NXDOMAIN', { name: 'nope.mesos.' }, RCODE.NXDOMAIN, '19'],
  [
    'NOERROR where it would be NXDOMAIN',
    { name: '_nope._tcp.mesos.', type: TYPE.SRV },
    RCODE.NOERROR,
    '3',
    { compat: { srvMissNoError: true, soaMinimumFromTtl: false } },
  ],
]

/** What has nothing to do with the state of the cluster. */
const OTHERS: readonly (readonly [what: string, question: Question, change?: Partial<Config>])[] = [
  ['AXFR', { name: 'mesos.', type: TYPE.AXFR, edns: {} }],
  ['IXFR', { name: 'mesos.', type: TYPE.IXFR, edns: {} }],
  ['class CH', { name: 'id.server.', type: TYPE.TXT, qclass: 3, edns: {} }, { chaosOn: true }],
  ['class CH, off', { name: 'id.server.', type: TYPE.TXT, qclass: 3, edns: {} }],
  ['class ANY', { qclass: 255, edns: {} }],
  ['BADVERS', { edns: { version: 1 } }],
  ['FORMERR', { counts: [2, 0, 0, 0] }],
  ['a malformed subnet', { edns: { options: [badSubnet] } }, { resolvSubnetFirst: true }],
  ['a malformed cookie', { edns: { options: [{ ...cookie, octets: Buffer.alloc(7) }] } }],
  ['NOTIMP', { opcode: 5, edns: {} }],
]

describe('stale', () => {
  for (const [what, question, rcode, code, change] of OWN) {
    for (const transport of ['udp', 'tcp'] as const) {
      test(`${what}, ${transport}`, () => {
        const edns = { payload: 4096, flags: 0x8000 }
        const roomy = { ...change, ednsBufferSize: 4096 }
        const marked = reply(aged(FRESHNESS.STALE, roomy), { ...question, edns }, transport)
        assert.deepEqual(extendedErrors(marked), [code])
        assert.equal(header(marked).rcode, rcode)
        assert.equal(header(marked).aa, true)
        const fresh = reply(aged(FRESHNESS.FRESH, roomy), { ...question, edns }, transport)
        assert.deepEqual(extendedErrors(fresh), [])
        assert.deepEqual(withoutExtendedErrors(marked), fresh)
      })
    }

    test(`${what} without EDNS is the fresh answer`, () => {
      const marked = reply(aged(FRESHNESS.STALE, change), question)
      assert.deepEqual(marked, reply(aged(FRESHNESS.FRESH, change), question))
    })
  }

  test('the other options stay', () => {
    const edns = { payload: 1232, options: [nsid, cookie, keepalive, subnet] }
    const answerer = aged(FRESHNESS.STALE, { resolvSubnetFirst: true })
    const { options } = opt(reply(answerer, { name: 'www.mesos.', edns }, 'tcp', CLIENT))
    assert.deepEqual(
      options.map(({ code }) => code),
      [3, 15, 11, 8, 10],
    )
  })
})

describe('expired', () => {
  for (const [what, question, , , change] of OWN) {
    for (const transport of ['udp', 'tcp'] as const) {
      test(`${what}, ${transport}`, () => {
        const answerer = aged(FRESHNESS.EXPIRED, change)
        const refused = reply(answerer, { ...question, edns: {} }, transport)
        assert.deepEqual(extendedErrors(refused), [EXPIRED])
        const { rcode, aa, tc, counts } = header(refused)
        assert.deepEqual({ rcode, aa, tc }, { rcode: RCODE.SERVFAIL, aa: false, tc: false })
        assert.deepEqual(counts, [1, 0, 0, 1])
        assert.equal(answerer.foreignTarget, 0)
        const { rcode: bare, counts: none } = header(reply(answerer, question, transport))
        assert.deepEqual([bare, none], [RCODE.SERVFAIL, [1, 0, 0, 0]])
      })
    }
  }

  test('fits into 512 octets whatever else is said', () => {
    const label = 'x'.repeat(63)
    const name = `${label}.${label}.${label}.${'y'.repeat(55)}.mesos.`
    assert.equal(nameOctets(name).length, 255)
    const change = { nsid: 'n'.repeat(128), resolvSubnetFirst: true }
    const address = Buffer.alloc(16, 0xfd)
    const octets = Buffer.concat([u16(2, 128 << 8), address])
    const options = [nsid, { ...cookie }, { code: OPTION.CLIENT_SUBNET, octets }]
    const question = { name, edns: { payload: 512, options } }
    const refused = reply(aged(FRESHNESS.EXPIRED, change), question, 'udp', CLIENT)
    assert.ok(refused.length <= 512, `${refused.length} octets`)
    assert.deepEqual(extendedErrors(refused), [EXPIRED])
    assert.equal(opt(refused).options.length, 4)
  })

  test('before there is a zone, that is what is said', () => {
    const freshness = new Freshness()
    freshness.level = FRESHNESS.EXPIRED
    assert.deepEqual(extendedErrors(reply(answererOf(undefined, {}, freshness), { edns: {} })), [
      '14',
    ])
  })
})

describe('names that are not ours, whatever the level', () => {
  for (const level of [FRESHNESS.STALE, FRESHNESS.EXPIRED]) {
    for (const name of ['example.com.', '9.9.9.10.in-addr.arpa.', 'xmesos.']) {
      test(`${name} at ${level}`, () => {
        assert.equal(ask(aged(level), { name, type: TYPE.PTR, edns: {} }), FORWARD)
      })
    }
  }
})

describe('what does not depend on it', () => {
  for (const [what, question, change] of OTHERS) {
    test(what, () => {
      const fresh = ask(aged(FRESHNESS.FRESH, change), question, 'udp', CLIENT)
      for (const level of [FRESHNESS.STALE, FRESHNESS.EXPIRED]) {
        assert.deepEqual(ask(aged(level, change), question, 'udp', CLIENT), fresh)
      }
    })
  }
})

test('a level holds from one answer to the next', () => {
  const freshness = new Freshness()
  const answerer = answererOf(LINES, {}, freshness)
  // The control thread has another object on the same memory.
  const control = new Freshness(freshness.buffer)
  const seen = () => extendedErrors(reply(answerer, { name: 'www.mesos.', edns: {} }))
  const { FRESH, STALE, EXPIRED: GONE } = FRESHNESS
  const levels = [FRESH, STALE, FRESH, GONE, STALE, FRESH]
  assert.deepEqual(
    levels.map((level) => {
      control.level = level
      return seen()
    }),
    [[], ['3'], [], [EXPIRED], ['3'], []],
  )
})

/** Asserts that the stale reply is the fresh one, marked if and only if there is room for the mark. */
function assertMarkedIfRoom(stale: Buffer, fresh: Buffer, limit: number): void {
  assert.deepEqual(withoutExtendedErrors(stale), fresh)
  const fits = fresh.length + OPTION_OCTETS <= limit
  assert.equal(extendedErrors(stale).length, fits ? 1 : 0, `${fresh.length} octets of ${limit}`)
  assert.ok(stale.length <= limit)
}

describe('no record goes for the mark, and TC is not set for it', () => {
  for (const [name, type] of [
    ['many.mesos.', TYPE.A],
    ['_web._tcp.marathon.mesos.', TYPE.SRV],
    ['web.marathon.mesos.', TYPE.A],
    ['nope.mesos.', TYPE.A],
  ] as const) {
    test(`${name}, octet by octet`, () => {
      const change = { ednsBufferSize: 4096 }
      const [stale, fresh] = [aged(FRESHNESS.STALE, change), aged(FRESHNESS.FRESH, change)]
      const seen = new Set<string>()
      for (let payload = 512; payload <= 4096; payload++) {
        const question = { name, type, edns: { payload } }
        const [one, other] = [reply(stale, question), reply(fresh, question)]
        assertMarkedIfRoom(one, other, payload)
        seen.add(`${header(one).tc} ${extendedErrors(one).length}`)
      }
      // The larger ones come to all cases: cut and whole, with and without room.
      if (name === 'many.mesos.' || type === TYPE.SRV) assert.ok(seen.size >= 3, [...seen].join())
    })
  }

  test('whatever the query and the settings', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OWN.map(([, question]) => question), {
          name: 'many.mesos.',
          type: TYPE.A,
        }),
        fc.integer({ min: 0, max: 4500 }),
        fc.subarray([nsid, cookie, keepalive, subnet]),
        fc.constantFrom('udp', 'tcp'),
        fc.record({
          ordering: fc.constantFrom('random', 'roundrobin', 'fixed'),
          maxAnswers: fc.integer({ min: 0, max: 70 }),
          setTruncateBit: fc.boolean(),
          resolvSubnetFirst: fc.boolean(),
          ednsBufferSize: fc.integer({ min: 512, max: 4096 }),
          nsid: fc.string({ minLength: 0, maxLength: 40, unit: 'grapheme-ascii' }),
        }),
        (question, payload, options, transport, change) => {
          const asked = { ...question, edns: { payload, options } }
          const one = reply(aged(FRESHNESS.STALE, change), asked, transport, CLIENT)
          const other = reply(aged(FRESHNESS.FRESH, change), asked, transport, CLIENT)
          const limit = Math.min(Math.max(payload, 512), change.ednsBufferSize)
          assertMarkedIfRoom(one, other, transport === 'tcp' ? 65_535 : limit)
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('a CNAME out of the domain, joined to what it points to', () => {
  const question = { name: 'out.mesos.', edns: { payload: 512 } }
  const stale = reply(aged(FRESHNESS.STALE), question)
  const fresh = reply(aged(FRESHNESS.FRESH), question)

  /** An upstream's reply of so many addresses. */
  function upstream(count: number, rcode: number = RCODE.NOERROR): Buffer {
    const name = nameOctets('www.example.')
    const head = Buffer.concat([u16(0x1234, 0x8180 | rcode, 1, count, 0, 0), name, u16(1, 1)])
    const records = Array.from({ length: count }, (_, i) =>
      Buffer.concat([u16(0xc00c, 1, 1, 0, 60, 4), Buffer.of(203, 0, 113, i)]),
    )
    return Buffer.concat([head, ...records])
  }

  for (const [what, rcode, expected] of [
    ['found', RCODE.NOERROR, RCODE.NOERROR],
    ['not there', RCODE.NXDOMAIN, RCODE.NXDOMAIN],
    ['failed', RCODE.SERVFAIL, RCODE.SERVFAIL],
    ['refused', RCODE.REFUSED, RCODE.NOERROR],
  ] as const) {
    test(`${what}: still marked, as it is our CNAME that is stale`, () => {
      const joined = Buffer.from(joinTarget(stale, upstream(rcode === 0 ? 2 : 0, rcode), 512))
      assert.deepEqual(extendedErrors(joined), ['3'])
      assert.equal(header(joined).rcode, expected)
    })
  }

  test('no record goes for the mark, octet by octet', () => {
    const seen = new Set<string>()
    for (let count = 0; count <= 30; count++) {
      for (let limit = 512; limit <= 600; limit++) {
        const found = upstream(count)
        const one = Buffer.from(joinTarget(stale, found, limit))
        assertMarkedIfRoom(one, Buffer.from(joinTarget(fresh, found, limit)), limit)
        seen.add(`${header(one).tc} ${extendedErrors(one).length}`)
      }
    }
    assert.deepEqual([...seen].sort(), ['false 0', 'false 1', 'true 0', 'true 1'])
  })
})
