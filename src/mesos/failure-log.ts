import type { MesosNsError } from '../errors.ts'
import type { Logger } from '../log.ts'

/** Logs failures that repeat once, and the recovery with their number. */
export class FailureLog {
  readonly #log: Logger
  readonly #failed: string
  readonly #recovered: string
  #last: string | undefined
  #count = 0

  constructor(log: Logger, messages: { readonly failed: string; readonly recovered: string }) {
    this.#log = log
    this.#failed = messages.failed
    this.#recovered = messages.recovered
  }

  failed(error: MesosNsError): void {
    this.#count++
    if (error.message === this.#last) return
    this.#last = error.message
    const fields = { code: error.code, reason: error.message, failures: this.#count }
    this.#log.warn(fields, this.#failed)
  }

  /** With fields, the recovery is worth a line even if nothing had failed. */
  succeeded(fields?: object): void {
    if (this.#count > 0) this.#log.info({ ...fields, failures: this.#count }, this.#recovered)
    else if (fields !== undefined) this.#log.info(fields, this.#recovered)
    this.#count = 0
    this.#last = undefined
  }
}
