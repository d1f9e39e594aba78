import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RestartBackoff } from '../../src/threads/backoff.ts'

const DAY_MS = 86_400_000

test('the first death is followed by a replacement at once, later ones ever more slowly', () => {
  const backoff = new RestartBackoff()
  const delays = Array.from({ length: 12 }, () => backoff.delayAfter(50))
  assert.deepEqual(
    delays,
    [0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000],
  )
})

test('a thread that has lived for a while is replaced at once again', () => {
  const backoff = new RestartBackoff()
  for (let i = 0; i < 5; i++) backoff.delayAfter(50)
  assert.deepEqual(
    [backoff.delayAfter(DAY_MS), backoff.delayAfter(50), backoff.delayAfter(50)],
    [0, 100, 200],
  )
})

test('however often threads die, the pause stays bounded', () => {
  const backoff = new RestartBackoff()
  let longest = 0
  for (let i = 0; i < 5000; i++) longest = Math.max(longest, backoff.delayAfter(0))
  assert.equal(longest, 10_000)
})
