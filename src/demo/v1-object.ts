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
import { TaskTexts } from './task-texts.ts'
import type { FrameworkView } from './view.ts'

type Json = Record<string, unknown>

/** A Task of the v1 API. */
export function taskObject(task: SimulatedTask): Json {
  const { statuses } = task
  return {
    ...stagingTask(task),
    state: task.state,
    ...(statuses.length === 0
      ? {}
      : {
          statuses: statuses.map((status) => statusObject(task, status)),
          status_update_state: task.state,
        }),
  }
}

const texts = new TaskTexts()

/** The same as JSON text. */
export function taskObjectText(task: SimulatedTask): string {
  return texts.of(task, taskObject)
}

/** A task as it is at its begin, whatever it is by now. */
export function stagingTask(task: SimulatedTask): Json {
  const { spec } = task
  return {
    name: spec.name,
    task_id: { value: task.id },
    framework_id: { value: task.framework.id },
    agent_id: { value: task.agent.id },
    state: 'TASK_STAGING',
    resources: [
      scalar('cpus', TASK_RESOURCES.cpus),
      scalar('mem', TASK_RESOURCES.mem),
      ...(task.ports.length === 0 ? [] : [ranges(portRanges(task.ports))]),
    ],
    ...(spec.labels === undefined ? {} : { labels: { labels: spec.labels } }),
    ...discoveryOf(task),
    ...healthCheckOf(task),
    ...containerOf(task),
  }
}

/** A TaskStatus; those that the master makes have no executor and no addresses. */
export function statusObject(task: SimulatedTask, status: SimulatedStatus): Json {
  const { reason, masterMessage } = status
  return {
    task_id: { value: task.id },
    state: status.state,
    ...(masterMessage === undefined ? {} : { message: masterMessage }),
    source: masterMessage === undefined ? 'SOURCE_EXECUTOR' : 'SOURCE_MASTER',
    ...(reason === undefined ? {} : { reason }),
    agent_id: { value: task.agent.id },
    ...(masterMessage === undefined ? { executor_id: { value: task.id } } : {}),
    timestamp: status.timestamp,
    ...(status.healthy === undefined ? {} : { healthy: status.healthy }),
    ...containerStatusOf(task, status),
    ...(status.state === 'TASK_UNREACHABLE'
      ? { unreachable_time: nanoseconds(status.timestamp) }
      : {}),
  }
}

/** A framework with what the master knows of it. */
export function frameworkObject(framework: SimulatedFramework | FrameworkView): Json {
  const { status, registeredTime, reregisteredTime } = framework
  return {
    framework_info: frameworkInfo(framework),
    active: status === 'connected',
    connected: status === 'connected',
    recovered: status === 'recovered',
    registered_time: nanoseconds(registeredTime),
    reregistered_time: nanoseconds(reregisteredTime),
  }
}

/** FrameworkInfo. */
export function frameworkInfo({ id, spec }: SimulatedFramework | FrameworkView): Json {
  return {
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
  }
}

/** An agent with what the master knows of it. */
export function agentObject(agent: SimulatedAgent): Json {
  const { reregisteredTime } = agent
  return {
    agent_info: agentInfo(agent),
    active: agent.status !== 'disconnected',
    deactivated: false,
    version: MESOS_VERSION.version,
    pid: processId('slave(1)', agent.address),
    registered_time: nanoseconds(agent.registeredTime),
    ...(reregisteredTime === undefined ? {} : { reregistered_time: nanoseconds(reregisteredTime) }),
    total_resources: totalResources().map((resource) => ({ ...resource, role: '*' })),
    capabilities: ['MULTI_ROLE', 'HIERARCHICAL_ROLE', 'RESERVATION_REFINEMENT'].map((type) => ({
      type,
    })),
  }
}

/** AgentInfo: all that a master knows of an agent from its registry. */
export function agentInfo(agent: SimulatedAgent): Json {
  return {
    hostname: agent.hostname,
    port: agent.address.port,
    resources: totalResources(),
    id: { value: agent.id },
    checkpoint: true,
  }
}

function totalResources(): Json[] {
  return [scalar('cpus', 32), scalar('mem', 16384), ranges([{ begin: FIRST_PORT, end: LAST_PORT }])]
}

/** Of seconds since the epoch. */
function nanoseconds(seconds: number): Json {
  return { nanoseconds: Math.round(seconds * 1e9) }
}

function scalar(name: string, value: number): Json {
  return { name, type: 'SCALAR', scalar: { value } }
}

function ranges(range: readonly { begin: number; end: number }[]): Json {
  return { name: 'ports', type: 'RANGES', ranges: { range } }
}
