import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
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
    clock: () => time,
    onSwept: (changed) => void told.push(changed),
  })
  const pass = (ms: number) => {
    time += ms
    t.mock.timers.tick(ms)
  }
  return { store, timer, sweeps, told, pass }
}

test('sweeps when the time has come, and as often as there is one', (t) => {
  const { store, timer, sweeps, told, pass } = setUp(t)
  store.nextSweepAt = 1_060_000
  store.next = 1_090_000
  timer.plan()
  timer.plan()
  pass(59_999)
  assert.deepEqual(sweeps, [])
  pass(1)
  store.next = undefined
  pass(30_000)
  pass(1_000_000)
  assert.deepEqual(sweeps, [1_060_000, 1_090_000])
  assert.deepEqual(told, [true, true])
})

test('a time that has changed is the one that counts', (t) => {
  const { store, timer, sweeps, pass } = setUp(t)
  store.nextSweepAt = 1_060_000
  timer.plan()
  store.nextSweepAt = 1_010_000
  timer.plan()
  pass(10_000)
  assert.deepEqual(sweeps, [1_010_000])
  store.nextSweepAt = 1_020_000
  timer.plan()
  store.nextSweepAt = undefined
  timer.plan()
  pass(1_000_000)
  assert.equal(sweeps.length, 1)
})

test('a time that has passed, and stays so, does not keep it busy', (t) => {
  const { store, timer, sweeps, pass } = setUp(t)
  store.nextSweepAt = 5
  store.next = 5
  timer.plan()
  for (let ms = 0; ms < 1_000; ms++) pass(1)
  assert.equal(sweeps.length, 10)
  timer.stop()
  pass(1_000)
  assert.equal(sweeps.length, 10)
})
