import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FORWARD } from '../../src/dns/answer.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { decode, presentation, sorted } from '../presentation.ts'
import { answererOf, ask, header, type Question, reply } from './question.ts'

const ZONE = [
  'leader.mesos. - A 10.0.0.1',
  'ns1.mesos. - A 10.0.0.53',
  'ns1.mesos. - AAAA fd00::53',
  'web.marathon.mesos. - A 10.3.0.1',
  'web.marathon.mesos. - A 10.3.0.2',
  'web.marathon.mesos. 5 AAAA fd01::1',
  'web-a1b2c-s0.marathon.mesos. - A 10.3.0.1',
  'web-a1b2c-s0.marathon.mesos. - AAAA fd01::1',
  'web-d3e4f-s1.marathon.mesos. - A 10.3.0.2',
  '_web._tcp.marathon.mesos. - SRV 0 1 31000 web-a1b2c-s0.marathon.mesos.',
  '_web._tcp.marathon.mesos. - SRV 0 1 31001 web-a1b2c-s0.marathon.mesos.',
  '_web._tcp.marathon.mesos. - SRV 0 1 31000 web-d3e4f-s1.marathon.mesos.',
  'note.mesos. 300 TXT hello world',
  'www.mesos. - CNAME web.marathon.mesos.',
  'chain.mesos. - CNAME www.mesos.',
  'dangling.mesos. - CNAME gone.mesos.',
  'nodata.mesos. - CNAME note.mesos.',
  'outside.mesos. - CNAME www.example.com.',
  'loop.mesos. - CNAME pool.mesos.',
  'pool.mesos. - CNAME loop.mesos.',
]

const SOA = 'mesos. 60 SOA ns1.mesos. root.ns1.mesos. 1700000000 60 600 86400 60'
const answerer = answererOf(ZONE)

interface Case {
  readonly what: string
  readonly ask: Question
  readonly rcode?: number
  readonly answer?: readonly string[]
  readonly authority?: readonly string[]
  readonly additional?: readonly string[]
}

const cases: readonly Case[] = [
  {
    what: 'A with several records',
    ask: { name: 'web.marathon.mesos.' },
    answer: ['web.marathon.mesos. 60 A 10.3.0.1', 'web.marathon.mesos. 60 A 10.3.0.2'],
  },
  {
    what: 'AAAA with a TTL of its own',
    ask: { name: 'web.marathon.mesos.', type: TYPE.AAAA },
    answer: ['web.marathon.mesos. 5 AAAA fd01::1'],
  },
  {
    what: 'SRV with every address of every target, each target once',
    ask: { name: '_web._tcp.marathon.mesos.', type: TYPE.SRV },
    answer: [
      '_web._tcp.marathon.mesos. 60 SRV 0 1 31000 web-a1b2c-s0.marathon.mesos.',
      '_web._tcp.marathon.mesos. 60 SRV 0 1 31000 web-d3e4f-s1.marathon.mesos.',
      '_web._tcp.marathon.mesos. 60 SRV 0 1 31001 web-a1b2c-s0.marathon.mesos.',
    ],
    additional: [
      'web-a1b2c-s0.marathon.mesos. 60 A 10.3.0.1',
      'web-a1b2c-s0.marathon.mesos. 60 AAAA fd01::1',
      'web-d3e4f-s1.marathon.mesos. 60 A 10.3.0.2',
    ],
  },
  {
    what: 'TXT',
    ask: { name: 'note.mesos.', type: TYPE.TXT },
    answer: ['note.mesos. 300 TXT hello world'],
  },
  { what: 'apex SOA in the answer', ask: { name: 'mesos.', type: TYPE.SOA }, answer: [SOA] },
  {
    what: 'apex NS in the answer, with the addresses of the name server',
    ask: { name: 'mesos.', type: TYPE.NS },
    answer: ['mesos. 60 NS ns1.mesos.'],
    additional: ['ns1.mesos. 60 A 10.0.0.53', 'ns1.mesos. 60 AAAA fd00::53'],
  },
  { what: 'apex A is NODATA', ask: { name: 'mesos.' }, authority: [SOA] },
  { what: 'apex DS is ours to deny', ask: { name: 'mesos.', type: 43 }, authority: [SOA] },
  { what: 'apex DNSKEY is NODATA', ask: { name: 'mesos.', type: 48 }, authority: [SOA] },
  {
    what: 'SOA below the apex is NODATA',
    ask: { name: 'leader.mesos.', type: TYPE.SOA },
    authority: [SOA],
  },
  {
    what: 'NS below the apex is NODATA',
    ask: { name: 'leader.mesos.', type: TYPE.NS },
    authority: [SOA],
  },
  {
    what: 'AAAA of an IPv4 name is NODATA',
    ask: { name: 'leader.mesos.', type: TYPE.AAAA },
    authority: [SOA],
  },
  {
    what: 'a type unknown to us is NODATA',
    ask: { name: 'leader.mesos.', type: 65 },
    authority: [SOA],
  },
  { what: 'empty non-terminal', ask: { name: 'marathon.mesos.' }, authority: [SOA] },
  {
    what: 'empty non-terminal, ANY',
    ask: { name: '_tcp.marathon.mesos.', type: TYPE.ANY },
    authority: [SOA],
  },
  {
    what: 'empty non-terminal, SRV',
    ask: { name: '_tcp.marathon.mesos.', type: TYPE.SRV },
    authority: [SOA],
  },
  { what: 'missing name', ask: { name: 'nope.mesos.' }, rcode: RCODE.NXDOMAIN, authority: [SOA] },
  {
    what: 'missing SRV',
    ask: { name: '_nope._tcp.mesos.', type: TYPE.SRV },
    rcode: RCODE.NXDOMAIN,
    authority: [SOA],
  },
  {
    what: 'name below a name',
    ask: { name: 'x.leader.mesos.' },
    rcode: RCODE.NXDOMAIN,
    authority: [SOA],
  },
  {
    what: 'ANY is HINFO (RFC 8482)',
    ask: { name: 'web.marathon.mesos.', type: TYPE.ANY },
    answer: ['web.marathon.mesos. 8482 HINFO "RFC8482" ""'],
  },
  {
    what: 'ANY of a missing name',
    ask: { name: 'nope.mesos.', type: TYPE.ANY },
    rcode: 3,
    authority: [SOA],
  },
  {
    what: 'CNAME itself',
    ask: { name: 'www.mesos.', type: TYPE.CNAME },
    answer: ['www.mesos. 60 CNAME web.marathon.mesos.'],
  },
  {
    what: 'CNAME followed',
    ask: { name: 'chain.mesos.', type: TYPE.AAAA },
    answer: [
      'chain.mesos. 60 CNAME www.mesos.',
      'web.marathon.mesos. 5 AAAA fd01::1',
      'www.mesos. 60 CNAME web.marathon.mesos.',
    ],
  },
  {
    what: 'CNAME to nothing (RFC 6604)',
    ask: { name: 'dangling.mesos.' },
    rcode: RCODE.NXDOMAIN,
    answer: ['dangling.mesos. 60 CNAME gone.mesos.'],
    authority: [SOA],
  },
  {
    what: 'CNAME to a name without the type',
    ask: { name: 'nodata.mesos.' },
    answer: ['nodata.mesos. 60 CNAME note.mesos.'],
    authority: [SOA],
  },
  {
    what: 'CNAME out of the zone',
    ask: { name: 'outside.mesos.' },
    answer: ['outside.mesos. 60 CNAME www.example.com.'],
  },
  {
    what: 'stars in the middle vanish, the owner stays as asked',
    ask: { name: 'web.*.marathon.mesos.', type: TYPE.AAAA },
    answer: ['web.*.marathon.mesos. 5 AAAA fd01::1'],
  },
  {
    what: 'the rest of a starred label joins the one before',
    ask: { name: 'w.*eb.marathon.*.mesos.', type: TYPE.AAAA },
    answer: ['w.*eb.marathon.*.mesos. 5 AAAA fd01::1'],
  },
  {
    what: 'a star in front stays; what it stands above is not denied with it',
    ask: { name: '*.marathon.mesos.' },
    authority: [SOA],
  },
  {
    what: 'a star in front of nothing',
    ask: { name: '*.nope.mesos.' },
    rcode: RCODE.NXDOMAIN,
    authority: [SOA],
  },
]

describe('authoritative answers', () => {
  for (const {
    what,
    ask: question,
    rcode = 0,
    answer = [],
    authority = [],
    additional = [],
  } of cases) {
    test(what, () => {
      const octets = reply(answerer, question)
      const message = decode(octets)
      assert.deepEqual(sorted(message.answers), answer)
      assert.deepEqual(sorted(message.authorities), authority)
      assert.deepEqual(sorted(message.additionals), additional)
      const { rcode: got, aa, tc, rd, ra, ad, z } = header(octets)
      assert.deepEqual(
        { got, aa, tc, rd, ra, ad, z },
        {
          got: rcode,
          aa: true,
          tc: false,
          rd: true,
          ra: true,
          ad: false,
          z: false,
        },
      )
    })
  }

  test('a CNAME loop ends, and nothing is denied', () => {
    const octets = reply(answerer, { name: 'loop.mesos.' })
    assert.deepEqual([header(octets).rcode, header(octets).counts], [0, [1, 8, 0, 0]])
  })

  test('question and owner keep the case they were asked in (0x20)', () => {
    const message = decode(reply(answerer, { name: 'LeAdEr.MESOS.' }))
    assert.equal(message.questions?.[0]?.name, 'LeAdEr.MESOS')
    assert.deepEqual(presentation(message.answers), ['LeAdEr.MESOS. 60 A 10.0.0.1'])
  })

  test('the apex of a negative answer keeps the case it was asked in', () => {
    const message = decode(reply(answerer, { name: 'nope.MeSoS.' }))
    assert.deepEqual(presentation(message.authorities), [SOA.replaceAll('mesos.', 'MeSoS.')])
  })

  test('the names in the SOA of a negative answer point to what is there already', () => {
    const octets = reply(answerer, { name: 'nope.mesos.' })
    // ns1 and the apex; root and the name before it, which follows owner, type, class, TTL and rdlength.
    const at = 12 + 'xnopexmesosx'.length + 4 + 12
    const names = Buffer.from('\x03ns1\xc0\x11\x04root\xc0\x28', 'latin1')
    assert.deepEqual(octets.subarray(at, at + names.length), names)
  })

  test('targets of SRV are not compressed', () => {
    const octets = reply(answerer, { name: '_web._tcp.marathon.mesos.', type: TYPE.SRV })
    const target = Buffer.from('\x0cweb-a1b2c-s0\x08marathon\x05mesos\x00', 'latin1')
    const whole = octets.toString('latin1').split(target.toString('latin1')).length - 1
    assert.equal(whole, 2)
  })

  for (const name of ['example.com.', 'xmesos.', 'mesos.example.', 'com.', '.', 'x.mesos.*.']) {
    test(`${name} is not ours`, () => assert.equal(ask(answerer, { name }), FORWARD))
  }

  test('flags: RD and CD are copied, AD and Z are not, RA is recurseOn', () => {
    const octets = reply(answererOf(ZONE, { recurseOn: false }), { flags: 0x0070 })
    const { rd, ra, cd, ad, z } = header(octets)
    assert.deepEqual({ rd, ra, cd, ad, z }, { rd: false, ra: false, cd: true, ad: false, z: false })
  })
})

describe('before the first state', () => {
  const unready = answererOf(undefined)

  test('names of the domain are SERVFAIL, with EDE 14 for who has EDNS', () => {
    const plain = header(reply(unready, { name: 'leader.mesos.' }))
    assert.equal(plain.rcode, RCODE.SERVFAIL)
    assert.deepEqual(plain.counts, [1, 0, 0, 0])
    const octets = reply(unready, { name: 'leader.mesos.', edns: {} })
    assert.equal(header(octets).rcode, RCODE.SERVFAIL)
    assert.deepEqual([...octets.subarray(-6)], [0, 15, 0, 2, 0, 14])
  })

  test('other names are forwarded', () => {
    assert.equal(ask(unready, { name: 'example.com.' }), FORWARD)
  })
})

describe('compatibility switches', () => {
  const old = answererOf(ZONE, {
    soaMinttl: 7,
    ttl: 30,
    compat: { soaMinimumFromTtl: true, srvMissNoError: true },
  })

  test('soaMinimumFromTtl', () => {
    const { authorities } = decode(reply(old, { name: 'nope.mesos.' }))
    assert.match(presentation(authorities)[0] ?? '', /^mesos\. 30 SOA .* 30$/)
  })

  test('SOAMinttl is honoured without it', () => {
    const now = answererOf(ZONE, { soaMinttl: 7, ttl: 30 })
    const { authorities } = decode(reply(now, { name: 'nope.mesos.' }))
    assert.match(presentation(authorities)[0] ?? '', /^mesos\. 7 SOA .* 7$/)
  })

  for (const name of ['_nope._tcp.mesos.', 'leader.mesos.']) {
    test(`srvMissNoError: ${name}`, () => {
      const { rcode, counts } = header(reply(old, { name, type: TYPE.SRV }))
      assert.deepEqual([rcode, ...counts], [RCODE.NOERROR, 1, 0, 0, 0])
    })
  }
})

describe('reverse names', () => {
  const owner = answererOf([...ZONE, '1.0.3.10.in-addr.arpa. - PTR web.marathon.mesos.'])
  const name = '1.0.3.10.in-addr.arpa.'

  test('PTR of an address we own', () => {
    const octets = reply(owner, { name, type: TYPE.PTR })
    assert.deepEqual(presentation(decode(octets).answers), [`${name} 60 PTR web.marathon.mesos.`])
    assert.equal(header(octets).aa, true)
  })

  test('NODATA at it is a zone of its own', () => {
    const { authorities } = decode(reply(owner, { name }))
    assert.deepEqual(presentation(authorities), [SOA.replace(/^mesos\./, name)])
    const { answers } = decode(reply(owner, { name, type: TYPE.SOA }))
    assert.deepEqual(presentation(answers), [SOA.replace(/^mesos\./, name)])
  })

  for (const other of ['2.0.3.10.in-addr.arpa.', '0.3.10.in-addr.arpa.', 'in-addr.arpa.']) {
    test(`${other} is not ours`, () => {
      assert.equal(ask(owner, { name: other, type: TYPE.PTR }), FORWARD)
    })
  }
})

describe('a name server outside the domain', () => {
  const foreign = answererOf(['ns1.mesos. - A 10.0.0.53', 'leader.cluster.local. - A 10.0.0.1'], {
    domain: 'cluster.local',
  })

  test('has no address in the answer', () => {
    const message = decode(reply(foreign, { name: 'cluster.local.', type: TYPE.NS }))
    assert.deepEqual(presentation(message.answers), ['cluster.local. 60 NS ns1.mesos.'])
  })

  test('is not ours to answer', () => {
    assert.equal(ask(foreign, { name: 'ns1.mesos.' }), FORWARD)
    assert.equal(ask(foreign, { name: 'local.' }), FORWARD)
  })
})
