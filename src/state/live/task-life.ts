import type { TaskUpdated } from '../cluster-event.ts'
import type { Task, TaskStatus } from '../model.ts'
import { sameValue } from '../stream/same-value.ts'

/**
 * States in which a `/state` no longer lists a task among a framework's `tasks`: the terminal ones,
 * and those of a task whose agent is not to be reached (docs:
 * mesos.apache.org/documentation/latest/task-state-reasons, high-availability-framework-guide).
 */
const GONE: ReadonlySet<string> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNREACHABLE',
  'TASK_UNKNOWN',
])

const RUNNING = 'TASK_RUNNING'

export function isGone(state: string): boolean {
  return GONE.has(state)
}

/**
 * The task after an update, with its statuses as a master keeps them: the last of each run of one
 * state. Undefined if the task was already known in a later state: a whole state can be ahead of
 * the stream.
 */
export function updateTask(task: Task, event: TaskUpdated): Task | undefined {
  const { state, status, mapsPorts } = event
  if (status === undefined) return { ...task, state }
  if (isOutdated(status, task.statuses)) return undefined
  const replaces = task.statuses.at(-1)?.state === status.state
  const statuses = [...(replaces ? task.statuses.slice(0, -1) : task.statuses), status]
  return {
    ...task,
    state: isAhead(state, statuses) ? status.state : state,
    statuses,
    hasPortMappings: task.hasPortMappings || mapsPorts === true,
  }
}

/**
 * A task's state can run ahead of its statuses. It is not running before the status that says so, since only that tells its
 * addresses.
 */
function isAhead(state: string, statuses: readonly TaskStatus[]): boolean {
  return state === RUNNING && !statuses.some((status) => status.state === RUNNING)
}

/** Whether a status, or a newer one of its state, is known and was followed by another. */
function isOutdated(status: TaskStatus, known: readonly TaskStatus[]): boolean {
  const at = known.findLastIndex(({ state }) => state === status.state)
  const like = known[at]
  if (like === undefined) return false
  if (at === known.length - 1) return status.timestamp < like.timestamp
  return status.timestamp <= like.timestamp
}

/** Whether a task added is one that is known with later statuses. */
export function isEarlier(task: Task, known: Task): boolean {
  const { state, statuses, hasPortMappings } = known
  return (
    newest(task.statuses) < newest(statuses) &&
    sameValue({ ...task, state, statuses, hasPortMappings }, known)
  )
}

function newest(statuses: readonly TaskStatus[]): number {
  return statuses.reduce(
    (latest, { timestamp }) => Math.max(latest, timestamp),
    Number.NEGATIVE_INFINITY,
  )
}

/** Only such a task has records. */
export function isRunning(task: Task | undefined): boolean {
  return task?.state === RUNNING
}
