import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { StatusFeed } from '../../src/mesos/status-feed.ts'

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told = { times: 0 }
  const feed = new StatusFeed(() => told.times++)
  return { feed, told, pass: (ms: number) => t.mock.timers.tick(ms) }
}

test('news are told in the same turn, several as one', async (t) => {
  const { feed, told } = setUp(t)
  feed.news()
  feed.news()
  await Promise.resolve()
  assert.equal(told.times, 1)
})

test('counters are told once a second', async (t) => {
  const { feed, told, pass } = setUp(t)
  for (let i = 0; i < 10; i++) feed.counted()
  pass(999)
  assert.equal(told.times, 0)
  pass(1)
  assert.equal(told.times, 1)
  pass(10_000)
  assert.equal(told.times, 1)
  feed.counted()
  pass(1_000)
  assert.equal(told.times, 2)
})

test('news tell the counters too', async (t) => {
  const { feed, told, pass } = setUp(t)
  feed.counted()
  feed.news()
  await Promise.resolve()
  pass(10_000)
  assert.equal(told.times, 1)
})

test('after the end nothing is told', async (t) => {
  const { feed, told, pass } = setUp(t)
  feed.counted()
  feed.news()
  feed.stop()
  feed.counted()
  await Promise.resolve()
  pass(10_000)
  assert.equal(told.times, 0)
})
