import type { Logger } from '../log.ts'

/** A repeated failure is logged again after so long, with the number of times it was left out. */
const QUIET_MS = 60_000

/** What happens when a client goes away in the middle of an answer: nobody's fault. */
const ABORTED = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']

/**
 * Logs failures to answer, each kind once a minute at most: a client that polls a broken path must not
 * fill the disk. `now` is in milliseconds.
 */
export function createFailureLog(log: Logger, now: () => number): (error: Error) => void {
  let last = { message: '', at: 0, suppressed: 0 }
  return (error) => {
    if ('code' in error && ABORTED.includes(String(error.code))) return
    if (error.message === last.message && now() - last.at < QUIET_MS) {
      last.suppressed++
      return
    }
    const suppressed = error.message === last.message ? last.suppressed : 0
    last = { message: error.message, at: now(), suppressed: 0 }
    log.error(
      suppressed > 0 ? { err: error, suppressed } : { err: error },
      'http request could not be answered',
    )
  }
}
