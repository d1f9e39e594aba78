import type { Config } from '../config/schema.ts'
import type { Task } from '../state/model.ts'

/**
 * What a task's health means for its records: they are made, they are made only for sets that would
 * be empty without them, or they are not made.
 */
export type Verdict = 'serve' | 'spare' | 'omit'

/** Applies the `health` policy to a running task. */
export function judge(task: Task, policy: Config['health']): Verdict {
  switch (policy) {
    case 'include':
      return 'serve'
    case 'exclude':
      return newestHealth(task) === false ? 'spare' : 'serve'
    case 'require':
      return task.hasHealthCheck && newestHealth(task) !== true ? 'omit' : 'serve'
  }
}

/**
 * The result of the newest status that carries one; undefined before the first. Statuses stand in the
 * order they arrived, so the last of equally new ones counts.
 */
function newestHealth(task: Task): boolean | undefined {
  let newest = Number.NEGATIVE_INFINITY
  let healthy: boolean | undefined
  for (const status of task.statuses) {
    if (status.healthy === undefined || status.timestamp < newest) continue
    newest = status.timestamp
    healthy = status.healthy
  }
  return healthy
}
