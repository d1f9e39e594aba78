import assert from 'node:assert/strict'
import { test } from 'node:test'
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
  told,
  toldV1,
  updated,
} from './setup.ts'

const two = agents('S0', 'S1')
const CLUSTER: Said = { agents: two, frameworks: [framework('f', [runs('a'), runs('b', 'S1')])] }
const UNCHANGED = { changed: false, drift: 0, lost: 0, doubted: false, wantsAudit: false }

test('before the first whole state nothing is known', () => {
  const store = new ClockedStore()
  assert.equal(store.state, undefined)
  assert.equal(store.nextSweepAt, undefined)
  assert.equal(store.sweep(), false)
  assert.deepEqual(store.report.problems, [])
})

test('while states are only fetched, the state is the one fetched, whatever is in it', () => {
  const store = new ClockedStore()
  const odd = framework('f', [runs('a'), runs('a', 'S1')])
  for (const said of [CLUSTER, { agents: two, frameworks: [odd, odd] }, CLUSTER]) {
    const full = told(said)
    assert.equal(store.adopt(full, store.begin()).changed, true)
    assert.equal(store.state, full.state)
    assert.equal(store.report, full.report)
    assert.deepEqual(store.adopt({ ...told({}), state: full.state }), UNCHANGED)
  }
})

test('a state fetched once more after events leaves every object as it was', () => {
  const store = new ClockedStore()
  store.adopt(told(CLUSTER))
  store.apply(added('f', runs('c')))
  const before = store.state
  const frameworks = [framework('f', [runs('c'), runs('b', 'S1'), runs('a')])]
  assert.deepEqual(store.adopt(told({ agents: agents('S1', 'S0'), frameworks })), UNCHANGED)
  assert.equal(store.state, before)
})

test('without events since, the state is the one fetched again, once it has the same objects', () => {
  const store = new ClockedStore()
  const first = told(CLUSTER)
  store.adopt(first)
  store.apply(added('f', runs('c')))
  const c = store.state?.frameworks[0]?.tasks[2]
  assert.ok(c)
  const [f] = first.state.frameworks
  assert.ok(f)
  const second = {
    ...first,
    state: { ...first.state, frameworks: [{ ...f, tasks: [...f.tasks, c] }] },
  }
  store.adopt(second)
  assert.notEqual(store.state, second.state)
  store.adopt(second)
  assert.equal(store.state, second.state)
})

test('an object that says the same is compared once, and again when the task has changed', () => {
  const store = new ClockedStore()
  const one = (task = runs('a')) => told({ agents: two, frameworks: [framework('f', [task])] })
  const first = runs('a')
  const again = runs('a')
  const state = () => store.state?.frameworks[0]?.tasks[0]
  store.isStreaming = true
  store.adopt(one(first))
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(store.adopt(one(again)), UNCHANGED)
    assert.equal(state(), first)
  }
  store.apply(updated('f', 'a', 'TASK_RUNNING', { healthy: false }))
  assert.equal(state()?.statuses[0]?.healthy, false)
  assert.equal(store.adopt(one(again)).drift, 1)
  assert.equal(state(), again)
  store.apply(updated('f', 'a', 'TASK_KILLED'))
  assert.equal(store.adopt(one(again)).drift, 1)
  assert.equal(state(), again)
})

test('what events have not told is drift, of running tasks, agents and frameworks', () => {
  const table: readonly (readonly [string, Said, number])[] = [
    ['nothing', CLUSTER, 0],
    [
      'a task came',
      { agents: two, frameworks: [framework('f', [runs('a'), runs('b', 'S1'), runs('c')])] },
      1,
    ],
    [
      'a task changed',
      { agents: two, frameworks: [framework('f', [runs('a', 'S1'), runs('b', 'S1')])] },
      1,
    ],
    ['a task ended', { agents: two, frameworks: [framework('f', [runs('a')])] }, 1],
    [
      'a task began that does not run',
      {
        agents: two,
        frameworks: [
          framework('f', [runs('a'), runs('b', 'S1'), runs('c', 'S0', { state: 'TASK_STAGING' })]),
        ],
      },
      0,
    ],
    ['an agent came', { ...CLUSTER, agents: agents('S0', 'S1', 'S2') }, 1],
    ['an agent went', { ...CLUSTER, agents: agents('S1') }, 1],
    [
      'a framework came',
      { ...CLUSTER, frameworks: [...(CLUSTER.frameworks ?? []), framework('g')] },
      1,
    ],
    ['a framework went with a task', { agents: two, frameworks: [framework('g', [runs('b')])] }, 5],
  ]
  for (const [name, said, drift] of table) {
    const store = new ClockedStore({ shrinkThreshold: 100 })
    store.adopt(told(CLUSTER))
    store.apply(agentAdded('S0'))
    assert.equal(store.adopt(told(said)).drift, drift, name)
    assert.equal(store.adopt(told(said)).drift, 0, name)
  }
})

test('without a stream there is no drift, nor does v1 see any', () => {
  const store = new ClockedStore({ shrinkThreshold: 100 })
  store.adopt(told(CLUSTER))
  assert.equal(store.adopt(told({})).drift, 0)
  store.apply(agentAdded('S0'))
  assert.equal(store.adopt(toldV1(CLUSTER)).drift, 0)
})

test('v1 leaves the leader and the pids that are known', () => {
  const store = new ClockedStore()
  store.adopt(told(CLUSTER))
  const before = store.state
  assert.deepEqual(store.adopt(toldV1(CLUSTER)), UNCHANGED)
  assert.equal(store.state, before)
  const moved = { ...framework('f', [runs('a'), runs('b', 'S1')]), hostname: 'two.example' }
  assert.deepEqual(store.adopt(toldV1({ agents: two, frameworks: [moved] })), {
    ...UNCHANGED,
    changed: true,
    wantsAudit: true,
  })
  assert.equal(store.state?.frameworks[0]?.pid, undefined)
  assert.deepEqual(store.state?.leader, endpoint('m1.example:5050'))
  const { drift, changed } = store.adopt(told({ agents: two, frameworks: [moved] }))
  assert.deepEqual({ drift, changed }, { drift: 0, changed: true })
  assert.deepEqual(store.state?.frameworks[0]?.pid, endpoint('10.1.1.1:8080'))
})

test('what began with v1 wants a state that tells the rest, and it is no drift', () => {
  const store = new ClockedStore()
  assert.equal(store.adopt(toldV1(CLUSTER)).wantsAudit, true)
  assert.equal(store.adopt(toldV1(CLUSTER)).wantsAudit, true)
  const tasks = store.state?.frameworks[0]?.tasks
  assert.deepEqual(store.adopt(told(CLUSTER)), { ...UNCHANGED, changed: true })
  assert.equal(store.state?.frameworks[0]?.tasks, tasks)
  assert.equal(store.adopt(toldV1(CLUSTER)).wantsAudit, false)
})

test('frameworks are in the order of the last /state', () => {
  const store = new ClockedStore()
  const [f, g, h] = ['f', 'g', 'h'].map((id) => framework(id))
  const order = () => store.state?.frameworks.map(({ id }) => id).join('')
  assert.ok(f && g && h)
  store.adopt(told({ frameworks: [f, g] }))
  store.apply(frameworkTold('h'))
  assert.equal(order(), 'fgh')
  store.adopt(toldV1({ frameworks: [h, g, f] }))
  assert.equal(order(), 'fgh')
  store.adopt(told({ frameworks: [h, g, f] }))
  assert.equal(order(), 'hgf')
})

test('of two with one id the last one stays', () => {
  const store = new ClockedStore()
  const twice = [framework('f', [runs('a')]), framework('f', [runs('b'), runs('b', 'S1')])]
  store.adopt(told({ agents: two, frameworks: twice }))
  store.apply(agentAdded('S2'))
  assert.equal(store.ids, 'S0 S1 S2 f f/b')
  assert.equal(store.state?.frameworks[0]?.tasks[0]?.agentId, 'S1')
  store.adopt(told({ agents: two, frameworks: twice }))
  assert.equal(store.ids, 'S0 S1 f f/b')
})

test('what events touched since a state was asked for stays as they said', () => {
  const store = new ClockedStore()
  store.adopt(
    told({ ...CLUSTER, frameworks: [...(CLUSTER.frameworks ?? []), framework('g', [runs('z')])] }),
  )
  const window = store.begin()
  store.apply(added('f', runs('c', 'S1')))
  store.apply(updated('f', 'a', 'TASK_KILLED'))
  store.apply(updated('f', 'b', 'TASK_KILLING'))
  store.apply(agentAdded('S2'))
  store.apply(event({ kind: 'agent-removed', agentId: 'S0' }))
  store.apply(frameworkTold('h'))
  store.apply(event({ kind: 'framework-removed', frameworkId: 'g' }))
  store.apply(added('i', runs('d', 'S1')))
  // Made before all that, except for framework i, which is newer.
  const older = [
    framework('f', [runs('a'), runs('b', 'S1')]),
    framework('g', [runs('z')]),
    framework('i'),
  ]
  const { drift } = store.adopt(told({ agents: two, frameworks: older }), window)
  assert.equal(store.ids, 'S1 S2 f f/b f/c h i i/d')
  assert.equal(store.state?.frameworks[0]?.tasks[0]?.state, 'TASK_KILLING')
  assert.equal(drift, 1, 'framework i')
  // And the next one is believed.
  store.adopt(told({ agents: two, frameworks: older }), store.begin())
  assert.equal(store.ids, 'S0 S1 f f/a f/b g g/z i')
})

test('a framework stays as long as a task of it was told since', () => {
  const store = new ClockedStore()
  store.adopt(
    told({ ...CLUSTER, frameworks: [...(CLUSTER.frameworks ?? []), framework('g', [runs('z')])] }),
  )
  const window = store.begin()
  store.apply(added('g', runs('y')))
  store.adopt(told(CLUSTER), window)
  assert.equal(store.ids, 'S0 S1 f f/a f/b g g/y')
})

test('a touched framework whose pid no event can tell takes it from the state', () => {
  const store = new ClockedStore()
  store.adopt(told({}))
  const window = store.begin()
  store.apply(frameworkTold('f'))
  store.adopt(told({ frameworks: [framework('f')] }), window)
  assert.deepEqual(store.state?.frameworks[0]?.pid, endpoint('10.1.1.1:8080'))
})

test('tasks that wait for their framework are forgotten when a state does not know it', () => {
  const store = new ClockedStore()
  store.adopt(told(CLUSTER))
  store.apply(added('h', runs('c')))
  const window = store.begin()
  store.apply(added('h', runs('d')))
  store.adopt(told(CLUSTER), window)
  store.apply(frameworkTold('h'))
  assert.equal(store.ids, 'S0 S1 f f/a f/b h h/d')
})

test('a cancelled window is no longer told of events', () => {
  const store = new ClockedStore()
  store.adopt(told(CLUSTER))
  const window = store.begin()
  store.cancel(window)
  store.apply(added('f', runs('c')))
  assert.equal(window.tasks.size, 0)
})

test('of a state that was asked for before another was adopted, only what v1 cannot tell is taken', () => {
  const store = new ClockedStore()
  const window = store.begin()
  store.adopt(toldV1({ agents: two, frameworks: [framework('f', [runs('a')])] }))
  const older = { agents: agents('S0'), frameworks: [framework('f', [runs('b')]), framework('g')] }
  assert.deepEqual(store.adopt(told(older), window), { ...UNCHANGED, changed: true })
  assert.equal(store.ids, 'S0 S1 f f/a')
  assert.deepEqual(store.state?.leader, endpoint('m1.example:5050'))
  assert.deepEqual(store.state?.frameworks[0]?.pid, endpoint('10.1.1.1:8080'))
})

test('of two states asked for at once, the first to come counts', () => {
  const store = new ClockedStore()
  const windows = [store.begin(), store.begin()]
  const full = told(CLUSTER)
  store.adopt(full, windows[0])
  assert.deepEqual(store.adopt(told({}), windows[1]), UNCHANGED)
  assert.equal(store.state, full.state)
})
