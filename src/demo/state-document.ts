import { formatHostPort, type HostPort } from '../net/address.ts'
import type { SimulatedCluster } from './cluster.ts'
import { agentsOf, frameworksOf, knownTasks } from './known.ts'
import type { SimulatedAgent, SimulatedFramework, SimulatedMaster } from './model.ts'
import { FIRST_PORT, LAST_PORT } from './task.ts'
import { portResources, TASK_RESOURCES, taskDocument } from './task-document.ts'

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

/** The body of `GET /state` as the given master answers it, before it is made JSON text. */
export function stateDocument(cluster: SimulatedCluster, master: SimulatedMaster): Json {
  const { leader } = cluster
  return {
    ...MESOS_VERSION,
    start_time: master.startTime,
    elected_time: master.electedTime,
    id: master.id,
    pid: masterPid(master),
    hostname: master.hostname,
    capabilities: ['AGENT_UPDATE', 'AGENT_DRAINING', 'QUOTA_V2'],
    activated_slaves: agentsOf(cluster, 'registered').length,
    deactivated_slaves: 0,
    unreachable_slaves: agentsOf(cluster, 'unreachable').length,
    ...(leader === undefined ? {} : { leader: masterPid(leader), leader_info: leaderInfo(leader) }),
    cluster: 'simulated',
    flags: { cluster: 'simulated', hostname: master.hostname, port: String(master.address.port) },
    slaves: agentsOf(cluster, 'registered').map(agentDocument),
    recovered_slaves: agentsOf(cluster, 'recovered').map(agentDocument),
    frameworks: frameworksOf(cluster).map(frameworkDocument),
    completed_frameworks: cluster.registryRecovered
      ? cluster.completedFrameworks.map(frameworkDocument)
      : [],
    orphan_tasks: [],
    unregistered_frameworks: [],
  }
}

/** The body of `GET /slaves`. */
export function slavesDocument(cluster: SimulatedCluster): Json {
  return {
    slaves: agentsOf(cluster, 'registered').map(agentDocument),
    recovered_slaves: agentsOf(cluster, 'recovered').map(agentDocument),
  }
}

/** The body of `GET /frameworks`. */
export function frameworksDocument(cluster: SimulatedCluster): Json {
  return {
    frameworks: frameworksOf(cluster).map(frameworkDocument),
    completed_frameworks: cluster.completedFrameworks.map(frameworkDocument),
    unregistered_frameworks: [],
  }
}

/** The body of `GET /tasks`, without its paging. */
export function tasksDocument(cluster: SimulatedCluster): Json {
  const tasks = frameworksOf(cluster).flatMap((framework) => [
    ...knownTasks(framework),
    ...framework.completed,
  ])
  return { tasks: tasks.map(taskDocument) }
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
    active: agent.status === 'registered',
    deactivated: false,
    version: MESOS_VERSION.version,
    capabilities: ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'],
  }
}

function frameworkDocument(framework: SimulatedFramework): Json {
  const { id, spec, status } = framework
  const tasks = knownTasks(framework)
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
    tasks: tasks.map(taskDocument),
    unreachable_tasks: [...framework.unreachable].map(taskDocument),
    completed_tasks: framework.completed.map(taskDocument),
    offers: [],
    executors: [],
    offer_constraints: {},
  }
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
