import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isShort, ShrinkGuard } from '../../../src/state/live/shrink-guard.ts'
import { added, agents, ClockedStore, framework, runs, settings, told, toldV1 } from './setup.ts'

/** So many agents and running tasks. */
const sizes = (agents: number, runningTasks: number) => ({ agents, runningTasks })

const TABLE = [
  [sizes(0, 0), sizes(0, 0), 50, false],
  [sizes(10, 100), sizes(10, 100), 0, false],
  [sizes(10, 100), sizes(10, 99), 0, true],
  [sizes(10, 100), sizes(10, 50), 50, false],
  [sizes(10, 100), sizes(10, 49), 50, true],
  [sizes(10, 100), sizes(5, 100), 50, false],
  [sizes(10, 100), sizes(4, 100), 50, true],
  [sizes(10, 100), sizes(3, 30), 70, false],
  [sizes(1, 1), sizes(1, 0), 50, true],
  [sizes(10, 100), sizes(0, 0), 99, true],
  [sizes(10, 100), sizes(0, 0), 100, false],
  [sizes(10, 0), sizes(20, 0), 0, false],
] as const

for (const [known, left, shrinkThreshold, expected] of TABLE) {
  const text = [known, left].map(({ agents, runningTasks }) => `${agents}+${runningTasks}`)
  test(`${text.join(' → ')} at ${shrinkThreshold} %: ${expected ? 'short' : 'fine'}`, () => {
    assert.equal(isShort(known, left, { shrinkThreshold }), expected)
  })
}

test('a short state is believed after as many more in a row as configured, never later or earlier', () => {
  const someStates = fc.array(fc.boolean(), { maxLength: 30 })
  fc.assert(
    fc.property(someStates, fc.integer({ min: 1, max: 5 }), (states, shrinkConfirmations) => {
      const guard = new ShrinkGuard()
      let inARow = 0
      let [doubts, confirmedLosses] = [0, 0]
      for (const short of states) {
        const verdict = guard.judge(sizes(2, 100), sizes(2, short ? 10 : 90), {
          ...settings,
          shrinkConfirmations,
        })
        inARow = short ? inARow + 1 : 0
        const isConfirmed = inARow > shrinkConfirmations
        assert.equal(verdict, short && !isConfirmed ? 'doubted' : 'believed')
        if (verdict === 'doubted') doubts++
        if (isConfirmed) [confirmedLosses, inARow] = [confirmedLosses + 1, 0]
        assert.equal(guard.isDoubting, inARow > 0)
        assert.deepEqual(
          { doubts: guard.doubts, confirmedLosses: guard.confirmedLosses },
          { doubts, confirmedLosses },
        )
      }
    }),
  )
})

const all = agents('S0', 'S1')
const FULL = { agents: all, frameworks: [framework('f', [runs('a'), runs('b'), runs('c')])] }
const SHORT = {
  agents: all,
  frameworks: [framework('f', [runs('a', 'S1'), runs('x', 'S1', { state: 'TASK_STAGING' })])],
}

for (const [name, say] of [
  ['fetched', told],
  ['v1', toldV1],
] as const) {
  test(`${name}: of a doubted state, what it adds and changes counts, what it lacks does not`, () => {
    const store = new ClockedStore({ shrinkConfirmations: 2 })
    store.adopt(told(FULL))
    for (let doubts = 1; doubts <= 2; doubts++) {
      const { doubted, lost } = store.adopt(say(SHORT))
      assert.deepEqual({ doubted, lost }, { doubted: true, lost: 2 })
      assert.equal(store.ids, 'S0 S1 f f/a f/b f/c f/x')
      assert.equal(store.state?.frameworks[0]?.tasks[0]?.agentId, 'S1')
      assert.equal(store.guard.doubting, true)
      assert.equal(store.guard.doubts, doubts)
    }
    const { doubted, lost } = store.adopt(say(SHORT))
    assert.deepEqual({ doubted, lost }, { doubted: false, lost: 2 })
    assert.equal(store.ids, 'S0 S1 f f/a f/x')
    const { doubting, doubts, confirmedLosses, held } = store.guard
    assert.deepEqual(
      { doubting, doubts, confirmedLosses },
      { doubting: false, doubts: 2, confirmedLosses: 1 },
    )
    assert.deepEqual(held, { agents: 0, frameworks: 0, tasks: 0 })
  })
}

test('a state that is not short forgets the doubt, and what that one lacks is gone', () => {
  const store = new ClockedStore()
  store.adopt(told(FULL))
  store.adopt(told(SHORT))
  const { doubted } = store.adopt(
    told({ agents: all, frameworks: [framework('f', [runs('a'), runs('b')])] }),
  )
  assert.equal(doubted, false)
  assert.equal(store.ids, 'S0 S1 f f/a f/b')
  assert.equal(store.adopt(told({ agents: all })).doubted, true)
})

test('agents that are suddenly gone are doubted, too', () => {
  const store = new ClockedStore()
  store.adopt(told({ agents: agents('S0', 'S1', 'S2') }))
  assert.equal(store.adopt(told({ agents: agents('S0') })).doubted, true)
  assert.equal(store.ids, 'S0 S1 S2')
})

test('what events say is not doubted, and what they added counts as known', () => {
  const store = new ClockedStore()
  store.adopt(told(FULL))
  for (const id of ['d', 'e', 'f', 'g']) store.apply(added('f', runs(id)))
  assert.equal(store.adopt(told(FULL)).doubted, true)
})

test('an empty state of the same master is doubted, not held', () => {
  const store = new ClockedStore()
  store.adopt(told(FULL))
  assert.equal(store.adopt(told({})).doubted, true)
  assert.equal(store.nextSweepAt, undefined)
  assert.equal(store.guard.failovers, 0)
  assert.equal(store.adopt(told({})).doubted, false)
  assert.equal(store.ids, '')
})

test('once believed, states are taken as they are again', () => {
  const store = new ClockedStore()
  store.adopt(told(FULL))
  const short = told({ agents: all })
  store.adopt(short)
  assert.equal(store.ids, 'S0 S1 f f/a f/b f/c')
  store.adopt(short)
  assert.deepEqual(store.state, short.state)
  const next = told(FULL)
  store.adopt(next)
  store.adopt(next)
  assert.equal(store.state, next.state)
})

test('another threshold counts from the next state on', () => {
  const store = new ClockedStore()
  store.adopt(told(FULL))
  store.configure({ ...settings, shrinkThreshold: 100 })
  assert.equal(store.adopt(told({})).doubted, false)
  assert.equal(store.ids, '')
})
