import { type Problem, Report } from '../report.ts'
import type { ClusterEvent } from './cluster-event.ts'
import { hasPortMappings } from './decode-container.ts'
import { decodeStatus } from './decode-status.ts'
import { decodeTask, v1Task } from './decode-task.ts'
import { decodeV1Agent, decodeV1Framework } from './decode-v1.ts'
import { StateFormatError } from './errors.ts'
import { describe, isObject, type JsonObject, NONE, readText, readV1Id } from './narrow.ts'
import { Compactor } from './stream/compact.ts'

export interface DecodedEvent {
  /** As Mesos spells it: `TASK_ADDED`, `HEARTBEAT`, … */
  readonly type: string
  /** Undefined if the type says nothing about what becomes records, or if the event is too odd to be applied. */
  readonly event: ClusterEvent | undefined
  /** What was odd, those of the event included: without an event, some change is not known. */
  readonly problems: readonly Problem[]
}

/** What is told in an event, before what was odd is added. */
type Told<E = ClusterEvent> = E extends ClusterEvent ? Omit<E, 'problems'> : never

/** Decodes the body of an event, the member of the event's name in lower case. */
type BodyDecoder = (body: JsonObject, report: Report, compactor: Compactor) => Told | undefined

const EVENTS: ReadonlyMap<string, BodyDecoder> = new Map<string, BodyDecoder>([
  ['TASK_ADDED', decodeTaskAdded],
  ['TASK_UPDATED', decodeTaskUpdated],
  ['AGENT_ADDED', decodeAgentAdded],
  ['AGENT_REMOVED', decodeAgentRemoved],
  ['FRAMEWORK_ADDED', decodeFrameworkChange],
  ['FRAMEWORK_UPDATED', decodeFrameworkChange],
  ['FRAMEWORK_REMOVED', decodeFrameworkRemoved],
])

/** The reasons of the master's own statuses that say that it has removed the agent. */
const AGENT_REMOVED = /^REASON_(?:AGENT|SLAVE)_REMOVED(?:_BY_OPERATOR)?$/

/**
 * Decodes a record of the event stream. What is odd in it is left out and told in the problems, as in a state. Throws
 * StateFormatError if it is no event at all. Whoever decodes many events gives all of them one compactor, so that
 * what they have in common is in memory once.
 */
export function decodeEvent(json: unknown, compactor = new Compactor()): DecodedEvent {
  const type = isObject(json) ? json.type : undefined
  if (!isObject(json) || typeof type !== 'string' || type === '') {
    const what = isObject(json) ? `its type is ${describe(json.type)}` : `it is ${describe(json)}`
    throw new StateFormatError(
      `this is no event of the Mesos v1 API: ${what}; expected {"type": …}`,
    )
  }
  const decode = EVENTS.get(type)
  if (decode === undefined) return { type, event: undefined, problems: NONE }
  const report = new Report()
  const { problems } = report
  const name = type.toLowerCase()
  const body = json[name]
  const told = isObject(body)
    ? decode(body, report, compactor)
    : odd(report, 'event-odd', '', `${name} is ${describe(body)}; left out`)
  return { type, event: told && { ...told, problems }, problems }
}

function odd(report: Report, kind: string, object: string, detail: string): undefined {
  report.add(kind, object, detail)
}

function decodeTaskAdded({ task: raw }: JsonObject, report: Report, compactor: Compactor) {
  const frameworkId = isObject(raw) ? idIn(raw.framework_id) : undefined
  const task = decodeTask(raw, frameworkId ?? '', v1Task(compactor.portResources), report)
  if (task === undefined) return undefined
  return frameworkId === undefined
    ? odd(report, 'task-odd', `/${task.id}`, 'the task added is of no framework; left out')
    : ({ kind: 'task-added', frameworkId, task: compactor.task(task) } as const)
}

function decodeTaskUpdated(body: JsonObject, report: Report, compactor: Compactor) {
  const { status: raw } = body
  const frameworkId = idIn(body.framework_id)
  const taskId = isObject(raw) ? idIn(raw.task_id) : undefined
  if (!isObject(raw) || frameworkId === undefined || taskId === undefined) {
    const object = `${frameworkId ?? ''}/${taskId ?? '?'}`
    return odd(report, 'event-odd', object, 'the task updated has no framework or no id; left out')
  }
  const object = `${frameworkId}/${taskId}`
  const status = decodeStatus(raw, object, report)
  const state = readText(body.state) || status?.state
  if (state === undefined || state === '') {
    return odd(report, 'event-odd', object, `its state is ${describe(body.state)}; left out`)
  }
  return {
    kind: 'task-updated',
    frameworkId,
    taskId,
    state: compactor.text(state),
    status: status && compactor.status(status),
    removedAgentId: removedAgent(raw),
    ...(hasPortMappings(raw.container_status) && ({ mapsPorts: true } as const)),
  } as const
}

/** A master tells nothing else of an agent that it has lost, or that an operator says is gone. */
function removedAgent({ source, reason, agent_id: agentId }: JsonObject): string | undefined {
  const isGone = typeof reason === 'string' && AGENT_REMOVED.test(reason)
  return source === 'SOURCE_MASTER' && isGone ? idIn(agentId) : undefined
}

function decodeAgentAdded({ agent: raw }: JsonObject, report: Report) {
  const agent = decodeV1Agent(raw, report)
  return agent && ({ kind: 'agent-added', agent } as const)
}

function decodeAgentRemoved({ agent_id: raw }: JsonObject, report: Report) {
  const agentId = idIn(raw)
  return agentId === undefined
    ? odd(report, 'event-odd', '', 'the agent removed has no id; left out')
    : ({ kind: 'agent-removed', agentId } as const)
}

function decodeFrameworkChange({ framework: raw }: JsonObject, report: Report) {
  const framework = decodeV1Framework(raw, report)
  return framework && ({ kind: 'framework', framework } as const)
}

function decodeFrameworkRemoved({ framework_info: info }: JsonObject, report: Report) {
  const frameworkId = isObject(info) ? idIn(info.id) : undefined
  return frameworkId === undefined
    ? odd(report, 'event-odd', '', 'the framework removed has no id; left out')
    : ({ kind: 'framework-removed', frameworkId } as const)
}

/** An id that says which object is meant; undefined if it is absent, empty or odd. */
function idIn(value: unknown): string | undefined {
  return readV1Id(value) || undefined
}
