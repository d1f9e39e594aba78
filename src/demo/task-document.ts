import { isIPv6 } from 'node:net'
import type { SimulatedStatus, SimulatedTask } from './model.ts'
import { TaskTexts } from './task-texts.ts'

type Json = Record<string, unknown>

/** Every task of the simulation is of one size. */
export const TASK_RESOURCES = { disk: 0, gpus: 0, cpus: 0.1, mem: 32 } as const

/** An entry of `tasks`, `unreachable_tasks` or `completed_tasks`. */
export function taskDocument(task: SimulatedTask): Json {
  const { spec } = task
  return {
    id: task.id,
    name: spec.name,
    framework_id: task.framework.id,
    executor_id: '',
    slave_id: task.agent.id,
    state: task.state,
    resources: { ...TASK_RESOURCES, ...portResources(task.ports) },
    role: task.framework.spec.role ?? '*',
    statuses: task.statuses.map((status) => statusDocument(task, status)),
    ...(spec.labels === undefined ? {} : { labels: spec.labels }),
    ...discoveryOf(task),
    ...healthCheckOf(task),
    ...containerOf(task),
  }
}

const texts = new TaskTexts()

/** The same as JSON text. */
export function taskText(task: SimulatedTask): string {
  return texts.of(task, taskDocument)
}

/** A status as `/state` shows it: no reason, source, uuid or message. */
function statusDocument(task: SimulatedTask, status: SimulatedStatus): Json {
  return {
    state: status.state,
    timestamp: status.timestamp,
    ...containerStatusOf(task, status),
    ...(status.healthy === undefined ? {} : { healthy: status.healthy }),
  }
}

/** The `container_status` of a status, alike in `/state` and in the v1 API. */
export function containerStatusOf(task: SimulatedTask, { addresses }: SimulatedStatus): Json {
  if (addresses === undefined) return {}
  return {
    container_status: {
      container_id: { value: task.containerId },
      network_infos: [
        {
          ip_addresses: addresses.map((address) => ({
            protocol: isIPv6(address) ? 'IPv6' : 'IPv4',
            ip_address: address,
          })),
        },
      ],
    },
  }
}

/** DiscoveryInfo, alike in `/state` and in the v1 API. */
export function discoveryOf(task: SimulatedTask): Json {
  const { discovery } = task.spec
  if (discovery === undefined) return {}
  const { visibility = 'CLUSTER', name, ports } = discovery
  return {
    discovery: {
      visibility,
      ...(name === undefined ? {} : { name }),
      ...(ports === undefined
        ? {}
        : {
            ports: {
              ports: ports.map((port, i) => ({
                ...port,
                number: port.number ?? task.ports[i] ?? 0,
              })),
            },
          }),
    },
  }
}

/** The `health_check` of a task, alike in `/state` and in the v1 API. */
export function healthCheckOf(task: SimulatedTask): Json {
  if (task.spec.hasHealthCheck !== true) return {}
  return {
    health_check: {
      delay_seconds: 0,
      interval_seconds: 10,
      timeout_seconds: 20,
      consecutive_failures: 3,
      grace_period_seconds: 300,
      type: 'TCP',
      tcp: { protocol: 'IPv4', port: task.ports[0] ?? 0 },
    },
  }
}

/** The `container` of a task, alike in `/state` and in the v1 API. */
export function containerOf(task: SimulatedTask): Json {
  const { containerPorts } = task.spec
  if (containerPorts === undefined) return {}
  const port_mappings = containerPorts.map((container_port, i) => ({
    host_port: task.ports[i] ?? 0,
    container_port,
    protocol: 'tcp',
  }))
  return { container: { type: 'MESOS', network_infos: [{ port_mappings }] } }
}

/** The `ports` of resources; the key is absent if there are none. */
export function portResources(ports: readonly number[]): Json {
  return ports.length === 0 ? {} : { ports: `[${portRanges(ports).map(formatRange).join(', ')}]` }
}

function formatRange({ begin, end }: { begin: number; end: number }): string {
  return `${begin}-${end}`
}

/** Ports as ascending ranges, neighbours joined. */
export function portRanges(ports: readonly number[]): { begin: number; end: number }[] {
  const ranges: { begin: number; end: number }[] = []
  for (const port of [...ports].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last !== undefined && port <= last.end + 1) last.end = port
    else ranges.push({ begin: port, end: port })
  }
  return ranges
}
