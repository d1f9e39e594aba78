import type { Logger } from './log.ts'

/** A repeated fault is logged again after so long, with the number of times it was left out. */
const QUIET_MS = 60_000

/**
 * Logs faults of ours that must not end the process, with their stacks, each kind once a minute at most:
 * a client that repeats what provokes one must not fill the disk. `now` is in milliseconds.
 */
export function createFaultLog(
  log: Logger,
  message: string,
  now: () => number,
): (error: Error) => void {
  let last = { message: '', at: 0, suppressed: 0 }
  return (error) => {
    if (error.message === last.message && now() - last.at < QUIET_MS) {
      last.suppressed++
      return
    }
    const suppressed = error.message === last.message ? last.suppressed : 0
    last = { message: error.message, at: now(), suppressed: 0 }
    log.error(suppressed > 0 ? { err: error, suppressed } : { err: error }, message)
  }
}
