import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClusterStore } from '../../../src/state/live/index.ts'
import { endpoint } from '../../records/cluster.ts'
import {
  added,
  agentAdded,
  agents,
  ClockedStore,
  event,
  framework,
  frameworkTold,
  runs,
  type Said,
  settings,
  told,
  toldV1,
  updated,
} from './setup.ts'

const F = framework('f', [runs('a'), runs('b', 'S1')])
const G = framework('g', [runs('c', 'S2')])
const CLUSTER: Said = { agents: agents('S0', 'S1', 'S2'), frameworks: [F, G] }
const ALL = 'S0 S1 S2 f f/a f/b g g/c'

/** A store that knows CLUSTER from master M1, with nothing doubted unless said otherwise. */
function known(change = {}): ClockedStore {
  const store = new ClockedStore({ shrinkThreshold: 100, ...change })
  store.adopt(told(CLUSTER))
  return store
}

/** What a new leader says, before anybody is back. */
const emptyM2 = () => told({ master: 'M2' })
const recovering = (said: Said = {}) =>
  told({ master: 'M2', recovered: ['S0', 'S1', 'S2'], ...said })

const held = (agents: number, frameworks: number, tasks: number) => ({ agents, frameworks, tasks })

test('a new leader that knows nothing yet takes nothing until the hold ends', () => {
  const store = known()
  const { changed, lost, doubted } = store.adopt(emptyM2())
  assert.deepEqual({ changed, lost, doubted }, { changed: true, lost: 0, doubted: false })
  assert.deepEqual(store.state?.leader, endpoint('m2.example:5050'))
  assert.equal(store.ids, ALL)
  assert.deepEqual(store.guard, {
    held: held(3, 2, 3),
    holdUntil: 600_000,
    failovers: 1,
    doubting: false,
    doubts: 0,
    confirmedLosses: 0,
  })
  assert.equal(store.nextSweepAt, 600_000)
  store.clock.ms = 599_999
  store.adopt(emptyM2())
  assert.equal(store.sweep(), false)
  assert.equal(store.ids, ALL)
  store.clock.ms = 600_000
  assert.equal(store.sweep(), true)
  assert.equal(store.ids, '')
  assert.equal(store.nextSweepAt, undefined)
  assert.equal(store.sweep(), false)
})

test('what is held too long goes with the next state, too, and is not doubted', () => {
  const store = known({ shrinkThreshold: 0 })
  store.adopt(emptyM2())
  store.clock.ms = 600_000
  const { lost, doubted } = store.adopt(emptyM2())
  assert.deepEqual({ lost, doubted }, { lost: 0, doubted: false })
  assert.equal(store.ids, '')
})

test('states taken as they are, once everything is back', () => {
  const store = known()
  store.adopt(emptyM2())
  const back = told({ ...CLUSTER, master: 'M2' })
  store.adopt(back)
  assert.equal(store.ids, ALL)
  assert.deepEqual(store.guard.held, held(0, 0, 0))
  assert.equal(store.guard.holdUntil, undefined)
  store.adopt(back)
  assert.equal(store.state, back.state)
})

test('the objects held are the same, also when they come back', () => {
  const store = known()
  const before = store.state
  store.adopt(recovering())
  assert.equal(store.state?.frameworks[0], before?.frameworks[0])
  store.adopt(told({ ...CLUSTER, master: 'M2' }))
  assert.equal(store.state?.frameworks[0]?.tasks[0], before?.frameworks[0]?.tasks[0])
})

test('an agent that the registry does not know is gone, with its tasks', () => {
  const store = known()
  store.adopt(recovering({ recovered: ['S0', 'S1'] }))
  assert.equal(store.ids, 'S0 S1 f f/a f/b g')
  // One that was awaited can be given up by the leader itself.
  store.adopt(recovering({ recovered: ['S0'] }))
  assert.equal(store.ids, 'S0 f f/a g')
})

test('the registry is read first, then agents come back, and tell their tasks', () => {
  const store = known()
  store.adopt(emptyM2())
  store.adopt(recovering())
  assert.equal(store.ids, ALL)
  store.clock.ms = 1000
  // S0 is back, but its task is not listed yet.
  store.adopt(recovering({ agents: agents('S0'), recovered: ['S1', 'S2'] }))
  assert.equal(store.ids, ALL)
  assert.deepEqual(store.guard.held, held(2, 2, 3))
  // Task b is gone with its agent, which is not in the registry any more.
  store.adopt(recovering({ agents: agents('S0'), frameworks: [framework('f')], recovered: ['S2'] }))
  assert.equal(store.ids, 'S0 S2 f f/a g g/c')
  store.clock.ms = 10_999
  assert.equal(store.settle(), false)
  store.clock.ms = 11_000
  assert.equal(store.sweep(), false, 'the leader is to be heard from')
  assert.equal(store.settle(), true)
  assert.equal(store.ids, 'S0 S2 f g g/c')
  assert.equal(store.nextSweepAt, 600_000)
  assert.deepEqual(store.guard.held, held(1, 1, 1))
  store.adopt(told({ master: 'M2', agents: agents('S0', 'S2'), frameworks: [G] }))
  assert.equal(store.ids, 'S0 S2 g g/c', 'f was listed, so it is gone')
})

test('events confirm, one by one', () => {
  const store = known()
  store.adopt(recovering())
  const steps = [
    [agentAdded('S0'), held(2, 2, 3)],
    [frameworkTold('f'), held(2, 1, 3)],
    [added('f', runs('a')), held(2, 1, 2)],
    [added('f', runs('b', 'S1')), held(2, 1, 1)],
    [agentAdded('S1'), held(1, 1, 1)],
    [updated('g', 'c', 'TASK_RUNNING'), held(1, 0, 0)],
    [agentAdded('S2'), held(0, 0, 0)],
  ] as const
  for (const [told, expected] of steps) {
    store.apply(told)
    assert.deepEqual(store.guard.held, expected)
    assert.equal(store.ids, ALL)
  }
  store.clock.ms = 600_000
  store.sweep()
  assert.equal(store.ids, ALL)
})

test('events end what is held', () => {
  const store = known()
  store.adopt(recovering())
  store.apply(updated('f', 'a', 'TASK_FAILED'))
  assert.equal(store.ids, 'S0 S1 S2 f f/b g g/c')
  store.apply(event({ kind: 'agent-removed', agentId: 'S1' }))
  assert.equal(store.ids, 'S0 S2 f g g/c')
  store.apply(updated('g', 'c', 'TASK_LOST', { removedAgentId: 'S2' }))
  assert.equal(store.ids, 'S0 f g')
  store.apply(event({ kind: 'framework-removed', frameworkId: 'g' }))
  assert.equal(store.ids, 'S0 f')
  assert.deepEqual(store.guard.held, held(1, 0, 0), 'f has been told of, with its tasks')
})

test('a scheduler that is not back keeps its pid until the hold ends', () => {
  const store = known()
  const without = [framework('f', F.tasks, ''), framework('g', G.tasks, '')]
  const pids = () => store.state?.frameworks.map(({ pid }) => pid?.port)
  store.adopt(emptyM2())
  store.adopt(told({ ...CLUSTER, master: 'M2', frameworks: without }))
  assert.deepEqual(pids(), [8080, 8080])
  assert.equal(store.guard.holdUntil, 600_000)
  // The scheduler of g is back, somewhere else.
  store.adopt(
    told({
      ...CLUSTER,
      master: 'M2',
      frameworks: [...without.slice(0, 1), framework('g', G.tasks, '10.1.1.2:9090')],
    }),
  )
  assert.deepEqual(pids(), [8080, 9090])
  store.clock.ms = 600_000
  assert.equal(store.sweep(), true)
  assert.deepEqual(pids(), [undefined, 9090])
})

test('a pid is held, too, if an event tells the framework', () => {
  const store = known()
  store.adopt(recovering())
  store.apply(frameworkTold('f'))
  const without = [framework('f', F.tasks, ''), framework('g', G.tasks, '')]
  store.adopt(told({ ...CLUSTER, master: 'M2', frameworks: without }))
  assert.deepEqual(
    store.state?.frameworks.map(({ pid }) => pid?.port),
    [8080, 8080],
  )
  store.clock.ms = 600_000
  store.adopt(told({ ...CLUSTER, master: 'M2', frameworks: without }))
  assert.deepEqual(
    store.state?.frameworks.map(({ pid }) => pid),
    [undefined, undefined],
  )
})

test('a third leader begins anew', () => {
  const store = known()
  store.adopt(emptyM2())
  store.clock.ms = 300_000
  store.adopt(told({ master: 'M3' }))
  assert.equal(store.guard.holdUntil, 900_000)
  assert.equal(store.guard.failovers, 2)
  assert.equal(store.ids, ALL)
})

test('a third leader begins anew, although it comes after the deadline of the second', () => {
  const store = known()
  store.adopt(emptyM2())
  store.clock.ms = 600_000
  store.adopt(told({ master: 'M3' }))
  assert.equal(store.ids, ALL)
  assert.equal(store.guard.holdUntil, 1_200_000)
})

test('v1 names no master, but agents that are not back begin a hold, once', () => {
  const store = known()
  const v1 = (said: Said) => ({ ...toldV1(said), recoveredAgents: new Set(said.recovered) })
  store.adopt(v1({ recovered: ['S0', 'S1', 'S2'] }))
  assert.equal(store.ids, ALL)
  store.clock.ms = 1000
  // The first /state of the same leader.
  store.adopt(recovering())
  store.adopt(v1({ recovered: ['S0', 'S1', 'S2'] }))
  // Time counts from the first state that names the leader.
  assert.equal(store.guard.holdUntil, 601_000)
  assert.equal(store.guard.failovers, 1)
  store.clock.ms = 2000
  // S0 comes back, and is then not back again: yet another leader.
  store.apply(agentAdded('S0'))
  store.adopt(v1({ recovered: ['S0', 'S1', 'S2'] }))
  assert.equal(store.guard.holdUntil, 602_000)
  assert.equal(store.guard.failovers, 2)
  assert.equal(store.ids, ALL)
})

test('v1 of what is said to be another leader begins a hold, although no agent is missing', () => {
  const store = known()
  const back = { agents: agents('S0', 'S1', 'S2'), frameworks: [F] }
  store.expectAnotherLeader()
  store.adopt(toldV1(back))
  assert.equal(store.ids, ALL, 'the scheduler of g is not back')
  assert.deepEqual(store.guard.held, held(0, 1, 1))
  store.clock.ms = 1000
  const { drift } = store.adopt(told({ ...back, master: 'M2' }))
  assert.equal(drift, 0)
  assert.equal(store.ids, ALL)
  assert.equal(store.guard.holdUntil, 601_000)
  assert.equal(store.guard.failovers, 1)
})

test('what v1 is said to be another leader’s ends with a state of the same one', () => {
  const store = known()
  const back = { agents: agents('S0', 'S1', 'S2'), frameworks: [F] }
  store.expectAnotherLeader()
  store.adopt(toldV1(back))
  assert.equal(store.ids, ALL)
  store.adopt(told(back))
  assert.equal(store.ids, 'S0 S1 S2 f f/a f/b')
  assert.equal(store.guard.holdUntil, undefined)
  store.adopt(toldV1({ ...back, frameworks: [] }))
  assert.equal(store.ids, 'S0 S1 S2', 'nobody says that of later ones')
})

test('an agent that is still telling its tasks has more time for the others', () => {
  const store = known()
  const more = framework('f', [runs('a'), runs('d'), runs('e')])
  store.adopt(told({ ...CLUSTER, frameworks: [more, G] }))
  store.adopt(recovering())
  store.apply(agentAdded('S0'))
  store.clock.ms = 9_000
  store.apply(added('f', runs('a')))
  store.clock.ms = 18_000
  assert.equal(store.settle(), false)
  store.apply(updated('f', 'd', 'TASK_RUNNING'))
  // That it goes on with what is told says nothing of what is not.
  store.clock.ms = 27_999
  assert.equal(store.settle(), false)
  store.apply(updated('f', 'd', 'TASK_RUNNING', { timestamp: 3 }))
  store.clock.ms = 28_000
  assert.equal(store.settle(), true)
  assert.equal(store.ids, 'S0 S1 S2 f f/a f/d g g/c')
})

test('a clock that is set changes when a hold is said to end, not when it does', () => {
  let time = 0
  let epoch = 1_500_000_000_000
  const store = new ClusterStore(settings, { now: () => time, clock: () => epoch })
  store.adopt(told(CLUSTER))
  store.adopt(emptyM2())
  assert.equal(store.guard.holdUntil, epoch + 600_000)
  time = 1_000
  epoch += 3_600_000
  assert.equal(store.sweep(), false)
  assert.equal(store.guard.holdUntil, epoch + 599_000)
  assert.equal(store.nextSweepAt, 600_000)
  epoch -= 7_200_000
  time = 600_000
  assert.equal(store.sweep(), true)
  assert.equal(store.guard.holdUntil, undefined)
})

test('agents that we do not know, but that are not back, show a new leader, too', () => {
  const store = known()
  const listed = toldV1({ agents: agents('S0', 'S1', 'S2'), frameworks: [F] })
  store.adopt({ ...listed, recoveredAgents: new Set(['S9']) })
  assert.equal(store.ids, ALL, 'the scheduler of g is not back')
})

test('a leader that goes on naming agents after the hold begins no other', () => {
  const store = known()
  store.adopt(recovering())
  store.clock.ms = 600_000
  store.adopt(recovering())
  assert.equal(store.ids, '')
  store.apply(agentAdded('S0'))
  store.adopt(recovering({ agents: agents('S0'), recovered: ['S1', 'S2'] }))
  store.adopt(recovering({ recovered: ['S1', 'S2'] }))
  assert.equal(store.ids, '')
  assert.equal(store.guard.failovers, 1)
})

test('a leader that has lost its registry is doubted', () => {
  const store = known({ shrinkThreshold: 50 })
  const other = told({ master: 'M2', agents: agents('S9') })
  assert.equal(store.adopt(other).doubted, true)
  assert.equal(store.ids, 'S0 S1 S2 S9 f f/a f/b g g/c')
  // Then it remembers.
  assert.equal(store.adopt(recovering({ agents: agents('S9') })).doubted, false)
  assert.deepEqual(store.guard.held, held(3, 2, 3))
})

test('tasks that no agent brings back wait for states that confirm it, if they are many', () => {
  const store = known({ shrinkThreshold: 50 })
  const bare = told({ master: 'M2', agents: agents('S0', 'S1', 'S2') })
  assert.equal(store.adopt(bare).doubted, false)
  store.clock.ms = 10_000
  assert.equal(store.settle(), false)
  assert.equal(store.nextSweepAt, 600_000)
  assert.equal(store.ids, ALL)
  assert.equal(store.adopt(bare).doubted, true)
  assert.equal(store.ids, ALL)
  assert.equal(store.adopt(bare).doubted, false)
  assert.equal(store.ids, 'S0 S1 S2 f g', 'the frameworks are still held')
})

test('nothing is held with failoverHoldSeconds 0, but a sudden loss is doubted', () => {
  const store = known({ failoverHoldSeconds: 0, shrinkThreshold: 50 })
  assert.equal(store.adopt(emptyM2()).doubted, true)
  assert.deepEqual(store.guard.held, held(0, 0, 0))
  assert.equal(store.adopt(emptyM2()).doubted, false)
  assert.equal(store.ids, '')
})

test('a hold follows other settings', () => {
  const store = known()
  store.adopt(emptyM2())
  store.configure({ ...settings, failoverHoldSeconds: 60 })
  assert.equal(store.nextSweepAt, 60_000)
  assert.equal(store.guard.holdUntil, 60_000)
})

test('a new leader that has everything at once is no failover to speak of', () => {
  const store = known()
  const next = told({ ...CLUSTER, master: 'M2' })
  const { changed, drift, lost } = store.adopt(next)
  assert.deepEqual({ changed, drift, lost }, { changed: true, drift: 0, lost: 0 })
  assert.equal(store.guard.failovers, 0)
  // An agent that leaves it later is gone at once.
  store.adopt(told({ ...CLUSTER, agents: agents('S0', 'S1'), master: 'M2' }))
  assert.equal(store.ids, 'S0 S1 f f/a f/b g g/c')
})

test('what events of the old leader touched while the first state of the new one was on its way is held, too', () => {
  const store = new ClockedStore({ shrinkThreshold: 100 })
  store.adopt(
    told({
      agents: agents('S0', 'S1'),
      frameworks: [framework('f', [runs('a')]), framework('g', [runs('b', 'S1')])],
    }),
  )
  const window = store.begin()
  store.apply(updated('f', 'a', 'TASK_RUNNING', { healthy: true }))
  store.adopt(told({ master: 'M2' }), window)
  assert.equal(store.ids, 'S0 S1 f f/a g g/b')
  store.adopt(told({ master: 'M2' }), store.begin())
  assert.equal(store.ids, 'S0 S1 f f/a g g/b')
})
