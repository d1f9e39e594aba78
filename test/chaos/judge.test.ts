// What the chaos test would notice.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Contribution, History } from './history.ts'
import { judge, type Terms } from './judge.ts'
import { parseLine, type Reply } from './reply.ts'
import { Staleness } from './staleness.ts'

const SOA = 'mesos. 60 SOA ns1.mesos. root.ns1.mesos. 7 60 600 86400 60'
const TERMS: Terms = { apex: 'mesos.', ttls: new Set([60]), leastSerial: 7 }

const records = (...lines: string[]): Contribution[] =>
  lines.map((line) => {
    const [name = '', type = '', ...rdata] = line.split(' ')
    return { name, type, rdata: rdata.join(' '), ttl: undefined }
  })

/** `a` has always been, `b` began at 50, `c` ended at 50; an alias, a service and a reverse name. */
function history(): History {
  const all = new History()
  all.put('a', records('web.mesos. A 10.0.0.1', '_web._tcp.mesos. SRV 0 1 80 a.web.mesos.'), 0)
  all.put('target', records('a.web.mesos. A 10.0.0.1', '1.0.0.10.in-addr.arpa. PTR web.mesos.'), 0)
  all.put('alias', records('www.mesos. CNAME web.mesos.'), 0)
  all.put('c', records('web.mesos. A 10.0.0.3', 'old.mesos. A 10.0.0.3'), 0)
  all.put('b', records('web.mesos. A 10.0.0.2', 'new.mesos. A 10.0.0.2'), 50)
  all.put('c', [], 50)
  all.put(
    'maybe',
    [{ ...(records('maybe.mesos. A 10.0.0.9')[0] as Contribution), isOptional: true }],
    0,
  )
  return all
}

function reply(
  rcode: number,
  answers: string[],
  rest: Partial<Record<keyof Reply, string[]>> = {},
) {
  const { authority = [], additional = [] } = rest
  return {
    rcode,
    truncated: false,
    answers: answers.map(parseLine),
    authority: authority.map(parseLine),
    additional: additional.map(parseLine),
  }
}

const denial = (rcode: number) => reply(rcode, [], { authority: [SOA] })
const web = (...addresses: number[]) =>
  reply(
    0,
    addresses.map((n) => `web.mesos. 60 A 10.0.0.${n}`),
  )
const service = (...additional: string[]) =>
  reply(0, ['_web._tcp.mesos. 60 SRV 0 1 80 a.web.mesos.'], { additional })
const GLUE = 'a.web.mesos. 60 A 10.0.0.1'

/** Spans: before the change, around it, and after it. */
const SPANS = {
  before: { from: 10, to: 40 },
  around: { from: 40, to: 60 },
  after: { from: 60, to: 90 },
} as const

type Case = readonly [what: string, keyof typeof SPANS, question: string, Reply, RegExp | undefined]

const CASES: readonly Case[] = [
  ['what was so', 'before', 'web.mesos. A', web(1, 3), undefined],
  ['in any order', 'before', 'web.mesos. A', web(3, 1), undefined],
  ['what became so', 'after', 'web.mesos. A', web(1, 2), undefined],
  ['either of the two', 'around', 'web.mesos. A', web(1, 3), undefined],
  ['both', 'around', 'web.mesos. A', web(1, 2, 3), undefined],
  ['neither', 'around', 'web.mesos. A', web(1), undefined],
  ['forgotten', 'before', 'web.mesos. A', web(1), /lacks web\.mesos\. A 10\.0\.0\.3/],
  ['forgotten while others change', 'around', 'web.mesos. A', web(2, 3), /lacks .*10\.0\.0\.1/],
  ['too early', 'before', 'web.mesos. A', web(1, 2, 3), /was not so: .*10\.0\.0\.2/],
  ['risen from the dead', 'after', 'web.mesos. A', web(1, 2, 3), /was not so: .*10\.0\.0\.3/],
  ['never so', 'around', 'web.mesos. A', web(1, 9), /was not so: .*10\.0\.0\.9/],
  ['twice', 'before', 'web.mesos. A', web(1, 3, 3), /twice/],
  ['another name', 'before', 'web.mesos. A', reply(0, [GLUE]), /not asked for/],
  [
    'a TTL of no time',
    'before',
    'a.web.mesos. A',
    reply(0, ['a.web.mesos. 61 A 10.0.0.1']),
    /TTL 61/,
  ],
  ['denied though there', 'before', 'web.mesos. A', denial(3), /denied, but there was web/],
  ['denied though there was one below', 'before', '_tcp.mesos. A', denial(3), /denied/],
  ['empty though there', 'before', 'web.mesos. A', denial(0), /lacks/],
  ['no type', 'before', 'web.mesos. TXT', denial(0), undefined],
  ['a name that only others are below', 'before', '_tcp.mesos. A', denial(0), undefined],
  ['no name', 'before', 'never.mesos. A', denial(3), undefined],
  ['no name, but not denied', 'before', 'never.mesos. A', denial(0), /no such name/],
  ['gone, but not denied', 'after', 'old.mesos. TXT', denial(0), /no such name/],
  ['not there yet, but not denied', 'before', 'new.mesos. TXT', denial(0), /no such name/],
  ['either', 'around', 'new.mesos. TXT', denial(0), undefined],
  ['or', 'around', 'new.mesos. TXT', denial(3), undefined],
  ['without SOA', 'before', 'never.mesos. A', reply(3, []), /no SOA/],
  ['failed', 'before', 'web.mesos. A', reply(2, []), /RCODE 2/],
  ['refused', 'before', 'web.mesos. A', reply(5, []), /RCODE 5/],
  [
    'optional, there',
    'before',
    'maybe.mesos. A',
    reply(0, ['maybe.mesos. 60 A 10.0.0.9']),
    undefined,
  ],
  ['optional, not there', 'before', 'maybe.mesos. A', denial(3), undefined],
  [
    'an alias',
    'before',
    'www.mesos. A',
    reply(0, [
      'www.mesos. 60 CNAME web.mesos.',
      ...['1', '3'].map((n) => `web.mesos. 60 A 10.0.0.${n}`),
    ]),
    undefined,
  ],
  [
    'an alias to less',
    'before',
    'www.mesos. A',
    reply(0, ['www.mesos. 60 CNAME web.mesos.', 'web.mesos. 60 A 10.0.0.1']),
    /lacks/,
  ],
  ['an alias left out', 'before', 'www.mesos. A', denial(3), /no alias/],
  ['a service', 'before', '_web._tcp.mesos. SRV', service(GLUE), undefined],
  ['a service without address', 'before', '_web._tcp.mesos. SRV', service(), /lacks a\.web/],
  [
    'a service with an address of no target',
    'before',
    '_web._tcp.mesos. SRV',
    service(GLUE, 'web.mesos. 60 A 10.0.0.1'),
    /no target/,
  ],
  [
    'a service with a wrong address',
    'before',
    '_web._tcp.mesos. SRV',
    service(GLUE, 'a.web.mesos. 60 A 10.0.0.2'),
    /was not so/,
  ],
  ['the SOA', 'before', 'mesos. SOA', reply(0, [SOA]), undefined],
  ['an old SOA', 'before', 'mesos. SOA', reply(0, [SOA.replace(' 7 ', ' 6 ')]), /serial 6 after 7/],
  ['no SOA', 'before', 'mesos. SOA', denial(0), /not one SOA/],
  [
    'a reverse name',
    'before',
    '1.0.0.10.in-addr.arpa. PTR',
    reply(0, ['1.0.0.10.in-addr.arpa. 60 PTR web.mesos.']),
    undefined,
  ],
  ['a reverse name refused', 'before', '1.0.0.10.in-addr.arpa. PTR', reply(5, []), /denied/],
  ['above reverse names', 'before', '0.0.10.in-addr.arpa. PTR', reply(5, []), undefined],
]

describe('a reply', () => {
  for (const [what, span, asked, told, wrong] of CASES) {
    test(`${what}: ${wrong === undefined ? 'right' : 'wrong'} (${span})`, () => {
      const [name = '', type = ''] = asked.split(' ')
      const context = { history: history(), span: SPANS[span], terms: TERMS }
      const { problems } = judge({ name, type }, told, context)
      if (wrong === undefined) assert.deepEqual(problems, [])
      else assert.match(problems.join('; '), wrong)
    })
  }

  test('is certain if nothing of the name has changed meanwhile', () => {
    const certain = (span: keyof typeof SPANS) =>
      judge({ name: 'web.mesos.', type: 'A' }, web(1), {
        history: history(),
        span: SPANS[span],
        terms: TERMS,
      }).isCertain
    assert.deepEqual([certain('before'), certain('around'), certain('after')], [true, false, true])
  })

  test('may have an address only of a time when the service had that target', () => {
    const all = new History()
    all.put('service', records('_s._tcp.mesos. SRV 0 1 80 t.mesos.'), 0)
    all.put('first', records('t.mesos. A 10.0.0.1'), 0)
    all.put('service', [], 20)
    all.put('first', [], 20)
    all.put('second', records('t.mesos. A 10.0.0.2'), 30)
    const told = (n: number) =>
      reply(0, ['_s._tcp.mesos. 60 SRV 0 1 80 t.mesos.'], {
        additional: [`t.mesos. 60 A 10.0.0.${n}`],
      })
    const problems = (n: number) =>
      judge({ name: '_s._tcp.mesos.', type: 'SRV' }, told(n), {
        history: all,
        span: { from: 10, to: 40 },
        terms: TERMS,
      }).problems
    assert.deepEqual(problems(1), [])
    assert.match(problems(2).join(), /never a target/)
  })
})

describe('a history', () => {
  test('goes on where somebody else contributes the same, but neither is there all the time', () => {
    const all = new History()
    all.put('one', records('web.mesos. A 10.0.0.1'), 0)
    all.put('two', records('web.mesos. A 10.0.0.1'), 40)
    all.put('one', [], 50)
    const spans = all.claims('web.mesos.', 'A').map(({ from, to }) => [from, to])
    assert.deepEqual(spans, [
      [0, 50],
      [40, Number.POSITIVE_INFINITY],
    ])
  })

  test('forgets what ended before a moment, and names that nobody contributes to', () => {
    const all = history()
    all.prune(60)
    assert.deepEqual(
      all.claims('web.mesos.', 'A').map(({ rdata }) => rdata),
      ['10.0.0.1', '10.0.0.2'],
    )
    assert.ok(!all.names.includes('old.mesos.'))
    assert.deepEqual(all.under('old.mesos.'), [])
  })
})

describe('how old a reply may be', () => {
  test('is bounded while nothing is wrong', () => {
    const staleness = new Staleness(100, 0)
    assert.deepEqual(staleness.span(50, 60), { from: 0, to: 60 })
    assert.deepEqual(staleness.span(500, 510), { from: 400, to: 510 })
  })

  test('reaches back to when something went wrong, and not beyond what was seen to be right', () => {
    const staleness = new Staleness(100, 0)
    staleness.disturbed(300)
    staleness.disturbed(900)
    assert.deepEqual(staleness.span(1000, 1010), { from: 200, to: 1010 })
    staleness.settled(1100)
    assert.deepEqual(staleness.span(1120, 1130), { from: 1100, to: 1130 })
    assert.deepEqual(staleness.span(2000, 2010), { from: 1900, to: 2010 })
  })
})
