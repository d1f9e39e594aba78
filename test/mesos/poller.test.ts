import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createPoller } from '../../src/mesos/poller.ts'

const settle = () => new Promise(setImmediate)

/** A poller on mocked timers whose polls end when the test says so. */
function setUp(t: TestContext, intervalMs = 60_000) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let time = 0
  const interval = { ms: intervalMs }
  const polls: { readonly signal: AbortSignal; end(ok: boolean): Promise<void> }[] = []
  const poll = (signal: AbortSignal) =>
    new Promise<boolean>((resolve) => {
      const end = (ok: boolean) => {
        resolve(ok)
        return settle().then(() => {})
      }
      signal.addEventListener('abort', () => resolve(false))
      polls.push({ signal, end })
    })
  const poller = createPoller({
    poll,
    intervalMs: () => interval.ms,
    random: () => 0,
    now: () => time,
  })
  const pass = (ms: number) => {
    time += ms
    t.mock.timers.tick(ms)
  }
  const last = () => {
    const newest = polls.at(-1)
    assert.ok(newest)
    return newest
  }
  return { poller, polls, pass, last, interval }
}

test('polls at once, then begins one poll per interval', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  assert.equal(polls.length, 1)
  pass(10_000)
  await last().end(true)
  pass(49_999)
  assert.equal(polls.length, 1)
  pass(1)
  assert.equal(polls.length, 2)
})

test('never polls twice at once; one that takes longer is followed at once', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  pass(150_000)
  assert.equal(polls.length, 1)
  await last().end(true)
  pass(0)
  assert.equal(polls.length, 2)
})

test('until the first success failures are retried from one second on, up to the interval', async (t) => {
  const { poller, polls, pass, last } = setUp(t, 10_000)
  poller.start()
  // Half of 1, 2, 4, 8, 10, 10 seconds: the least the jitter leaves.
  for (const delay of [500, 1000, 2000, 4000, 5000, 5000]) {
    const before = polls.length
    await last().end(false)
    pass(delay - 1)
    assert.equal(polls.length, before, `nothing before ${delay} ms`)
    pass(1)
    assert.equal(polls.length, before + 1, `a poll after ${delay} ms`)
  }
})

test('after the first success failures wait for the interval', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  await last().end(true)
  pass(60_000)
  await last().end(false)
  pass(59_999)
  assert.equal(polls.length, 2)
  pass(1)
  assert.equal(polls.length, 3)
})

test('refresh polls at once and the interval begins anew', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  await last().end(true)
  pass(30_000)
  const refreshed = poller.refresh()
  assert.equal(polls.length, 2)
  await last().end(true)
  await refreshed
  pass(59_999)
  assert.equal(polls.length, 2)
  pass(1)
  assert.equal(polls.length, 3)
})

test('refreshes during a poll are one poll after it', async (t) => {
  const { poller, polls, last } = setUp(t)
  poller.start()
  const refreshed = Promise.all([poller.refresh(), poller.refresh()])
  assert.equal(polls.length, 1)
  await last().end(true)
  assert.equal(polls.length, 2)
  await last().end(true)
  await refreshed
  assert.equal(polls.length, 2)
})

test('restart gives up the running poll for a new one', async (t) => {
  const { poller, polls } = setUp(t)
  poller.start()
  poller.restart('another master leads')
  await settle()
  assert.equal(polls.length, 2)
  assert.deepEqual(
    polls.map(({ signal }) => signal.aborted),
    [true, false],
  )
})

test('stop aborts the running poll and starts no other', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  const queued = poller.refresh()
  poller.stop()
  await queued
  assert.equal(last().signal.aborted, true)
  pass(600_000)
  await poller.refresh()
  assert.equal(polls.length, 1)
})

test('the interval is asked for after each poll', async (t) => {
  const { poller, polls, pass, last, interval } = setUp(t)
  poller.start()
  interval.ms = 300_000
  await last().end(true)
  pass(299_999)
  assert.equal(polls.length, 1)
  pass(1)
  assert.equal(polls.length, 2)
})

test('replan makes a poll later or earlier that was planned with another interval', async (t) => {
  const { poller, polls, pass, last, interval } = setUp(t)
  poller.start()
  await last().end(true)
  pass(10_000)
  interval.ms = 300_000
  poller.replan()
  pass(289_999)
  assert.equal(polls.length, 1)
  interval.ms = 60_000
  poller.replan()
  pass(0)
  assert.equal(polls.length, 2)
})

test('within makes the next poll earlier, never later', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  await last().end(true)
  poller.within(5_000)
  poller.within(8_000)
  pass(4_999)
  assert.equal(polls.length, 1)
  pass(1)
  assert.equal(polls.length, 2)
  await last().end(true)
  poller.within(90_000)
  pass(59_999)
  assert.equal(polls.length, 2, 'what was wanted once is done')
  pass(1)
  assert.equal(polls.length, 3)
})

test('a poll that runs already is not the one that is wanted', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  poller.within(5_000)
  pass(2_000)
  await last().end(true)
  pass(2_999)
  assert.equal(polls.length, 1)
  pass(1)
  assert.equal(polls.length, 2)
})

test('what is wanted comes before the pause after a failure is over', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  for (const delay of [500, 1000, 2000]) {
    await last().end(false)
    pass(delay)
  }
  await last().end(false)
  const before = polls.length
  poller.within(100)
  poller.replan()
  pass(99)
  assert.equal(polls.length, before)
  pass(1)
  assert.equal(polls.length, before + 1)
})

test('nothing is planned after the end', async (t) => {
  const { poller, polls, pass, last } = setUp(t)
  poller.start()
  await last().end(true)
  poller.stop()
  poller.within(10)
  poller.replan()
  pass(600_000)
  assert.equal(polls.length, 1)
})
