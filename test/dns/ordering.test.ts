import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ordering, xoshiro128 } from '../../src/dns/ordering.ts'
import { OPTION, TYPE } from '../../src/net/dns-numbers.ts'
import { decode, presentation } from '../presentation.ts'
import { answererOf, encode, header, reply, u16 } from './question.ts'

const lines = Array.from({ length: 5 }, (_, i) => `web.mesos. - A 10.0.${i}.1`)
const question = { name: 'web.mesos.' }

function addresses(octets: Buffer): string[] {
  return (decode(octets).answers ?? []).map((answer) => (answer.type === 'A' ? answer.data : ''))
}

describe('random', () => {
  test('every order of a set is equally likely (chi-square, 4! orders)', () => {
    const ordering = new Ordering('random', xoshiro128(Uint32Array.of(1, 2, 3, 4)))
    const seen = new Map<string, number>()
    const rounds = 48_000
    for (let i = 0; i < rounds; i++) {
      ordering.choose(4, 4, 0)
      const order = ordering.places.subarray(0, 4).join()
      seen.set(order, (seen.get(order) ?? 0) + 1)
    }
    assert.equal(seen.size, 24)
    const expected = rounds / 24
    const chi = [...seen.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 23 degrees of freedom; the seed is fixed, so this either holds or does not.
    assert.ok(chi < 41.6, `chi-square ${chi}`)
  })

  test('a part of a set is chosen uniformly too', () => {
    const ordering = new Ordering('random', xoshiro128(Uint32Array.of(9, 2, 3, 4)))
    const seen = new Array<number>(10).fill(0)
    for (let i = 0; i < 20_000; i++) {
      ordering.choose(10, 3, 0)
      for (const place of ordering.places.subarray(0, 3)) seen[place] = (seen[place] ?? 0) + 1
    }
    for (const count of seen) assert.ok(Math.abs(count - 6000) < 300, String(seen))
  })
})

describe('roundrobin', () => {
  test('every record of a name comes first in turn', () => {
    const answerer = answererOf(lines, { ordering: 'roundrobin' })
    const first = Array.from({ length: 10 }, () => addresses(reply(answerer, question))[0])
    assert.equal(new Set(first.slice(0, 5)).size, 5)
    assert.deepEqual(first.slice(5), first.slice(0, 5))
  })

  test('names do not disturb each other', () => {
    const answerer = answererOf([...lines, 'two.mesos. - A 10.1.0.1', 'two.mesos. - A 10.1.0.2'], {
      ordering: 'roundrobin',
    })
    const first: (string | undefined)[] = []
    for (let i = 0; i < 4; i++) {
      first.push(addresses(reply(answerer, { name: 'two.mesos.' }))[0])
      reply(answerer, question)
    }
    assert.deepEqual(first, ['10.1.0.1', '10.1.0.2', '10.1.0.1', '10.1.0.2'])
  })

  test('one at a time visits all', () => {
    const answerer = answererOf(lines, { ordering: 'roundrobin', maxAnswers: 1 })
    const seen = Array.from({ length: 5 }, () => addresses(reply(answerer, question)).join())
    assert.equal(new Set(seen).size, 5)
  })
})

test('fixed: always the stable order', () => {
  const answerer = answererOf([...lines].reverse(), { ordering: 'fixed' })
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(
      addresses(reply(answerer, question)),
      lines.map((line) => line.split(' ').at(-1)),
    )
  }
})

describe('resolvSubnetFirst', () => {
  const v6 = ['web.mesos. - AAAA fd00:0:0:1::1', 'web.mesos. - AAAA fd00:0:0:2::1']
  const answerer = answererOf([...lines, ...v6], { resolvSubnetFirst: true })
  const subnet = (family: number, source: number, octets: number[]) => ({
    edns: {
      options: [
        {
          code: OPTION.CLIENT_SUBNET,
          octets: Buffer.concat([u16(family), Buffer.from([source, 0]), Buffer.from(octets)]),
        },
      ],
    },
  })

  test('the address in the client’s /24 comes first', () => {
    for (let i = 0; i < 20; i++) {
      const octets = reply(answerer, question, 'udp', Uint8Array.of(10, 0, 3, 77))
      assert.equal(addresses(octets)[0], '10.0.3.1')
      assert.equal(addresses(octets).length, 5)
    }
  })

  test('with maxAnswers the near one is the one', () => {
    const one = answererOf(lines, { resolvSubnetFirst: true, maxAnswers: 1 })
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(addresses(reply(one, question, 'udp', Uint8Array.of(10, 0, 2, 9))), [
        '10.0.2.1',
      ])
    }
  })

  test('a client subnet option goes before the source address, and is echoed with its scope', () => {
    for (let i = 0; i < 20; i++) {
      const octets = reply(
        answerer,
        { ...question, ...subnet(1, 24, [10, 0, 4]) },
        'udp',
        Uint8Array.of(10, 0, 1, 1),
      )
      assert.equal(addresses(octets)[0], '10.0.4.1')
      assert.deepEqual([...octets.subarray(-11)], [0, 8, 0, 7, 0, 1, 24, 24, 10, 0, 4])
    }
  })

  test('IPv6: the /64', () => {
    const near = { ...question, type: TYPE.AAAA, ...subnet(2, 64, [0xfd, 0, 0, 0, 0, 0, 0, 2]) }
    for (let i = 0; i < 20; i++) {
      const [first] = presentation(decode(reply(answerer, near)).answers)
      assert.equal(first, 'web.mesos. 60 AAAA fd00:0:0:2::1')
    }
  })

  test('one that tells less than that is echoed with scope 0, and nothing is near', () => {
    const seen = new Set<string | undefined>()
    for (let i = 0; i < 100; i++) {
      const octets = reply(answerer, { ...question, ...subnet(1, 8, [10]) }, 'udp')
      seen.add(addresses(octets)[0])
      assert.deepEqual([...octets.subarray(-9)], [0, 8, 0, 5, 0, 1, 8, 0, 10])
    }
    assert.equal(seen.size, 5)
  })

  test('a malformed one is FORMERR', () => {
    for (const wrong of [
      subnet(1, 33, [1, 2, 3, 4, 5]),
      subnet(1, 24, [1, 2]),
      subnet(9, 0, []),
      subnet(3, 8, [1]),
      subnet(1, 20, [10, 0, 0x18]),
      subnet(2, 57, [0xfd, 0, 0, 0, 0, 0, 0, 0x40]),
    ]) {
      const octets = reply(answerer, { ...question, ...wrong })
      // Question and OPT come back (RFC 6891 §7).
      assert.deepEqual([header(octets).rcode, header(octets).counts], [1, [1, 0, 0, 1]])
    }
    const scoped = encode({ ...question, ...subnet(1, 24, [10, 0, 4]) })
    scoped[scoped.length - 4] = 24
    assert.equal(header(reply(answerer, scoped)).rcode, 1)
  })

  test('a prefix that ends inside an octet is fine', () => {
    for (const right of [subnet(1, 20, [10, 0, 0x10]), subnet(1, 1, [0x80]), subnet(2, 0, [])]) {
      assert.equal(header(reply(answerer, { ...question, ...right })).rcode, 0)
    }
  })

  test('is ignored where the setting is off', () => {
    const off = answererOf(lines)
    assert.equal(header(reply(off, { ...question, ...subnet(1, 33, [1]) })).rcode, 0)
  })
})
