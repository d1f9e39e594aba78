// Short ways to say what a master says.
import { Report } from '../../../src/report.ts'
import type { ClusterEvent, TaskUpdated } from '../../../src/state/cluster-event.ts'
import type { FullState } from '../../../src/state/full-state.ts'
import { ClusterStore, type LiveSettings } from '../../../src/state/live/index.ts'
import type { ClusterState, Framework, Task, TaskStatus } from '../../../src/state/model.ts'
import { endpoint, status, task } from '../../records/cluster.ts'

export const settings: LiveSettings = {
  failoverHoldSeconds: 600,
  failoverSettleSeconds: 10,
  shrinkThreshold: 50,
  shrinkConfirmations: 1,
}

/** A store with a clock that the test moves. */
export class ClockedStore extends ClusterStore {
  readonly clock: { ms: number }

  constructor(change: Partial<LiveSettings> = {}) {
    const clock = { ms: 0 }
    super({ ...settings, ...change }, { now: () => clock.ms, clock: () => clock.ms })
    this.clock = clock
  }

  /** The ids of what is known: agents, frameworks, and tasks as `framework/task`. */
  get ids(): string {
    return idsOf(this.state)
  }
}

export function idsOf(state: ClusterState | undefined): string {
  if (state === undefined) return 'nothing'
  const tasks = state.frameworks.flatMap(({ id, tasks }) => tasks.map((task) => `${id}/${task.id}`))
  const frameworks = state.frameworks.map(({ id }) => id)
  return [...state.agents.keys(), ...frameworks, ...tasks].sort().join(' ')
}

/** A running task on an agent. */
export function runs(id: string, agentId = 'S0', change: Partial<Task> = {}): Task {
  return task({ id, agentId, ...change })
}

export function framework(
  id: string,
  tasks: readonly Task[] = [],
  pid = '10.1.1.1:8080',
): Framework {
  return {
    id,
    name: id,
    pid: pid === '' ? undefined : endpoint(pid),
    hostname: 'one.example',
    tasks,
  }
}

export function agents(...ids: string[]): ClusterState['agents'] {
  return new Map(ids.map((id) => [id, { id, pid: endpoint(`10.0.0.1${id.at(-1)}:5051`) }]))
}

export interface Said {
  readonly agents?: ClusterState['agents']
  readonly frameworks?: readonly Framework[]
  readonly master?: string
  readonly recovered?: readonly string[]
  readonly report?: Report
}

/** A `/state` of master `M1`. */
export function told({
  master = 'M1',
  recovered = [],
  report = new Report(),
  ...said
}: Said): FullState {
  const state = {
    leader: endpoint(`${master.toLowerCase()}.example:5050`),
    agents: said.agents ?? agents(),
    frameworks: said.frameworks ?? [],
  }
  return { state, report, form: 'state', masterId: master, recoveredAgents: new Set(recovered) }
}

/** The same in v1, which tells neither the leader nor pids. */
export function toldV1(said: Said): FullState {
  const { state, ...full } = told(said)
  const frameworks = state.frameworks.map((each) => ({ ...each, pid: undefined }))
  return {
    ...full,
    state: { ...state, leader: undefined, frameworks },
    form: 'v1',
    masterId: undefined,
  }
}

type Plain = ClusterEvent extends infer E
  ? E extends unknown
    ? Omit<E, 'problems'>
    : never
  : never

export function event(plain: Plain): ClusterEvent {
  return { ...plain, problems: [] }
}

export function added(frameworkId: string, task: Task): ClusterEvent {
  return event({ kind: 'task-added', frameworkId, task })
}

export function updated(
  frameworkId: string,
  taskId: string,
  state: string,
  change: Partial<TaskStatus> & Partial<Pick<TaskUpdated, 'removedAgentId'>> = {},
): ClusterEvent {
  const { removedAgentId, ...rest } = change
  return event({
    kind: 'task-updated',
    frameworkId,
    taskId,
    state,
    status: status({ state, timestamp: 2, ...rest }),
    removedAgentId,
  })
}

export function agentAdded(id: string): ClusterEvent {
  const [agent] = agents(id).values()
  if (agent === undefined) throw new Error('unreachable')
  return event({ kind: 'agent-added', agent })
}

/** FRAMEWORK_ADDED or FRAMEWORK_UPDATED. */
export function frameworkTold(id: string, hostname = 'one.example'): ClusterEvent {
  return event({ kind: 'framework', framework: { id, name: id, pid: undefined, hostname } })
}
