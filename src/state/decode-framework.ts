import type { HostPort } from '../net/address.ts'
import type { Report } from '../report.ts'
import { decodeTask, STATE_TASK } from './decode-task.ts'
import type { Framework, Task } from './model.ts'
import { describe, isObject, type JsonObject, readList, readText } from './narrow.ts'
import { parsePid } from './pid.ts'

/** A framework without its tasks: what `/state` and v1 tell in the same way. */
export type FrameworkInfo = Omit<Framework, 'tasks'>

/**
 * Name and scheduler address of a framework. An odd pid or hostname is dropped and the framework kept;
 * without a usable id or name it is left out with its tasks, whose names need them.
 */
export function decodeFrameworkInfo(
  raw: JsonObject,
  id: string | undefined,
  report: Report,
): FrameworkInfo | undefined {
  const name = readText(raw.name)
  if (id === undefined || name === undefined) {
    const detail = `id or name is not a string; framework left out with its tasks`
    report.add('framework-odd', id ?? '', detail)
    return undefined
  }
  const hostname = readText(raw.hostname)
  if (hostname === undefined) {
    report.add('framework-hostname-odd', id, `hostname is ${describe(raw.hostname)}; ignored`)
  }
  return { id, name, pid: decodePid(raw.pid, id, report), hostname: hostname ?? '' }
}

/** Schedulers that use the HTTP API have no pid key; any other value must be a pid. */
function decodePid(value: unknown, id: string, report: Report): HostPort | undefined {
  if (value === undefined) return undefined
  const pid = typeof value === 'string' ? parsePid(value) : undefined
  if (pid === undefined) {
    report.add('framework-pid-odd', id, `pid is ${describe(value)}, not id@host:port; ignored`)
  }
  return pid
}

/** An element of the `frameworks` of `/state`. */
export function decodeFramework(raw: unknown, report: Report): Framework | undefined {
  if (!isObject(raw)) return oddFramework(raw, report)
  const info = decodeFrameworkInfo(raw, readText(raw.id), report)
  if (info === undefined) return undefined
  const tasks: Task[] = []
  for (const item of readTasks(raw.tasks, info.id, report)) {
    const task = decodeTask(item, info.id, STATE_TASK, report)
    if (task !== undefined) tasks.push(task)
  }
  return { ...info, tasks }
}

/** Something in the list of frameworks that is no framework at all. */
export function oddFramework(raw: unknown, report: Report): undefined {
  report.add('framework-odd', '', `framework is ${describe(raw)}; left out`)
}

/** The `tasks` of a framework; anything but a list is reported and counts as none. */
export function readTasks(value: unknown, id: string, report: Report): readonly unknown[] {
  return readList(value, { report, kind: 'tasks-odd', object: id, key: 'tasks' })
}
