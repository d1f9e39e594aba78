import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, type Region, SEGMENT_OCTETS } from '../../src/zone/arena.ts'
import { hashName } from '../../src/zone/name-hash.ts'
import { viewOf } from '../../src/zone/octet-view.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { Zone } from '../../src/zone/zone.ts'
import type { ZoneUpdate } from '../../src/zone/zone-update.ts'
import { fullUpdate, rows, writeShard } from './hand-made.ts'

/** Hashes whose high half chooses shard 0, 1, 2, 3 of four. */
const HASHES = [0, 0x1_0000, 0x2_0000, 0xffff_0000]

function shards(arena: Arena, count: number): Region[] {
  return Array.from({ length: count }, (_, i) => writeShard(arena, [{ name: `s${i}.mesos.` }]))
}

/** What a reader gets: plain data through a port, the memory itself shared. */
function sent(update: ZoneUpdate): ZoneUpdate {
  return structuredClone(update)
}

function partial(update: ZoneUpdate, change: Partial<ZoneUpdate>): ZoneUpdate {
  const nothing = { full: false, segments: [], dropped: [], shards: new Int32Array() }
  return { ...update, epoch: update.epoch + 1, ...nothing, ...change }
}

test('the facts of the update are those of the zone', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 1), [], { epoch: 7, names: 3, records: 4 })
  const zone = Zone.from(undefined, sent(update))
  for (const fact of ['epoch', 'serial', 'digest', 'names', 'records'] as const) {
    assert.equal(zone[fact], update[fact], fact)
  }
  assert.deepEqual(zone.apex, update.apex)
  assert.deepEqual(zone.negativeSoa, update.negativeSoa)
  assert.equal(zone.hasReverseNames, false)
})

test('the high half of the hash chooses the shard, forward and reverse each for itself', () => {
  const arena = new Arena()
  const forward = shards(arena, 4)
  const reverse = shards(arena, 2)
  const zone = Zone.from(undefined, sent(fullUpdate(arena, forward, reverse)))
  assert.deepEqual(
    HASHES.map((hash) => zone.shardOf(hash).base),
    forward.map(({ word }) => word),
  )
  assert.ok(zone.hasReverseNames)
  assert.deepEqual(
    HASHES.slice(0, 2).map((hash) => zone.reverseShardOf(hash + 0xffff).base),
    reverse.map(({ word }) => word),
  )
})

test('the apex has its node in a shard of its own', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 1), [])
  const { apex, apexShard, apexNode } = Zone.from(undefined, sent(update))
  assert.equal(apexShard.base, update.apexShard[1])
  assert.equal(apexNode, apexShard.find(hashName(apex, apex.length), viewOf(apex), 0, apex.length))
  assert.notEqual(apexNode, 0)
})

test('a change makes new objects of the shards it names and of no others', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 4), shards(arena, 1))
  const before = Zone.from(undefined, sent(update))
  const changed = writeShard(arena, [{ name: 'new.mesos.' }])
  const after = Zone.from(
    before,
    sent(partial(update, { serial: 2, shards: rows([[2, changed]]) })),
  )
  assert.deepEqual([before.serial, after.serial], [update.serial, 2])
  assert.deepEqual(
    HASHES.map((hash) => after.shardOf(hash) === before.shardOf(hash)),
    [true, true, false, true],
  )
  assert.equal(after.reverseShardOf(0), before.reverseShardOf(0))
  const name = ownerToWire('new.mesos.') as Uint8Array
  const find = (zone: Zone) =>
    zone
      .shardOf(HASHES[2] as number)
      .find(hashName(name, name.length), viewOf(name), 0, name.length)
  assert.notEqual(find(after), 0)
  assert.equal(find(before), 0, 'whoever holds the zone before sees what it saw')
})

test('reverse shards count on after the forward ones', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 2), shards(arena, 2))
  const before = Zone.from(undefined, update)
  const changed = writeShard(arena, [{ name: 'new.mesos.' }])
  const after = Zone.from(before, partial(update, { shards: rows([[3, changed]]) }))
  assert.equal(after.shardOf(0x1_0000), before.shardOf(0x1_0000))
  assert.equal(after.reverseShardOf(0), before.reverseShardOf(0))
  assert.equal(after.reverseShardOf(0x1_0000).base, changed.word)
})

test('shards change in number: forward and reverse do not depend on each other', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 2), [])
  const before = Zone.from(undefined, update)
  const reverse = shards(arena, 2)
  const withReverse = partial(update, {
    reverseShards: 2,
    shards: rows(reverse.map((region, i) => [2 + i, region])),
  })
  const after = Zone.from(before, withReverse)
  assert.equal(after.shardOf(0), before.shardOf(0))
  assert.equal(after.reverseShardOf(0x1_0000).base, reverse[1]?.word)
  const more = shards(arena, 4)
  const last = Zone.from(
    after,
    partial(withReverse, { forwardShards: 4, shards: rows(more.entries()) }),
  )
  assert.equal(last.shardOf(0xffff_0000).base, more[3]?.word)
  assert.equal(last.reverseShardOf(0), after.reverseShardOf(0))
  const fewer = partial(last.toUpdate(), {
    forwardShards: 1,
    reverseShards: 0,
    shards: rows([[0, reverse[0] as Region]]),
  })
  const shrunk = Zone.from(last, fewer)
  assert.equal(shrunk.shardOf(0xffff_0000).base, reverse[0]?.word)
  assert.equal(shrunk.hasReverseNames, false)
})

test('segments come and go; views are kept while a segment lasts', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 2), [])
  const before = Zone.from(undefined, sent(update))
  arena.takeChanges()
  arena.allocate(SEGMENT_OCTETS / 2)
  while (arena.takeChanges().added.length === 0) arena.allocate(64 * 1024)
  const moved = writeShard(arena, [{ name: 'moved.mesos.' }])
  const segments = arena.segments().slice(1)
  const after = Zone.from(before, sent(partial(update, { segments, shards: rows([[0, moved]]) })))
  assert.notEqual(after.shardOf(0).words, before.shardOf(0).words)
  assert.equal(after.shardOf(0x1_0000).words, before.shardOf(0x1_0000).words)
  assert.equal(after.toUpdate().segments.length, 2)
})

test('a dropped segment is forgotten', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 1), [])
  const extra = { id: 99, buffer: new SharedArrayBuffer(SEGMENT_OCTETS) }
  const before = Zone.from(
    undefined,
    partial(update, { ...update, segments: [...update.segments, extra] }),
  )
  assert.equal(before.toUpdate().segments.length, 2)
  const after = Zone.from(before, partial(before.toUpdate(), { dropped: [99] }))
  assert.deepEqual(
    after.toUpdate().segments.map(({ id }) => id),
    update.segments.map(({ id }) => id),
  )
})

test('toUpdate gives a new reader the same zone, from the same memory', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 4), shards(arena, 2))
  const zone = Zone.from(
    Zone.from(undefined, sent(update)),
    sent(partial(update, { shards: rows([[1, writeShard(arena, [{ name: 'x.mesos.' }])]]) })),
  )
  const full = zone.toUpdate()
  assert.equal(full.full, true)
  const other = Zone.from(undefined, sent(full))
  assert.deepEqual(other.toUpdate(), full)
  for (const hash of HASHES) {
    assert.equal(other.shardOf(hash).base, zone.shardOf(hash).base)
    assert.equal(other.shardOf(hash).words[0], zone.shardOf(hash).words[0])
  }
  const { words } = zone.shardOf(0)
  words[words.length - 1] = 0x5eed
  assert.equal(other.shardOf(0).words.at(-1), 0x5eed)
})

test('a full update needs no zone before it, nor the one that is there', () => {
  const arena = new Arena()
  const before = Zone.from(undefined, fullUpdate(arena, shards(arena, 4), [], { epoch: 50 }))
  const other = new Arena()
  const update = fullUpdate(other, shards(other, 1), [], { epoch: 3 })
  const zone = Zone.from(before, update)
  assert.equal(zone.epoch, 3)
  assert.deepEqual(zone.toUpdate(), Zone.from(undefined, update).toUpdate())
})

test('an update that does not fit is refused', () => {
  const arena = new Arena()
  const update = fullUpdate(arena, shards(arena, 2), [])
  const zone = Zone.from(undefined, update)
  const next = partial(update, {})
  assert.throws(() => Zone.from(undefined, next), /zone update 2 does not follow anything/)
  for (const epoch of [1, 3]) {
    assert.throws(() => Zone.from(zone, { ...next, epoch }), /does not follow 1/)
  }
  for (const wrong of [
    { forwardShards: 4 },
    { reverseShards: 1 },
    { shards: Int32Array.of(0, 77, 0) },
    { shards: Int32Array.of(2, 1, 0) },
    { dropped: update.segments.map(({ id }) => id) },
    { apexShard: [77, 0] as const },
  ]) {
    assert.throws(() => Zone.from(zone, { ...next, ...wrong }), RangeError, JSON.stringify(wrong))
  }
  assert.equal(Zone.from(zone, next).epoch, 2)
})
