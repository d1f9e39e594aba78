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

/**
 * Appends a status; one of the same state as the last replaces it, since a master keeps only the
 * last of a run. Statuses the master makes itself (`fromMaster`) carry no addresses.
 */
export function recordStatus(
  task: SimulatedTask,
  state: TaskState,
  timestamp: number,
  options: { readonly healthy?: boolean | undefined; readonly fromMaster?: boolean } = {},
): void {
  const last = task.statuses.at(-1)
  const status: SimulatedStatus = {
    state,
    timestamp,
    healthy: options.healthy ?? (last?.state === state ? last.healthy : undefined),
    addresses: options.fromMaster === true ? undefined : task.addresses,
  }
  if (last?.state === state) task.statuses.pop()
  task.statuses.push(status)
  task.state = state
}

/** What a task on a lost agent becomes: only partition-aware frameworks are told which way. */
export function lossOf(task: SimulatedTask, state: TaskState): TaskState {
  return task.framework.spec.partitionAware === false ? 'TASK_LOST' : state
}
