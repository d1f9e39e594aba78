import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffDelay } from '../../src/mesos/backoff.ts'

const bounds = { minMs: 500, maxMs: 10_000 }

test('doubles up to the ceiling', () => {
  const delays = [0, 1, 2, 3, 4, 5, 6, 1e9].map((n) => backoffDelay(n, bounds, () => 1))
  assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000])
})

test('half of the delay is random', () => {
  const delays = [0, 0.5, 1].map((random) => backoffDelay(1, bounds, () => random))
  assert.deepEqual(delays, [500, 750, 1000])
})
