import { createFaultLog } from '../fault-log.ts'
import type { Logger } from '../log.ts'

/** What happens when a client goes away in the middle of an answer: nobody's fault. */
const ABORTED = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']

/** Logs failures to answer that are not the client's doing. `now` is in milliseconds. */
export function createFailureLog(log: Logger, now: () => number): (error: Error) => void {
  const logFault = createFaultLog(log, 'http request could not be answered', now)
  return (error) => {
    if (!('code' in error && ABORTED.includes(String(error.code)))) logFault(error)
  }
}
