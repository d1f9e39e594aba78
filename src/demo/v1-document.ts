import type { SimulatedCluster } from './cluster.ts'
import { agentsOf, frameworksOf, knownTasks } from './known.ts'
import type { SimulatedAgent, SimulatedFramework, SimulatedStatus, SimulatedTask } from './model.ts'
import { MESOS_VERSION, processId } from './state-document.ts'
import { FIRST_PORT, LAST_PORT } from './task.ts'
import {
  containerOf,
  containerStatusOf,
  discoveryOf,
  healthCheckOf,
  portRanges,
  TASK_RESOURCES,
} from './task-document.ts'

type Json = Record<string, unknown>

/** The answer to the v1 call GET_STATE, before it is made JSON text. */
export function getStateDocument(cluster: SimulatedCluster): Json {
  const frameworks = frameworksOf(cluster)
  return {
    type: 'GET_STATE',
    get_state: {
      get_tasks: {
        tasks: frameworks.flatMap(knownTasks).map(taskObject),
        unreachable_tasks: frameworks.flatMap((one) => [...one.unreachable]).map(taskObject),
        completed_tasks: frameworks.flatMap((one) => one.completed).map(taskObject),
      },
      get_executors: { executors: [] },
      get_frameworks: {
        frameworks: frameworks.map(frameworkObject),
        completed_frameworks: cluster.completedFrameworks.map(frameworkObject),
      },
      get_agents: {
        agents: agentsOf(cluster, 'registered').map(agentObject),
        recovered_agents: agentsOf(cluster, 'recovered').map((agent) => agentInfo(agent)),
      },
    },
  }
}

function taskObject(task: SimulatedTask): Json {
  const { spec } = task
  return {
    name: spec.name,
    task_id: { value: task.id },
    framework_id: { value: task.framework.id },
    agent_id: { value: task.agent.id },
    state: task.state,
    resources: [
      scalar('cpus', TASK_RESOURCES.cpus),
      scalar('mem', TASK_RESOURCES.mem),
      ...(task.ports.length === 0 ? [] : [ranges(portRanges(task.ports))]),
    ],
    statuses: task.statuses.map((status) => statusObject(task, status)),
    status_update_state: task.state,
    ...(spec.labels === undefined ? {} : { labels: { labels: spec.labels } }),
    ...discoveryOf(task),
    ...healthCheckOf(task),
    ...containerOf(task),
  }
}

function statusObject(task: SimulatedTask, status: SimulatedStatus): Json {
  const byMaster = status.addresses === undefined
  return {
    task_id: { value: task.id },
    state: status.state,
    source: byMaster ? 'SOURCE_MASTER' : 'SOURCE_EXECUTOR',
    agent_id: { value: task.agent.id },
    executor_id: { value: task.id },
    timestamp: status.timestamp,
    ...(status.healthy === undefined ? {} : { healthy: status.healthy }),
    ...containerStatusOf(task, status),
  }
}

function frameworkObject({ id, spec, status, registeredTime }: SimulatedFramework): Json {
  return {
    framework_info: {
      user: 'root',
      name: spec.name,
      id: { value: id },
      failover_timeout: 600,
      checkpoint: true,
      roles: [spec.role ?? '*'],
      hostname: spec.hostname ?? '',
      webui_url: spec.webuiUrl ?? '',
      capabilities: [
        { type: 'MULTI_ROLE' },
        ...(spec.partitionAware === false ? [] : [{ type: 'PARTITION_AWARE' }]),
      ],
    },
    active: status === 'connected',
    connected: status === 'connected',
    recovered: status === 'recovered',
    registered_time: { nanoseconds: Math.round(registeredTime * 1e9) },
    offer_constraints: {},
  }
}

function agentObject(agent: SimulatedAgent): Json {
  return {
    agent_info: agentInfo(agent),
    active: agent.status === 'registered',
    deactivated: false,
    version: MESOS_VERSION.version,
    pid: processId('slave(1)', agent.address),
    registered_time: { nanoseconds: Math.round(agent.registeredTime * 1e9) },
  }
}

function agentInfo(agent: SimulatedAgent): Json {
  return {
    hostname: agent.hostname,
    port: agent.address.port,
    resources: [
      scalar('cpus', 32),
      scalar('mem', 16384),
      ranges([{ begin: FIRST_PORT, end: LAST_PORT }]),
    ],
    id: { value: agent.id },
    checkpoint: true,
  }
}

function scalar(name: string, value: number): Json {
  return { name, type: 'SCALAR', scalar: { value } }
}

function ranges(range: readonly { begin: number; end: number }[]): Json {
  return { name: 'ports', type: 'RANGES', ranges: { range } }
}
