import type { Report } from '../report.ts'
import { hasPortMappings } from './decode-container.ts'
import { decodeDiscovery } from './decode-discovery.ts'
import { decodeLabels } from './decode-labels.ts'
import { decodeStatus } from './decode-status.ts'
import type { Task, TaskStatus } from './model.ts'
import {
  describe,
  isObject,
  type JsonObject,
  NONE,
  readList,
  readText,
  readV1Id,
} from './narrow.ts'
import { type PortList, parsePortRanges, readPortResources } from './ports.ts'

/** What `/state` and v1 write differently about a task. */
export interface TaskShape {
  readonly id: (raw: JsonObject) => string | undefined
  readonly agentId: (raw: JsonObject) => string | undefined
  /** Undefined if the resources as a whole are of the wrong type. */
  readonly ports: (raw: JsonObject) => PortList | undefined
}

/** Tasks of `/state`, whose ports are read from a text. */
export function stateTask(parsePorts: (text: string) => PortList): TaskShape {
  return {
    id: (raw) => readText(raw.id),
    agentId: (raw) => readText(raw.slave_id),
    ports: ({ resources }) => {
      const text = isObject(resources) ? readText(resources.ports) : readText(resources)
      return text === undefined ? undefined : parsePorts(text)
    },
  }
}

export const STATE_TASK = stateTask(parsePortRanges)

/** Tasks of the v1 API, whose ports are read from a list of resources. */
export function v1Task(readPorts: (resources: readonly unknown[]) => PortList): TaskShape {
  return {
    id: (raw) => readV1Id(raw.task_id),
    agentId: (raw) => readV1Id(raw.agent_id),
    ports: ({ resources }) => {
      if (resources === undefined || resources === null) return readPorts(NONE)
      return Array.isArray(resources) ? readPorts(resources) : undefined
    },
  }
}

export const V1_TASK = v1Task(readPortResources)

/**
 * A task of a framework. Without usable id, name, agent and state it is left out, because its records
 * would carry somebody else's name; anything else that is odd is left out alone.
 */
export function decodeTask(
  raw: unknown,
  frameworkId: string,
  shape: TaskShape,
  report: Report,
): Task | undefined {
  if (!isObject(raw)) {
    report.add('task-odd', frameworkId, `task is ${describe(raw)}; left out`)
    return undefined
  }
  const id = shape.id(raw)
  const object = `${frameworkId}/${id ?? '?'}`
  const name = readText(raw.name)
  const agentId = shape.agentId(raw)
  const state = readText(raw.state)
  if (id === undefined || name === undefined || agentId === undefined || state === undefined) {
    report.add('task-odd', object, 'id, name, agent id or state is not a string; task left out')
    return undefined
  }
  const labels = { report, kind: 'task-labels-odd', object, key: 'labels' }
  return {
    id,
    name,
    agentId,
    state,
    ports: decodePorts(shape.ports(raw), object, report),
    discovery: decodeDiscovery(raw.discovery, object, report),
    statuses: decodeStatuses(raw.statuses, object, report),
    hasHealthCheck: isObject(raw.health_check),
    hasPortMappings: hasPortMappings(raw.container) || someStatusMapsPorts(raw.statuses),
    labels: decodeLabels(raw.labels, labels),
  }
}

/** Some executors report the mappings with the container's status alone. */
function someStatusMapsPorts(statuses: unknown): boolean {
  if (!Array.isArray(statuses)) return false
  return statuses.some((raw) => isObject(raw) && hasPortMappings(raw.container_status))
}

function decodePorts(list: PortList | undefined, object: string, report: Report) {
  if (list === undefined) {
    report.add('task-ports-odd', object, 'resources.ports is no list of ranges; left out')
    return NONE
  }
  if (list.odd !== undefined) {
    report.add(
      'task-ports-odd',
      object,
      `resources.ports holds ${list.odd}; what of it is no port is left out, the rest kept`,
    )
  }
  return list.ports
}

function decodeStatuses(value: unknown, object: string, report: Report): readonly TaskStatus[] {
  const list = readList(value, { report, kind: 'status-odd', object, key: 'statuses' })
  if (list.length === 0) return NONE
  const statuses: TaskStatus[] = []
  for (const raw of list) {
    const status = decodeStatus(raw, object, report)
    if (status !== undefined) statuses.push(status)
  }
  return statuses
}
