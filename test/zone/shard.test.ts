import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { hashName } from '../../src/zone/name-hash.ts'
import { NODE, RRSET, type Shard } from '../../src/zone/shard.ts'
import { ShardBuilder, type ZoneSet } from '../../src/zone/shard-builder.ts'

function a(...lastOctets: readonly number[]): ZoneSet {
  return { type: 'A', ttl: 60, rdata: lastOctets.map((last) => `10.0.0.${last}`) }
}

function newBuilder(): ShardBuilder {
  return new ShardBuilder(() => ({ a: undefined, aaaa: undefined }))
}

function find(shard: Shard, name: Uint8Array, hash = hashName(name, name.length)): number {
  return shard.find(hash, name, name.length)
}

/** Addresses' last octets of the A set of a node. */
function lastOctets(shard: Shard, node: number): number[] {
  const rrset = shard.rrset(node, 1)
  const count = shard.words[rrset + RRSET.COUNT] as number
  const at = shard.words[rrset + RRSET.AT] as number
  return Array.from({ length: count }, (_, i) => shard.octets[at + i * 16 + 15] as number)
}

describe('a shard', () => {
  test('without names finds nothing', () => {
    const shard = newBuilder().build()
    assert.equal(find(shard, Uint8Array.of(1, 97, 0)), 0)
    assert.equal(shard.names, 0)
  })

  test('tells names of one hash apart', () => {
    const builder = newBuilder()
    const [one, two] = [Buffer.from('\x07n162789\0'), Buffer.from('\x07n379192\0')]
    assert.equal(hashName(one, one.length), hashName(two, two.length))
    builder.add(one, [a(1)])
    builder.add(two, [a(2)])
    const shard = builder.build()
    assert.deepEqual(lastOctets(shard, find(shard, one)), [1])
    assert.deepEqual(lastOctets(shard, find(shard, two)), [2])
    const third = Buffer.from('\x07n000000\0')
    assert.equal(find(shard, third, hashName(one, one.length)), 0)
  })

  test('knows empty non-terminals', () => {
    const builder = newBuilder()
    builder.add(Uint8Array.of(1, 97, 0), [])
    const shard = builder.build()
    const node = find(shard, Uint8Array.of(1, 97, 0))
    assert.notEqual(node, 0)
    assert.equal(shard.isEmpty(node), true)
    assert.equal(shard.rrset(node, 1), 0)
  })

  test('a set of which nothing can be written leaves no trace in the next', () => {
    const builder = newBuilder()
    const name = Uint8Array.of(1, 97, 0)
    builder.add(name, [{ type: 'SRV', ttl: 60, rdata: ['0 1 80 No.Name'] }, a(1, 2)])
    const shard = builder.build()
    const node = find(shard, name)
    assert.deepEqual([shard.rrset(node, 33), lastOctets(shard, node)], [0, [1, 2]])
    assert.equal(shard.words[shard.rrset(node, 1) + RRSET.TABLE], 0)
  })

  test('finds exactly what was put in, as a Map would, for any octets in names', () => {
    const name = fc
      .array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { minLength: 1, maxLength: 4 })
      .map((labels) =>
        Buffer.concat([
          ...labels.flatMap((label) => [Buffer.of(label.length), label]),
          Buffer.of(0),
        ]),
      )
    const addresses = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 20 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, addresses), { maxLength: 60 }),
        fc.array(name, { maxLength: 20 }),
        (entries, others) => {
          const model = new Map(
            entries.map(([key, value]) => [key.toString('hex'), { key, value }]),
          )
          const builder = newBuilder()
          for (const { key, value } of model.values())
            builder.add(key, value.length > 0 ? [a(...value)] : [])
          const shard = builder.build()
          assert.equal(shard.names, model.size)
          for (const { key, value } of model.values()) {
            const node = find(shard, key)
            assert.equal(shard.words[node + NODE.NAME_LENGTH], key.length)
            assert.deepEqual(shard.isEmpty(node) ? [] : lastOctets(shard, node), value)
          }
          for (const other of others) {
            if (!model.has(other.toString('hex'))) assert.equal(find(shard, other), 0)
          }
        },
      ),
    )
  })
})
