import type { MesosNsError } from '../errors.ts'
import type { Logger } from '../log.ts'

/** Logs failures that repeat at every poll once, and the recovery with their number. */
export class FailureLog {
  readonly #log: Logger
  #last: string | undefined
  #count = 0

  constructor(log: Logger) {
    this.#log = log
  }

  failed(error: MesosNsError): void {
    this.#count++
    if (error.message === this.#last) return
    this.#last = error.message
    const fields = { code: error.code, reason: error.message, failures: this.#count }
    this.#log.warn(fields, 'no state from the masters; keeping what is known')
  }

  succeeded(): void {
    if (this.#count > 0) this.#log.info({ failures: this.#count }, 'masters give their state again')
    this.#count = 0
    this.#last = undefined
  }
}
