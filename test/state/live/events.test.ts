import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Report } from '../../../src/report.ts'
import type { ClusterEvent } from '../../../src/state/cluster-event.ts'
import type { Task } from '../../../src/state/model.ts'
import { status } from '../../records/cluster.ts'
import {
  added,
  agentAdded,
  agents,
  ClockedStore,
  event,
  framework,
  frameworkTold,
  runs,
  told,
  updated,
} from './setup.ts'

const BEFORE = 'S0 S1 f f/a f/b g'

/** A store that knows BEFORE. */
function known(): ClockedStore {
  const store = new ClockedStore()
  const frameworks = [framework('f', [runs('a'), runs('b', 'S1')]), framework('g')]
  store.adopt(told({ agents: agents('S0', 'S1'), frameworks }))
  assert.equal(store.ids, BEFORE)
  return store
}

interface Row {
  readonly name: string
  readonly events: readonly ClusterEvent[]
  readonly leaves: string
  /** Of the last event. */
  readonly changed: boolean
  readonly wantsAudit: boolean
}

const TABLE: readonly Row[] = [
  {
    name: 'a task comes',
    events: [added('g', runs('c'))],
    leaves: 'S0 S1 f f/a f/b g g/c',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'tasks of two frameworks may have one id',
    events: [added('g', runs('a'))],
    leaves: 'S0 S1 f f/a f/b g g/a',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'a task is said once more',
    events: [added('f', runs('a'))],
    leaves: BEFORE,
    changed: false,
    wantsAudit: false,
  },
  {
    name: 'a task is said to be on another agent',
    events: [added('f', runs('a', 'S1'))],
    leaves: BEFORE,
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'a task is added when it is already over',
    events: [added('f', runs('a', 'S0', { state: 'TASK_FINISHED' }))],
    leaves: 'S0 S1 f f/b g',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'a task of an unknown framework waits',
    events: [added('h', runs('c'))],
    leaves: BEFORE,
    changed: false,
    wantsAudit: true,
  },
  {
    name: 'until the framework comes',
    events: [added('h', runs('c')), added('h', runs('d')), frameworkTold('h')],
    leaves: 'S0 S1 f f/a f/b g h h/c h/d',
    changed: true,
    wantsAudit: true,
  },
  {
    name: 'and may end meanwhile',
    events: [added('h', runs('c')), updated('h', 'c', 'TASK_FAILED'), frameworkTold('h')],
    leaves: 'S0 S1 f f/a f/b g h',
    changed: true,
    wantsAudit: true,
  },
  {
    name: 'or its framework',
    events: [
      added('h', runs('c')),
      event({ kind: 'framework-removed', frameworkId: 'h' }),
      frameworkTold('h'),
    ],
    leaves: 'S0 S1 f f/a f/b g h',
    changed: true,
    wantsAudit: true,
  },
  {
    name: 'or its agent',
    events: [
      added('h', runs('c', 'S1')),
      event({ kind: 'agent-removed', agentId: 'S1' }),
      frameworkTold('h'),
    ],
    leaves: 'S0 f f/a g h',
    changed: true,
    wantsAudit: true,
  },
  {
    name: 'an unknown task changes',
    events: [updated('f', 'x', 'TASK_RUNNING')],
    leaves: BEFORE,
    changed: false,
    wantsAudit: true,
  },
  {
    name: 'an unknown task ends',
    events: [updated('f', 'x', 'TASK_FINISHED')],
    leaves: BEFORE,
    changed: false,
    wantsAudit: false,
  },
  ...[
    'TASK_FINISHED',
    'TASK_FAILED',
    'TASK_KILLED',
    'TASK_ERROR',
    'TASK_LOST',
    'TASK_DROPPED',
    'TASK_GONE',
    'TASK_GONE_BY_OPERATOR',
    'TASK_UNREACHABLE',
    'TASK_UNKNOWN',
  ].map((state) => ({
    name: `a task is in ${state}`,
    events: [updated('f', 'a', state)],
    leaves: 'S0 S1 f f/b g',
    changed: true,
    wantsAudit: false,
  })),
  ...['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_OF_THE_FUTURE'].map(
    (state) => ({
      name: `a task is in ${state}`,
      events: [updated('f', 'a', state)],
      leaves: BEFORE,
      changed: true,
      wantsAudit: false,
    }),
  ),
  {
    name: "the event's state counts, not that of its status (DCOS_OSS-3539)",
    events: [
      event({
        kind: 'task-updated',
        frameworkId: 'f',
        taskId: 'a',
        state: 'TASK_FINISHED',
        status: status({ state: 'TASK_RUNNING', timestamp: 9 }),
        removedAgentId: undefined,
      }),
    ],
    leaves: 'S0 S1 f f/b g',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'the last task of a lost agent takes it along',
    events: [updated('f', 'b', 'TASK_LOST', { removedAgentId: 'S1' })],
    leaves: 'S0 f f/a g',
    changed: true,
    wantsAudit: true,
  },
  {
    name: 'another does not',
    events: [
      added('g', runs('c', 'S1')),
      updated('f', 'b', 'TASK_UNREACHABLE', { removedAgentId: 'S1' }),
    ],
    leaves: 'S0 S1 f f/a g g/c',
    changed: true,
    wantsAudit: true,
  },
  {
    name: 'nor does one that the agent outlives',
    events: [updated('f', 'b', 'TASK_LOST')],
    leaves: 'S0 S1 f f/a g',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'a lost agent of which no task is known',
    events: [updated('f', 'x', 'TASK_LOST', { removedAgentId: 'S9' })],
    leaves: BEFORE,
    changed: false,
    wantsAudit: true,
  },
  {
    name: 'an agent is back: its tasks come first',
    events: [
      updated('f', 'b', 'TASK_LOST', { removedAgentId: 'S1' }),
      added('f', runs('b', 'S1')),
      agentAdded('S1'),
    ],
    leaves: BEFORE,
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'an agent comes',
    events: [agentAdded('S2')],
    leaves: 'S0 S1 S2 f f/a f/b g',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'an agent is said once more',
    events: [agentAdded('S1')],
    leaves: BEFORE,
    changed: false,
    wantsAudit: false,
  },
  {
    name: 'an agent goes with its tasks',
    events: [event({ kind: 'agent-removed', agentId: 'S1' })],
    leaves: 'S0 f f/a g',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'an unknown agent goes',
    events: [event({ kind: 'agent-removed', agentId: 'S9' })],
    leaves: BEFORE,
    changed: false,
    wantsAudit: false,
  },
  {
    name: 'a framework comes',
    events: [frameworkTold('h')],
    leaves: 'S0 S1 f f/a f/b g h',
    changed: true,
    wantsAudit: true,
  },
  {
    name: 'a scheduler subscribes again: it may have another pid',
    events: [frameworkTold('f')],
    leaves: BEFORE,
    changed: false,
    wantsAudit: true,
  },
  {
    name: 'a framework goes with its tasks',
    events: [event({ kind: 'framework-removed', frameworkId: 'f' })],
    leaves: 'S0 S1 g',
    changed: true,
    wantsAudit: false,
  },
  {
    name: 'an unknown framework goes',
    events: [event({ kind: 'framework-removed', frameworkId: 'x' })],
    leaves: BEFORE,
    changed: false,
    wantsAudit: false,
  },
]

for (const { name, events, leaves, changed, wantsAudit } of TABLE) {
  test(name, () => {
    const store = known()
    const applied = events.map((event) => store.apply(event))
    assert.equal(store.ids, leaves)
    const last = applied.at(-1)
    assert.deepEqual([last?.changed, last?.wantsAudit], [changed, wantsAudit])
  })
}

test('events before the first whole state are ignored', () => {
  const store = new ClockedStore()
  const nothing = { changed: false, isVisible: false, wantsAudit: false }
  assert.deepEqual(store.apply(agentAdded('S0')), nothing)
  assert.equal(store.state, undefined)
})

test('a state that was seen never changes, and what an event does not touch is the same object', () => {
  const store = known()
  const before = store.state
  const [f, g] = before?.frameworks ?? []
  store.apply(added('g', runs('c')))
  const after = store.state
  assert.notEqual(after, before)
  assert.deepEqual(g?.tasks, [])
  assert.equal(after?.frameworks[0], f)
  assert.equal(after?.agents, before?.agents)
  store.apply(updated('f', 'b', 'TASK_KILLING'))
  assert.equal(store.state?.frameworks[0]?.tasks[0], f?.tasks[0])
  assert.equal(store.state?.frameworks[1], after?.frameworks[1])
  assert.equal(store.state, store.state)
})

test('an event that changes nothing leaves the same state', () => {
  const store = known()
  const before = store.state
  store.apply(added('f', runs('a')))
  store.apply(agentAdded('S0'))
  store.apply(updated('f', 'x', 'TASK_RUNNING'))
  assert.equal(store.state, before)
})

test('tasks keep their places, new ones come last, one that comes again too', () => {
  const store = known()
  store.apply(added('f', runs('c')))
  store.apply(updated('f', 'a', 'TASK_KILLING'))
  const order = () => store.state?.frameworks[0]?.tasks.map(({ id }) => id).join('')
  assert.equal(order(), 'abc')
  store.apply(updated('f', 'a', 'TASK_KILLED'))
  store.apply(added('f', runs('a')))
  assert.equal(order(), 'bca')
})

test('a framework keeps its pid as long as it is likely the same scheduler', () => {
  const store = known()
  const pid = () => store.state?.frameworks[0]?.pid
  const before = pid()
  assert.ok(before)
  store.apply(frameworkTold('f'))
  assert.equal(pid(), before)
  store.apply(frameworkTold('f', 'two.example'))
  assert.equal(pid(), undefined)
})

test('tasks without a framework are kept up to a bound', () => {
  const store = known()
  for (let i = 0; i < 10_001; i++) store.apply(added('h', runs(`t${i}`)))
  store.apply(frameworkTold('h'))
  assert.equal(store.state?.frameworks[2]?.tasks.length, 10_000)
})

const at = (state: string, timestamp: number, healthy?: boolean) =>
  status({ state, timestamp, healthy })
const STARTING = at('TASK_STARTING', 1)
const RUNNING = at('TASK_RUNNING', 2)
const HEALTHY = at('TASK_RUNNING', 3, true)
const KILLING = at('TASK_KILLING', 4)

const STATUSES: readonly (readonly [
  string,
  Task['statuses'],
  Task['statuses'][0],
  Task['statuses'],
])[] = [
  ['the first', [], STARTING, [STARTING]],
  ['another state is appended', [STARTING], RUNNING, [STARTING, RUNNING]],
  ['the same state replaces', [STARTING, RUNNING], HEALTHY, [STARTING, HEALTHY]],
  [
    'a state that comes again is appended',
    [STARTING, RUNNING],
    at('TASK_STARTING', 5),
    [STARTING, RUNNING, at('TASK_STARTING', 5)],
  ],
  ['one that is known', [STARTING, RUNNING], RUNNING, [STARTING, RUNNING]],
  [
    'one that is known and was followed by another',
    [STARTING, RUNNING],
    STARTING,
    [STARTING, RUNNING],
  ],
  ['an older one of the same state', [STARTING, HEALTHY], RUNNING, [STARTING, HEALTHY]],
  [
    'an older one that was followed by another',
    [STARTING, HEALTHY, KILLING],
    RUNNING,
    [STARTING, HEALTHY, KILLING],
  ],
]

for (const [name, before, now, after] of STATUSES) {
  test(`statuses: ${name}`, () => {
    const store = known()
    const state = before.at(-1)?.state ?? 'TASK_STAGING'
    store.apply(added('g', runs('t', 'S0', { state, statuses: before })))
    store.apply(updated('g', 't', now.state, now))
    const task = store.state?.frameworks[1]?.tasks[0]
    assert.deepEqual(task?.statuses, after)
    assert.equal(task?.state, after.at(-1)?.state)
  })
}

test('port mappings that only a status tells are kept', () => {
  const store = known()
  const mapsPorts = () => store.state?.frameworks[0]?.tasks[0]?.hasPortMappings
  assert.equal(mapsPorts(), false)
  const running = updated('f', 'a', 'TASK_RUNNING')
  if (running.kind === 'task-updated') store.apply({ ...running, mapsPorts: true })
  assert.equal(mapsPorts(), true)
  store.apply(updated('f', 'a', 'TASK_RUNNING', { timestamp: 3 }))
  assert.equal(mapsPorts(), true)
})

test('a task whose state runs ahead of its statuses is not running before one says so', () => {
  const store = known()
  const now = () => store.state?.frameworks[0]?.tasks.find(({ id }) => id === 'c')
  store.apply(added('f', runs('c', 'S0', { state: 'TASK_STAGING', statuses: [] })))
  const starting = status({ state: 'TASK_STARTING', timestamp: 1 })
  const running = status({ timestamp: 2, networkAddresses: ['10.9.0.1'] })
  store.apply(updated('f', 'c', 'TASK_RUNNING', starting))
  assert.equal(now()?.state, 'TASK_STARTING')
  store.apply(updated('f', 'c', 'TASK_RUNNING', running))
  assert.equal(now()?.state, 'TASK_RUNNING')
  assert.deepEqual(now()?.statuses, [starting, running])
})

test('a status that is odd changes the state alone', () => {
  const store = known()
  const odd = { kind: 'task-updated', frameworkId: 'f', taskId: 'a', status: undefined } as const
  store.apply(event({ ...odd, state: 'TASK_KILLING', removedAgentId: undefined }))
  const task = store.state?.frameworks[0]?.tasks[0]
  assert.equal(task?.state, 'TASK_KILLING')
  assert.deepEqual(task?.statuses, [status()])
})

test('a task added as it was earlier than what is known of it is ignored, unless it is another one', () => {
  const store = known()
  const staging = { state: 'TASK_STAGING', statuses: [] }
  assert.equal(store.apply(added('f', runs('a', 'S0', staging))).changed, false)
  assert.equal(store.apply(added('f', runs('a', 'S1', staging))).changed, true)
  assert.equal(store.state?.frameworks[0]?.tasks[0]?.state, 'TASK_STAGING')
})

test('problems are those of the last whole state, but of objects that events replaced, the events’', () => {
  const problem = (object: string, detail = 'odd') => ({ kind: 'odd', object, detail })
  const store = new ClockedStore()
  const report = new Report()
  const objects = ['', 'S0', 'f', 'f/a', 'f/b', 'f/c', 'g', 'g/a']
  report.problems.push(...objects.map((object) => problem(object)))
  const frameworks = [
    framework('f', [runs('a'), runs('b'), runs('c')]),
    framework('g', [runs('a')]),
  ]
  store.adopt(told({ agents: agents('S0'), frameworks, report }))
  assert.equal(store.report, report)
  store.apply(agentAdded('S0'))
  store.apply(added('f', runs('a', 'S1')))
  store.apply({ ...added('f', runs('b', 'S1')), problems: [problem('f/b', 'new')] })
  store.apply({ ...updated('f', 'c', 'TASK_KILLING'), problems: [problem('f/c', 'newer')] })
  const problems = () =>
    store.report.problems.map(({ object, detail }) => `${object} ${detail}`).sort()
  assert.deepEqual(problems(), [' odd', 'f odd', 'f/b new', 'f/c newer', 'g odd', 'g/a odd'])
  store.apply(event({ kind: 'framework-removed', frameworkId: 'g' }))
  store.apply(updated('f', 'b', 'TASK_FAILED'))
  assert.deepEqual(problems(), [' odd', 'f odd', 'f/c newer'])
  // The whole state is about all of them again, but for those touched since it was asked for.
  const window = store.begin()
  store.apply({ ...added('f', runs('b')), problems: [problem('f/b', 'newest')] })
  const second = new Report()
  second.problems.push(problem('f/b'), problem('S1'))
  store.adopt(told({ agents: agents('S0'), frameworks, report: second }), window)
  assert.deepEqual(problems(), ['S1 odd', 'f/b newest'])
})

test('what becomes of a task that does not run changes no record', () => {
  const store = known()
  const isVisible = (told: ClusterEvent) => store.apply(told).isVisible
  assert.equal(isVisible(added('f', runs('new', 'S0', { state: 'TASK_STAGING' }))), false)
  assert.equal(isVisible(updated('f', 'new', 'TASK_STARTING')), false)
  assert.equal(isVisible(updated('f', 'new', 'TASK_RUNNING')), true)
  assert.equal(isVisible(updated('f', 'new', 'TASK_KILLING')), true)
  assert.equal(isVisible(updated('f', 'new', 'TASK_KILLED')), false)
  assert.equal(isVisible(agentAdded('S7')), true)
})
