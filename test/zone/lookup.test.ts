import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RecordType } from '../../src/records/record-set.ts'
import { Arena } from '../../src/zone/arena.ts'
import { recordsOf, typesOf } from '../../src/zone/lookup.ts'
import { hashName } from '../../src/zone/name-hash.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { shardIndex } from '../../src/zone/shard.ts'
import { Zone } from '../../src/zone/zone.ts'
import { fullUpdate, type HandMadeNode, writeShard } from './hand-made.ts'

/** A zone `mesos.` of these nodes, spread over 4 forward and 2 reverse shards. */
function zone(forward: readonly HandMadeNode[], reverse: readonly HandMadeNode[] = []): Zone {
  const arena = new Arena()
  const spread = (nodes: readonly HandMadeNode[], shards: number) =>
    Array.from({ length: shards }, (_, shard) =>
      writeShard(
        arena,
        nodes.filter(({ name }) => {
          const wire = ownerToWire(name) as Uint8Array
          return shardIndex(hashName(wire, wire.length), shards) === shard
        }),
      ),
    )
  return Zone.from(
    undefined,
    fullUpdate(arena, spread(forward, 4), reverse.length === 0 ? [] : spread(reverse, 2)),
  )
}

function node(
  name: string,
  ...sets: (readonly [type: RecordType, ttl: number, ...rdata: (string | Uint8Array)[]])[]
): HandMadeNode {
  return { name, sets: sets.map(([type, ttl, ...rdata]) => ({ type, ttl, rdata })) }
}

const NODES = [
  node(
    'web.mesos.',
    ['A', 60, '10.0.0.1', '10.0.0.2'],
    ['AAAA', 30, '2001:db8::1', '::', '1:0:0:2::3'],
  ),
  node('_web._tcp.mesos.', [
    'SRV',
    7,
    '0 1 80 web.mesos.',
    '65535 256 65535 a.b.example.',
    '0 0 0 .',
  ]),
  node('www.mesos.', ['CNAME', 5, 'www.example.com.']),
  node('note.mesos.', ['TXT', 0, '', 'hello "world" \\', 'é'.repeat(200)]),
  node('mesos.', ['A', 2 ** 31 - 1, '10.0.0.9']),
  node('empty.mesos.'),
  { ...node('hidden.mesos.', ['A', 60, '10.0.0.8']), hidden: true },
]
const REVERSE = [node('1.0.0.10.in-addr.arpa.', ['PTR', 60, 'web.mesos.', 'x.mesos.'])]
const ZONE = zone(NODES, REVERSE)

for (const { name, hidden, sets = [] } of [...NODES, ...REVERSE] as HandMadeNode[]) {
  test(`${name} has what was written, in that order`, () => {
    const seen = hidden === true ? [] : sets
    assert.deepEqual(typesOf(ZONE, name).sort(), seen.map(({ type }) => type).sort())
    for (const set of seen) assert.deepEqual(recordsOf(ZONE, set.type, name), { name, ...set })
    for (const type of ['A', 'AAAA', 'SRV', 'PTR', 'CNAME', 'TXT'] as const) {
      if (seen.some((set) => set.type === type)) continue
      assert.equal(recordsOf(ZONE, type, name), undefined)
    }
  })
}

test('types come in one order', () => {
  const all = zone([
    node(
      'all.mesos.',
      ['PTR', 1, 'a.'],
      ['TXT', 1, 'a'],
      ['CNAME', 1, 'a.'],
      ['SRV', 1, '0 0 0 a.'],
      ['AAAA', 1, '::1'],
      ['A', 1, '10.0.0.1'],
    ),
  ])
  assert.deepEqual(typesOf(all, 'all.mesos.'), ['A', 'AAAA', 'SRV', 'CNAME', 'TXT', 'PTR'])
})

for (const name of [
  'nope.mesos.',
  'nope.example.',
  'mesos',
  'web.mesos',
  'Web.mesos.',
  '.',
  '',
  '..',
  'a..mesos.',
  'xmesos.',
  'web.mesos.mesos.',
  'mesos.web.',
  `${'a'.repeat(64)}.mesos.`,
  `${'a.'.repeat(200)}mesos.`,
  'two words.mesos.',
  'mesos.\u0000.',
  '1.0.0.10.in-addr.arpa',
  '0.0.10.in-addr.arpa.',
  'arpa.',
]) {
  test(`nothing is at ${JSON.stringify(name.slice(0, 40))}`, () => {
    assert.equal(recordsOf(ZONE, 'A', name), undefined)
    assert.deepEqual(typesOf(ZONE, name), [])
  })
}

test('without reverse shards names outside the domain are nowhere', () => {
  const small = zone(NODES)
  assert.equal(recordsOf(small, 'PTR', '1.0.0.10.in-addr.arpa.'), undefined)
  assert.deepEqual(typesOf(small, 'www.example.com.'), [])
})

test('a text of several character-strings is joined, also inside of a character', () => {
  const text = Buffer.from('a漢b')
  const strings = [text.subarray(0, 2), text.subarray(2)].map((piece) =>
    Buffer.concat([Uint8Array.of(piece.length), piece]),
  )
  const { rdata } =
    recordsOf(zone([node('t.mesos.', ['TXT', 1, Buffer.concat(strings)])]), 'TXT', 't.mesos.') ?? {}
  assert.deepEqual(rdata, ['a漢b'])
})

test('octets of a target that presentation format escapes are escaped', () => {
  const target = Uint8Array.of(3, 0x61, 0x2e, 0x00, 0)
  const found = recordsOf(zone([node('c.mesos.', ['CNAME', 1, target])]), 'CNAME', 'c.mesos.')
  assert.deepEqual(found?.rdata, ['a\\.\\000.'])
})

test('what has been read is not shared with the zone', () => {
  const own = zone([node('web.mesos.', ['A', 60, '10.0.0.1'])])
  const before = recordsOf(own, 'A', 'web.mesos.')
  own.shardOf(0).octets.fill(0)
  assert.deepEqual(before?.rdata, ['10.0.0.1'])
})

test('as a Map would have it', () => {
  const label = fc.stringMatching(/^[a-z0-9_*-]{1,8}$/).filter((text) => !text.startsWith('*'))
  const below = fc
    .array(label, { maxLength: 3 })
    .map((labels) => [...labels, 'mesos', ''].join('.'))
  const address = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.${a}.${b}.1`)
  const addresses = fc.uniqueArray(address, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(
      fc.dictionary(below, addresses, { maxKeys: 20 }),
      fc.array(below, { maxLength: 10 }),
      (names, others) => {
        const model = new Map(Object.entries(names))
        const some = zone(Array.from(model, ([name, rdata]) => node(name, ['A', 60, ...rdata])))
        for (const name of [...model.keys(), ...others]) {
          assert.deepEqual(recordsOf(some, 'A', name)?.rdata, model.get(name), name)
          assert.deepEqual(typesOf(some, name), model.has(name) ? ['A'] : [])
        }
      },
    ),
    { numRuns: 50 },
  )
})
