import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Arena } from '../../src/zone/arena.ts'
import { ContributionLog } from '../../src/zone/contribution-log.ts'
import { hashName } from '../../src/zone/name-hash.ts'
import { viewOf } from '../../src/zone/octet-view.ts'
import { NODE, RRSET, type Shard, shardIndex } from '../../src/zone/shard.ts'
import { ShardTable } from '../../src/zone/shard-table.ts'

/** Two names of one hash; what follows them, if the same, leaves them so. */
const ONE = Buffer.from('\x07n162789')
const OTHER = Buffer.from('\x07n379192')

/** Octets of the domain, which no name here has as many of. */
const APEX_LENGTH = 256

type Entry = readonly [name: Uint8Array, addresses: readonly number[]]

/** Shards with these names, each with the addresses 10.0.0.x; without one there is only a name below it. */
function shardsOf(entries: readonly Entry[]): readonly Shard[] {
  const log = new ContributionLog()
  for (const [name, addresses] of entries) {
    const owner = log.ownerOf(name, 0, name.length)
    for (const last of addresses) log.record(1, owner, 'A', `10.0.0.${last}`, 0, 60)
    if (addresses.length === 0) {
      const below = Buffer.concat([Buffer.of(1, 0x78), name])
      log.record(1, log.ownerOf(below, 0, below.length), 'A', '10.0.0.1', 0, 60)
      log.settle(name.length - 1)
    }
  }
  const table = new ShardTable(new Arena(), { apexLength: APEX_LENGTH, defaultTtl: 60 })
  return table.merge(log, () => {}).shards.map(({ shard }) => shard)
}

/** The last octets of the addresses of a name; undefined if there is no such name. */
function find(
  shards: readonly Shard[],
  name: Uint8Array,
  hash = hashName(name, name.length),
): number[] | undefined {
  const shard = shards[shardIndex(hash, shards.length)]
  const node = shard?.find(hash, viewOf(name), 0, name.length) ?? 0
  if (shard === undefined || node === 0) return undefined
  assert.equal(shard.words[node + NODE.NAME_LENGTH], name.length)
  const rrset = shard.rrset(node, 1)
  if (rrset === 0) return []
  const count = shard.words[rrset + RRSET.COUNT] as number
  const at = shard.words[rrset + RRSET.AT] as number
  return Array.from({ length: count }, (_, i) => shard.octets[at + i * 16 + 15] as number)
}

function wire(...labels: readonly Uint8Array[]): Buffer {
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.of(label.length), label]),
    Buffer.of(0),
  ])
}

describe('a shard', () => {
  test('tells names of one hash apart', () => {
    const [one, other] = [ONE, OTHER].map((label) => Buffer.concat([label, Buffer.of(0)]))
    if (one === undefined || other === undefined) throw new Error('no names')
    const hash = hashName(one, one.length)
    assert.equal(hashName(other, other.length), hash)
    const shards = shardsOf([
      [one, [1]],
      [other, [2]],
    ])
    assert.deepEqual([find(shards, one), find(shards, other)], [[1], [2]])
    assert.equal(find(shards, Buffer.from('\x07n000000\0'), hash), undefined)
  })

  test('finds by a signed hash as well', () => {
    const name = Buffer.from('\x04high\0')
    const hash = hashName(name, name.length)
    assert.ok(hash >= 2 ** 31)
    assert.deepEqual(find(shardsOf([[name, [1]]]), name, hash | 0), [1])
  })

  test('knows names that only have names below them', () => {
    assert.deepEqual(find(shardsOf([[wire(Buffer.from('a')), []]]), wire(Buffer.from('a'))), [])
  })

  test('has the records of a set in the order of their rdata', () => {
    const name = wire(Buffer.from('a'))
    assert.deepEqual(find(shardsOf([[name, [10, 2, 200, 3, 1]]]), name), [1, 2, 3, 10, 200])
  })

  const label = fc.oneof(
    { weight: 4, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 6 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 50, maxLength: 63 }) },
  )
  const plain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => wire(...labels))
  const colliding = fc
    .tuple(fc.constantFrom(ONE, OTHER), plain)
    .map(([first, rest]) => Buffer.concat([first, rest]))
    .filter((name) => name.length < 254)
  const deepest = fc
    .uint8Array({ minLength: 127, maxLength: 127 })
    .map((octets) => wire(...Array.from(octets, (octet) => Buffer.of(octet))))
  const longest = fc
    .uint8Array({ minLength: 250, maxLength: 250 })
    .map((octets) =>
      wire(
        octets.subarray(0, 63),
        octets.subarray(63, 126),
        octets.subarray(126, 189),
        octets.subarray(189),
      ),
    )
  const name = fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 3, arbitrary: colliding },
    { weight: 1, arbitrary: deepest },
    { weight: 1, arbitrary: longest },
  )
  const addresses = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), {
    maxLength: 20,
    minLength: 1,
  })

  test('finds exactly what was put in, as a Map would, for any octets in names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, addresses), { maxLength: 60, size: 'max' }),
        fc.array(name, { maxLength: 20 }),
        (entries, others) => {
          const model = new Map(
            entries.map(([key, value]) => [key.toString('latin1'), { key, value }]),
          )
          const shards = shardsOf(Array.from(model.values(), ({ key, value }) => [key, value]))
          assert.equal(
            shards.reduce((sum, shard) => sum + shard.names, 0),
            model.size,
          )
          for (const { key, value } of model.values()) {
            assert.deepEqual(
              find(shards, key),
              [...value].sort((a, b) => a - b),
            )
          }
          for (const other of others) {
            if (!model.has(other.toString('latin1'))) assert.equal(find(shards, other), undefined)
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
