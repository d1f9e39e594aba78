import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ReadPace } from '../../../src/mesos/detect/zookeeper/read-pace.ts'

const pace = { burst: 3, everyMs: 1000 }

test('a burst goes at once, then one after the other', () => {
  const reads = new ReadPace(pace)
  const waits = Array.from({ length: 5 }, () => reads.take(5000))
  assert.deepEqual(waits, [0, 0, 0, 1000, 2000])
})

test('turns come back with time, up to the burst', () => {
  const reads = new ReadPace(pace)
  for (let i = 0; i < 3; i++) reads.take(0)
  assert.equal(reads.take(500), 500)
  assert.equal(reads.take(2000), 0)
  const rested = Array.from({ length: 4 }, () => reads.take(1_000_000))
  assert.deepEqual(rested, [0, 0, 0, 1000])
})

test('a clock that is set back gives nothing and takes nothing', () => {
  const reads = new ReadPace(pace)
  assert.equal(reads.take(10_000), 0)
  assert.deepEqual([reads.take(0), reads.take(0), reads.take(0)], [0, 0, 1000])
})

test('whoever waits its turn before it asks again is never let through more often', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { maxLength: 200 }), (idle) => {
      const reads = new ReadPace(pace)
      let now = 0
      const times = idle.map((ms) => {
        now += ms
        now += reads.take(now)
        return now
      })
      for (const [i, at] of times.entries()) {
        const later = times[i + pace.burst + 1]
        if (later !== undefined) assert.ok(later - at >= pace.everyMs - 1e-6)
      }
    }),
  )
})
