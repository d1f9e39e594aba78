import type { FrameworkInfo } from '../decode-framework.ts'

/**
 * A framework as someone tells it who does not know schedulers' pids, with the pid that is known:
 * as long as it has the same name and runs on the same host, it is likely the same scheduler.
 */
export function withKnownPid(told: FrameworkInfo, known: FrameworkInfo | undefined): FrameworkInfo {
  if (told.pid !== undefined || known?.pid === undefined) return told
  return isSameScheduler(told, known) ? { ...told, pid: known.pid } : told
}

/** Whether two say the same of a scheduler, apart from its pid. */
export function isSameScheduler(a: FrameworkInfo, b: FrameworkInfo): boolean {
  return a.name === b.name && a.hostname === b.hostname
}
