import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Arena, type Region, SEGMENT_OCTETS, UNIT_OCTETS } from '../../src/zone/arena.ts'

const UNIT_WORDS = UNIT_OCTETS / 4
const KIB = 1024
const MIB = 1024 * KIB

/** A region and how many octets were asked for. */
interface Held {
  readonly region: Region
  readonly octets: number
}

/** Fails where two regions share a word or one leaves its segment. */
function assertApart(arena: Arena, held: Iterable<Held>): void {
  const bySegment = new Map<number, { start: number; end: number }[]>()
  for (const { region, octets } of held) {
    const start = region.word * 4
    const list = bySegment.get(region.segment) ?? []
    list.push({ start, end: start + octets })
    bySegment.set(region.segment, list)
  }
  for (const [segment, list] of bySegment) {
    list.sort((a, b) => a.start - b.start)
    const size = arena.view(segment).buffer.byteLength
    for (const [i, { start, end }] of list.entries()) {
      assert.ok(start >= 0 && end <= size, 'inside its segment')
      assert.ok(i === 0 || start >= (list[i - 1]?.end ?? 0), 'behind the one before')
    }
  }
}

test('regions lie side by side in one segment, at multiples of a unit', () => {
  const arena = new Arena()
  const first = arena.allocate(1)
  const second = arena.allocate(UNIT_OCTETS + 1)
  const third = arena.allocate(0)
  assert.deepEqual([first.word, second.word, third.word], [0, UNIT_WORDS, 3 * UNIT_WORDS])
  assert.equal(new Set([first.segment, second.segment, third.segment]).size, 1)
  assert.equal(arena.octets, SEGMENT_OCTETS)
  assert.equal(arena.usedOctets, 4 * UNIT_OCTETS)
})

test('the views of a segment are of one shared memory', () => {
  const arena = new Arena()
  const { segment, word } = arena.allocate(8)
  const { words, octets, buffer, id } = arena.view(segment)
  words[word] = 0x01020304
  assert.equal(
    new DataView(buffer).getUint32(word * 4, true),
    new DataView(octets.buffer).getUint32(word * 4, true),
  )
  assert.ok(buffer instanceof SharedArrayBuffer)
  assert.equal(id, segment)
  assert.throws(() => arena.view(segment + 1), RangeError)
})

test('the smallest gap that fits is taken, of equals the first', () => {
  const arena = new Arena()
  const [a, , c, , e] = [8, 1, 4, 1, 4, 1].map((units) => arena.allocate(units * UNIT_OCTETS))
  for (const region of [e, a, c]) arena.free(region as Region)
  assert.deepEqual(arena.allocate(3 * UNIT_OCTETS), c)
  assert.deepEqual(arena.allocate(4 * UNIT_OCTETS), e)
  assert.deepEqual(arena.allocate(5 * UNIT_OCTETS), a)
})

test('a region bigger than a segment gets one of its own size', () => {
  const arena = new Arena()
  const big = arena.allocate(SEGMENT_OCTETS + 1)
  assert.equal(arena.view(big.segment).buffer.byteLength, 2 * SEGMENT_OCTETS)
  const small = arena.allocate(UNIT_OCTETS)
  assert.equal(small.segment, big.segment, 'what is left of it is used')
  arena.free(big)
  arena.free(small)
  assert.deepEqual(arena.allocate(2 * SEGMENT_OCTETS), big, 'gaps have become one')
})

test('a retired region is reused when all readers have come to its epoch, not before', () => {
  const arena = new Arena()
  const old = arena.allocate(SEGMENT_OCTETS)
  arena.retire(old, 5)
  arena.reclaim(4)
  assert.equal(arena.retired, 1)
  const next = arena.allocate(SEGMENT_OCTETS)
  assert.notDeepEqual(next, old)
  arena.reclaim(5)
  assert.equal(arena.retired, 0)
  assert.deepEqual(arena.allocate(SEGMENT_OCTETS), old)
})

test('without readers everything that is retired can be reclaimed', () => {
  const arena = new Arena()
  arena.retire(arena.allocate(1), 2 ** 40)
  arena.reclaim(Number.POSITIVE_INFINITY)
  assert.equal(arena.usedOctets, 0)
})

test('what is no region in use is a fault of the caller', () => {
  const arena = new Arena()
  const region = arena.allocate(2 * UNIT_OCTETS)
  const inside = { ...region, word: region.word + UNIT_WORDS }
  const elsewhere = { ...region, segment: region.segment + 1 }
  for (const wrong of [inside, elsewhere, { ...region, word: 1 }]) {
    assert.throws(() => arena.free(wrong), RangeError)
    assert.throws(() => arena.retire(wrong, 1), RangeError)
  }
  arena.free(region)
  assert.throws(() => arena.free(region), RangeError)
})

test('epochs do not fall', () => {
  const arena = new Arena()
  arena.retire(arena.allocate(1), 2)
  arena.retire(arena.allocate(1), 2)
  assert.throws(() => arena.retire(arena.allocate(1), 1), RangeError)
})

test('new segments are told of once', () => {
  const arena = new Arena()
  const first = arena.allocate(1)
  assert.deepEqual(
    arena.takeChanges().added.map(({ id }) => id),
    [first.segment],
  )
  arena.allocate(1)
  assert.deepEqual(arena.takeChanges(), { added: [], dropped: [] })
  const second = arena.allocate(SEGMENT_OCTETS)
  const { added } = arena.takeChanges()
  assert.equal(added[0]?.id, second.segment)
  assert.equal(added[0]?.buffer, arena.view(second.segment).buffer)
  assert.deepEqual(
    arena.segments().map(({ id }) => id),
    [first.segment, second.segment],
  )
})

/** Reclaims so often that whatever is spare is dropped. */
function idle(arena: Arena): void {
  for (let i = 0; i < 70; i++) arena.reclaim(Number.POSITIVE_INFINITY)
}

test('of segments that nothing needs any more as many stay as are in use, after a while', () => {
  const arena = new Arena()
  const regions = Array.from({ length: 5 }, () => arena.allocate(SEGMENT_OCTETS))
  arena.takeChanges()
  for (const region of regions.slice(1)) arena.retire(region, 1)
  arena.reclaim(1)
  assert.equal(arena.octets, 5 * SEGMENT_OCTETS, 'not at once')
  idle(arena)
  assert.equal(arena.octets, 2 * SEGMENT_OCTETS)
  const { added, dropped } = arena.takeChanges()
  assert.deepEqual(added, [])
  assert.deepEqual(
    dropped.toSorted(),
    regions.slice(2).map(({ segment }) => segment),
  )
  assert.deepEqual(arena.takeChanges(), { added: [], dropped: [] })
  assert.throws(() => arena.view(regions[2]?.segment ?? 0), RangeError)
  const later = arena.allocate(2 * SEGMENT_OCTETS)
  assert.ok(!dropped.includes(later.segment), 'an id is never used again')
})

test('a segment that came and went between two reports is in neither list', () => {
  const arena = new Arena()
  arena.free(arena.allocate(1))
  idle(arena)
  assert.equal(arena.octets, 0)
  assert.deepEqual(arena.takeChanges(), { added: [], dropped: [] })
})

test('segments that are needed time and again are kept', () => {
  const arena = new Arena()
  let epoch = 1
  let held = Array.from({ length: 8 }, () => arena.allocate(SEGMENT_OCTETS))
  for (let change = 0; change < 200; change++) {
    // A whole new zone beside the old one, as when every record changes.
    const next = held.map(() => arena.allocate(SEGMENT_OCTETS))
    epoch++
    for (const region of held) arena.retire(region, epoch)
    held = next
    // Now and then there is a long time without any.
    for (let calm = change % 10 === 0 ? 100 : 1; calm > 0; calm--) arena.reclaim(epoch)
  }
  assert.equal(arena.octets, 16 * SEGMENT_OCTETS)
  const { added, dropped } = arena.takeChanges()
  assert.deepEqual([added.length, dropped.length], [16, 0])
})

const sizes = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 200 * KIB }) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 * MIB }) },
  { weight: 1, arbitrary: fc.integer({ min: 4 * MIB, max: 9 * MIB }) },
)

test('no regions in use or retired ever overlap, and in the end all is free and in one piece', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ what: fc.constant('allocate' as const), octets: sizes }) },
    { weight: 2, arbitrary: fc.record({ what: fc.constant('free' as const), pick: fc.nat() }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('retire' as const), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant('reclaim' as const), lag: fc.nat(3) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const arena = new Arena()
      const inUse: Held[] = []
      let retired: (Held & { readonly epoch: number })[] = []
      let epoch = 1
      for (const one of steps) {
        if (one.what === 'allocate') {
          inUse.push({ region: arena.allocate(one.octets), octets: one.octets })
        } else if (one.what === 'reclaim') {
          const oldest = epoch - one.lag
          arena.reclaim(oldest)
          retired = retired.filter((held) => held.epoch > oldest)
        } else {
          const [held] = inUse.splice(one.pick % Math.max(1, inUse.length), 1)
          if (held === undefined) continue
          if (one.what === 'free') arena.free(held.region)
          else {
            arena.retire(held.region, ++epoch)
            retired.push({ ...held, epoch })
          }
        }
        assertApart(arena, [...inUse, ...retired])
        assert.equal(arena.retired, retired.length)
      }
      const before = arena.octets
      for (const { region } of inUse) arena.free(region)
      arena.reclaim(epoch)
      assert.equal(arena.usedOctets, 0)
      assertWhole(arena)
      assert.equal(arena.octets, before)
    }),
    { numRuns: 60 },
  )
})

/** Every segment can be had whole, so none is in pieces. */
function assertWhole(arena: Arena): void {
  const lengths = arena.segments().map(({ buffer }) => buffer.byteLength)
  const before = arena.octets
  for (const length of lengths.sort((a, b) => b - a)) arena.allocate(length)
  assert.equal(arena.octets, before)
}

test('memory stays bounded over a long run of random changes', () => {
  let seed = 1
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const size = () => 20 * KIB + random(160 * KIB)
  const arena = new Arena()
  const shards: Held[] = []
  let live = 0
  const make = () => {
    const octets = size()
    live += octets
    return { region: arena.allocate(octets), octets }
  }
  for (let i = 0; i < 500; i++) shards.push(make())
  let most = 0
  let mostLive = 0
  for (let epoch = 2; epoch < 4_000; epoch++) {
    // Readers are two epochs behind.
    arena.reclaim(epoch - 2)
    for (let changed = random(20); changed >= 0; changed--) {
      const index = random(shards.length)
      const old = shards[index] as Held
      shards[index] = make()
      live -= old.octets
      arena.retire(old.region, epoch)
    }
    most = Math.max(most, arena.octets)
    mostLive = Math.max(mostLive, live)
  }
  assertApart(arena, shards)
  assert.ok(most < 1.35 * mostLive, `${most} octets for ${mostLive}`)
})
