import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { SweepTimer } from '../../src/mesos/sweep-timer.ts'

/** A store that wants to be swept when the test says. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let time = 1_000_000
  const sweeps: number[] = []
  const told: boolean[] = []
  const store = {
    nextSweepAt: undefined as number | undefined,
    next: undefined as number | undefined,
    sweep() {
      sweeps.push(time)
      this.nextSweepAt = this.next
      return true
    },
  }
  const timer = new SweepTimer({
    store,
    now: () => time,
    onSwept: (changed) => void told.push(changed),
  })
  const pass = async (ms: number) => {
    time += ms
    t.mock.timers.tick(ms)
    await setImmediate()
  }
  return { store, timer, sweeps, told, pass }
}

test('sweeps when the time has come, and as often as there is one', async (t) => {
  const { store, timer, sweeps, told, pass } = setUp(t)
  store.nextSweepAt = 1_060_000
  store.next = 1_090_000
  timer.plan()
  timer.plan()
  await pass(59_999)
  assert.deepEqual(sweeps, [])
  await pass(1)
  store.next = undefined
  await pass(30_000)
  await pass(1_000_000)
  assert.deepEqual(sweeps, [1_060_000, 1_090_000])
  assert.deepEqual(told, [true, true])
})

test('a time that has changed is the one that counts', async (t) => {
  const { store, timer, sweeps, pass } = setUp(t)
  store.nextSweepAt = 1_060_000
  timer.plan()
  store.nextSweepAt = 1_010_000
  timer.plan()
  await pass(10_000)
  assert.deepEqual(sweeps, [1_010_000])
  store.nextSweepAt = 1_020_000
  timer.plan()
  store.nextSweepAt = undefined
  timer.plan()
  await pass(1_000_000)
  assert.equal(sweeps.length, 1)
})

test('a time that has passed, and stays so, does not keep it busy', async (t) => {
  const { store, timer, sweeps, pass } = setUp(t)
  store.nextSweepAt = 5
  store.next = 5
  timer.plan()
  for (let i = 0; i < 1_000; i++) await pass(10)
  assert.equal(sweeps.length, 10)
  timer.stop()
  await pass(1_000)
  assert.equal(sweeps.length, 10)
})
