import type {
  SimulatedAgent,
  SimulatedFramework,
  SimulatedStatus,
  SimulatedTask,
  TaskSpec,
  TaskState,
} from './model.ts'
import type { Random } from './random.ts'

/** The range agents offer, as Mesos does by default. */
export const FIRST_PORT = 31_000
export const LAST_PORT = 32_000

/** A task in TASK_STAGING on the agent, its ports and addresses taken. */
export function newTask(
  framework: SimulatedFramework,
  agent: SimulatedAgent,
  spec: TaskSpec,
  random: Random,
  id = `${spec.name}.${random.uuid()}`,
): SimulatedTask {
  const ports = takePorts(agent, spec.ports ?? 0)
  const task: SimulatedTask = {
    id,
    spec,
    framework,
    agent,
    state: 'TASK_STAGING',
    ports,
    containerId: random.uuid(),
    addresses: containerAddresses(agent, spec),
    statuses: [],
  }
  framework.tasks.add(task)
  agent.tasks.add(task)
  return task
}

/** Takes the lowest free ports, all or none. */
function takePorts(agent: SimulatedAgent, count: number): readonly number[] {
  const ports: number[] = []
  for (let port = FIRST_PORT; ports.length < count; port++) {
    if (port > LAST_PORT) throw new RangeError(`no free port on ${agent.id}`)
    if (!agent.usedPorts.has(port)) ports.push(port)
  }
  for (const port of ports) agent.usedPorts.add(port)
  return ports
}

/** Gives back what `newTask` took. */
export function releaseTask(task: SimulatedTask): void {
  task.agent.tasks.delete(task)
  for (const port of task.ports) task.agent.usedPorts.delete(port)
}

/** Addresses below 9.0.0.0/8 and fd01:b::/32, as overlay networks of DC/OS number them. */
function containerAddresses(agent: SimulatedAgent, spec: TaskSpec): readonly string[] {
  if (spec.network === undefined || spec.network === 'host') return [agent.address.host]
  agent.containers++
  const n = agent.containers
  const v4 = `9.${(agent.index >> 8) & 255}.${agent.index & 255}.${1 + (n % 254)}`
  return spec.network === 'container'
    ? [v4]
    : [v4, `fd01:b::${(agent.index + 1).toString(16)}:${n.toString(16)}`]
}

/** What a status says besides the state. */
export interface StatusDetails {
  readonly healthy?: boolean | undefined
  readonly reason?: string | undefined
  /** The master made it, for this reason in words; then it carries no addresses. */
  readonly masterMessage?: string | undefined
}

/**
 * Appends a status; one of the same state as the last replaces it, since a master keeps only the
 * last of a run.
 */
export function recordStatus(
  task: SimulatedTask,
  state: TaskState,
  timestamp: number,
  { healthy, reason, masterMessage }: StatusDetails = {},
): void {
  const last = task.statuses.at(-1)
  const status: SimulatedStatus = {
    state,
    timestamp,
    healthy: healthy ?? (last?.state === state ? last.healthy : undefined),
    addresses: masterMessage === undefined ? task.addresses : undefined,
    reason,
    masterMessage,
  }
  const earlier = last?.state === state ? task.statuses.slice(0, -1) : task.statuses
  task.statuses = [...earlier, status]
  task.state = state
}

/** Statuses that a master makes itself; reasons and words are those of Mesos 1.12. */
export const AGENT_UNREACHABLE = {
  reason: 'REASON_AGENT_REMOVED',
  masterMessage: 'health check timed out',
} as const satisfies StatusDetails
export const AGENT_UNREGISTERED = {
  reason: 'REASON_AGENT_REMOVED',
  masterMessage: 'the agent unregistered',
} as const satisfies StatusDetails
export const AGENT_GONE = {
  reason: 'REASON_AGENT_REMOVED_BY_OPERATOR',
  masterMessage: 'Agent has been marked gone',
} as const satisfies StatusDetails
export const UNKNOWN_TO_AGENT = {
  reason: 'REASON_RECONCILIATION',
  masterMessage: 'Reconciliation: Task is unknown to the agent',
} as const satisfies StatusDetails

export function frameworkRemoved({ id }: SimulatedFramework): StatusDetails {
  return { reason: 'REASON_FRAMEWORK_REMOVED', masterMessage: `Framework ${id} removed` }
}

/** What a task on a lost agent becomes: only partition-aware frameworks are told which way. */
export function lossOf(task: SimulatedTask, state: TaskState): TaskState {
  return task.framework.spec.partitionAware === false ? 'TASK_LOST' : state
}

/** The agent reports the task: what the master said of its loss is replaced by what the executor had said. */
export function forgetLoss(task: SimulatedTask): void {
  if (task.statuses.at(-1)?.masterMessage === undefined) return
  task.statuses = task.statuses.filter(({ masterMessage }) => masterMessage === undefined)
  task.state = task.statuses.at(-1)?.state ?? 'TASK_STAGING'
}
