import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { decode, presentation, sorted } from '../presentation.ts'
import { answererOf, header, reply } from './question.ts'

/** One service of `count` targets, with addresses. */
function service(count: number, aaaa = false): string[] {
  return Array.from({ length: count }, (_, i) => {
    const target = `web-${String(i).padStart(5, '0')}-s0.marathon.mesos.`
    return [
      `_web._tcp.marathon.mesos. - SRV 0 1 31000 ${target}`,
      `${target} - A 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      ...(aaaa ? [`${target} - AAAA fd00::${i.toString(16)}`] : []),
    ]
  }).flat()
}

const srv = { name: '_web._tcp.marathon.mesos.', type: TYPE.SRV }

describe('answers that do not fit', () => {
  test('glue goes first, and its loss is no truncation', () => {
    const octets = reply(answererOf(service(8)), srv)
    const { answers, additionals } = decode(octets)
    assert.equal(answers?.length, 8)
    assert.ok((additionals?.length ?? 0) < 8)
    assert.equal(header(octets).tc, false)
    assert.ok(octets.length <= 512)
  })

  test('an address set is there whole or not at all', () => {
    const lines = service(1)
    for (let i = 1; i < 40; i++) lines.push(`web-00000-s0.marathon.mesos. - A 10.1.0.${i}`)
    const { answers, additionals } = decode(reply(answererOf(lines), srv))
    assert.deepEqual([answers?.length, additionals?.length], [1, 0])
    assert.equal(decode(reply(answererOf(lines), { ...srv, edns: {} })).additionals?.length, 41)
  })

  for (const ordering of ['random', 'roundrobin', 'fixed'] as const) {
    test(`${ordering}: the records that fit are the same ones each time`, () => {
      const answerer = answererOf(service(100), { ordering })
      const first = reply(answerer, srv)
      assert.equal(header(first).tc, true)
      const subset = sorted(decode(first).answers)
      assert.ok(subset.length > 4)
      for (let i = 0; i < 50; i++)
        assert.deepEqual(sorted(decode(reply(answerer, srv)).answers), subset)
    })
  }

  test('two replicas that learned the records in another order cut the same', () => {
    const lines = service(100)
    const [one, two] = [answererOf(lines), answererOf([...lines].reverse())]
    assert.deepEqual(
      sorted(decode(reply(one, srv)).answers),
      sorted(decode(reply(two, srv)).answers),
    )
  })

  test('the order among them is not the same each time', () => {
    const answerer = answererOf(service(100))
    const orders = new Set(
      Array.from({ length: 20 }, () => presentation(decode(reply(answerer, srv)).answers).join()),
    )
    assert.ok(orders.size > 10)
  })

  test('SetTruncateBit false: cut without a word', () => {
    const octets = reply(answererOf(service(100), { setTruncateBit: false }), srv)
    assert.equal(header(octets).tc, false)
    assert.ok(octets.length <= 512)
  })

  test('a single record larger than the answer leaves TC and no answer', () => {
    const octets = reply(answererOf([`big.mesos. - TXT ${'x'.repeat(900)}`]), {
      name: 'big.mesos.',
      type: TYPE.TXT,
    })
    assert.deepEqual(header(octets).counts, [1, 0, 0, 0])
    assert.equal(header(octets).tc, true)
  })

  test('an SOA that does not fit is left out with TC', () => {
    const long = `${'m'.repeat(60)}.`.repeat(3)
    const answerer = answererOf(['leader.mesos. - A 10.0.0.1'], {
      soaMname: `${long}x.`,
      soaRname: `${long}y.`,
    })
    const name = `${`${'q'.repeat(60)}.`.repeat(3)}mesos.`
    const octets = reply(answerer, { name })
    assert.deepEqual(
      [header(octets).rcode, header(octets).tc, header(octets).counts[2]],
      [3, true, 0],
    )
    assert.equal(header(reply(answerer, { name, edns: {} })).counts[2], 1)
  })
})

describe('TCP', () => {
  test('65,535 octets are enough for 400 services with glue', () => {
    const octets = reply(answererOf(service(400, true)), srv, 'tcp')
    const { answers, additionals } = decode(octets)
    assert.equal(answers?.length, 400)
    assert.equal(additionals?.length, 800)
    assert.equal(header(octets).tc, false)
  })

  test('owners of glue behind what a pointer reaches are written out', () => {
    const octets = reply(answererOf(service(900, true)), srv, 'tcp')
    const { answers, additionals } = decode(octets)
    assert.equal(answers?.length, 900)
    const targets = new Set(additionals?.map(({ name }) => name))
    assert.ok(targets.size > 300 && octets.length > 60_000)
    const glue = new Map(service(900, true).map((line) => [line.split(' - ')[0], line]))
    for (const { name } of additionals ?? []) assert.ok(glue.has(`${name}.`), name)
  })

  test('beyond that it truncates there too', () => {
    const octets = reply(answererOf(service(5000)), srv, 'tcp')
    assert.equal(header(octets).tc, true)
    assert.ok(octets.length <= 65_535 && octets.length > 65_400)
  })
})

describe('maxAnswers', () => {
  const lines = Array.from({ length: 30 }, (_, i) => `web.mesos. - A 10.0.0.${i}`)

  test('limits the answer without TC, and all records get their turn', () => {
    const answerer = answererOf(lines, { maxAnswers: 3 })
    const seen = new Set<string>()
    for (let i = 0; i < 500; i++) {
      const octets = reply(answerer, { name: 'web.mesos.' })
      const answers = sorted(decode(octets).answers)
      assert.deepEqual([answers.length, new Set(answers).size, header(octets).tc], [3, 3, false])
      for (const answer of answers) seen.add(answer)
    }
    assert.equal(seen.size, 30)
  })

  test('of services too', () => {
    const octets = reply(answererOf(service(100), { maxAnswers: 2 }), srv)
    const { answers, additionals } = decode(octets)
    assert.deepEqual([answers?.length, additionals?.length, header(octets).tc], [2, 2, false])
  })

  test('more than fit is truncated', () => {
    const octets = reply(answererOf(service(100), { maxAnswers: 50 }), srv)
    assert.equal(header(octets).tc, true)
  })
})

test('whatever the set and the size, the reply decodes, fits, and tells the truth about TC', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 1500 }),
      fc.constantFrom('random', 'roundrobin', 'fixed'),
      fc.integer({ min: 0, max: 12 }),
      (count, payload, ordering, maxAnswers) => {
        const answerer = answererOf(service(count, count % 2 === 0), { ordering, maxAnswers })
        const octets = reply(answerer, { ...srv, edns: { payload } })
        const { answers = [] } = decode(octets)
        const wanted = maxAnswers === 0 ? count : Math.min(count, maxAnswers)
        assert.ok(octets.length <= Math.min(1232, Math.max(512, payload)))
        assert.equal(header(octets).tc, answers.length < wanted)
        assert.ok(answers.length <= wanted)
      },
    ),
    { numRuns: 200 },
  )
})

test('of many records for few targets, each target has its addresses once', () => {
  const lines = Array.from({ length: 900 }, (_, i) => [
    `_web._tcp.marathon.mesos. - SRV 0 1 ${20_000 + i} t${i % 300}.mesos.`,
    `t${i % 300}.mesos. - A 10.0.${(i % 300) >> 8}.${(i % 300) & 255}`,
  ]).flat()
  const answerer = answererOf(lines)
  // Twice: what the first reply has had must not be missing in the second.
  for (let i = 0; i < 2; i++) {
    const { answers, additionals } = decode(reply(answerer, srv, 'tcp'))
    assert.equal(answers?.length, 900)
    const owners = (additionals ?? []).map(({ name }) => name)
    assert.deepEqual([owners.length, new Set(owners).size], [300, 300])
  }
})
