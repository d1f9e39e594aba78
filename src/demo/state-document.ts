import { formatHostPort, type HostPort } from '../net/address.ts'
import type { SimulatedCluster } from './cluster.ts'
import { LazyList } from './lazy-list.ts'
import type { SimulatedAgent, SimulatedMaster, SimulatedTask } from './model.ts'
import { FIRST_PORT, LAST_PORT } from './task.ts'
import { portResources, TASK_RESOURCES, taskDocument, taskText } from './task-document.ts'
import { type FrameworkView, leaderView, truth, type View } from './view.ts'

type Json = Record<string, unknown>

/** What a master of the simulation says it is. */
export const MESOS_VERSION = {
  build_date: '2024-08-23 14:59:00 UTC',
  build_time: 1724425140,
  build_user: 'simulated',
  git_sha: 'c1b42f79d157aa900be5cbb0c1023f1479962aa7',
  version: '1.12.0',
} as const

const AGENT_PORTS = `[${FIRST_PORT}-${LAST_PORT}]`
const NO_RESOURCES = { disk: 0, mem: 0, gpus: 0, cpus: 0 } as const

/**
 * The body of `GET /state` as the given master answers it, before it is made JSON text; by default with what
 * the leader knows.
 */
export function stateDocument(
  cluster: SimulatedCluster,
  master: SimulatedMaster,
  view: View = leaderView(cluster),
): Json {
  const { leader } = cluster
  const active = view.agents.filter(({ status }) => status !== 'disconnected').length
  return {
    ...MESOS_VERSION,
    start_time: master.startTime,
    elected_time: master.electedTime,
    id: master.id,
    pid: masterPid(master),
    hostname: master.hostname,
    capabilities: ['AGENT_UPDATE', 'AGENT_DRAINING', 'QUOTA_V2'],
    activated_slaves: active,
    deactivated_slaves: view.agents.length - active,
    unreachable_slaves: view.unreachableAgents,
    ...(leader === undefined ? {} : { leader: masterPid(leader), leader_info: leaderInfo(leader) }),
    cluster: 'simulated',
    flags: { cluster: 'simulated', hostname: master.hostname, port: String(master.address.port) },
    slaves: new LazyList(view.agents, agentDocument),
    recovered_slaves: new LazyList(view.recoveredAgents, agentDocument),
    frameworks: view.frameworks.map(frameworkDocument),
    completed_frameworks: view.completedFrameworks.map(frameworkDocument),
    orphan_tasks: [],
    unregistered_frameworks: [],
  }
}

/**
 * What `GET /state` would say if the leader had forgotten nobody: every agent that is not lost and every task on them.
 * A model of what may be answered is made from it.
 */
export function truthDocument(cluster: SimulatedCluster): Json {
  const master = cluster.leader ?? cluster.masters[0]
  if (master === undefined) throw new RangeError('the cluster has no masters')
  return stateDocument(cluster, master, truth(cluster))
}

/** The body of `GET /slaves`. */
export function slavesDocument({ agents, recoveredAgents }: View): Json {
  return {
    slaves: new LazyList(agents, agentDocument),
    recovered_slaves: new LazyList(recoveredAgents, agentDocument),
  }
}

/** The body of `GET /frameworks`. */
export function frameworksDocument({ frameworks, completedFrameworks }: View): Json {
  return {
    frameworks: frameworks.map(frameworkDocument),
    completed_frameworks: completedFrameworks.map(frameworkDocument),
    unregistered_frameworks: [],
  }
}

/** The body of `GET /tasks`, without its paging. */
export function tasksDocument({ frameworks }: View): Json {
  return { tasks: taskList(frameworks.flatMap(({ tasks, completed }) => [...tasks, ...completed])) }
}

export function masterPid(master: SimulatedMaster): string {
  return `master@${formatHostPort(master.address)}`
}

function leaderInfo(leader: SimulatedMaster): Json {
  return {
    id: leader.id,
    pid: masterPid(leader),
    port: leader.address.port,
    hostname: leader.hostname,
  }
}

function agentDocument(agent: SimulatedAgent): Json {
  const total = { disk: 10000, mem: 16384, gpus: 0, cpus: 32, ports: AGENT_PORTS }
  return {
    id: agent.id,
    hostname: agent.hostname,
    port: agent.address.port,
    attributes: { rack: `r-${agent.index % 4}` },
    pid: processId('slave(1)', agent.address),
    registered_time: agent.registeredTime,
    ...(agent.reregisteredTime === undefined ? {} : { reregistered_time: agent.reregisteredTime }),
    resources: total,
    used_resources: resources(agent.tasks.size, [...agent.usedPorts]),
    offered_resources: NO_RESOURCES,
    reserved_resources: {},
    unreserved_resources: total,
    active: agent.status !== 'disconnected',
    deactivated: false,
    version: MESOS_VERSION.version,
    capabilities: ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'],
  }
}

function frameworkDocument(framework: FrameworkView): Json {
  const { id, spec, status, tasks } = framework
  const used = resources(
    tasks.length,
    tasks.flatMap((task) => task.ports),
  )
  return {
    id,
    name: spec.name,
    ...(spec.pid === undefined ? {} : { pid: processId('scheduler(1)', spec.pid) }),
    used_resources: used,
    offered_resources: NO_RESOURCES,
    capabilities:
      spec.partitionAware === false ? ['MULTI_ROLE'] : ['MULTI_ROLE', 'PARTITION_AWARE'],
    hostname: spec.hostname ?? '',
    webui_url: spec.webuiUrl ?? '',
    active: status === 'connected',
    connected: status === 'connected',
    recovered: status === 'recovered',
    user: 'root',
    failover_timeout: 600,
    checkpoint: true,
    registered_time: framework.registeredTime,
    unregistered_time: framework.unregisteredTime ?? 0,
    resources: used,
    roles: [spec.role ?? '*'],
    tasks: taskList(tasks),
    unreachable_tasks: taskList(framework.unreachable),
    completed_tasks: taskList(framework.completed),
    offers: [],
    executors: [],
    offer_constraints: {},
  }
}

function taskList(tasks: readonly SimulatedTask[]): LazyList<SimulatedTask> {
  return new LazyList(tasks, taskDocument, taskText)
}

export function processId(process: string, address: HostPort): string {
  return `${process}@${formatHostPort(address)}`
}

function resources(tasks: number, ports: readonly number[]): Json {
  return {
    disk: 0,
    mem: TASK_RESOURCES.mem * tasks,
    gpus: 0,
    cpus: TASK_RESOURCES.cpus * tasks,
    ...portResources(ports),
  }
}
