import type { MesosNsError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import type { PollStatus } from '../status.ts'
import { FailureLog } from './failure-log.ts'

/** Keeps count of fetches of the state, and logs when they begin to fail and when they succeed again. */
export class PollRecord {
  readonly #failureLog: FailureLog
  #count = 0
  #failures = 0
  #consecutiveFailures = 0
  #lastSuccess: PollStatus['lastSuccess']
  #lastFailure: PollStatus['lastFailure']
  #master: HostPort | undefined

  constructor(log: Logger) {
    this.#failureLog = new FailureLog(log, {
      failed: 'no state from the masters; keeping what is known',
      recovered: 'masters give their state again',
    })
  }

  get status(): PollStatus {
    return {
      count: this.#count,
      failures: this.#failures,
      consecutiveFailures: this.#consecutiveFailures,
      lastSuccess: this.#lastSuccess,
      lastFailure: this.#lastFailure,
    }
  }

  /** The leader that sent the last state. */
  get master(): HostPort | undefined {
    return this.#master
  }

  begun(): void {
    this.#count++
  }

  succeeded(
    { master, bytes }: { readonly master: HostPort; readonly bytes: number },
    at: number,
    durationMs: number,
  ): void {
    this.#consecutiveFailures = 0
    this.#master = master
    this.#lastSuccess = { at, master: formatHostPort(master), bytes, durationMs }
    this.#failureLog.succeeded()
  }

  failed(error: MesosNsError, at: number): void {
    this.#failures++
    this.#consecutiveFailures++
    this.#lastFailure = { at, code: error.code, message: error.message }
    this.#failureLog.failed(error)
  }
}
