import type { Logger } from '../log.ts'
import type { GuardStatus } from '../status.ts'

/** Logs when something begins to be kept that the leading master does not list, and what becomes of it. */
export class GuardLog {
  readonly #log: Logger
  #last: GuardStatus | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  /** Takes in how things stand after a change; `lost` are the agents and running tasks that are missing. */
  update(guard: GuardStatus, lost = 0): void {
    const last = this.#last
    this.#last = guard
    const { held, holdUntil, failovers } = guard
    const isHolding = holdUntil !== undefined
    if (isHolding && (last?.holdUntil === undefined || failovers > last.failovers)) {
      const until = new Date(holdUntil).toISOString()
      this.#log.info({ held, until }, 'another master leads; keeping what it has not heard of yet')
    } else if (!isHolding && last?.holdUntil !== undefined) {
      this.#log.info({ held: last.held }, 'the hold after the change of the leader is over')
    }
    if (guard.doubts > (last?.doubts ?? 0)) {
      this.#log.warn(
        { lost },
        'too much is missing from a state to be believed; keeping it until confirmed',
      )
    }
    if (guard.confirmedLosses > (last?.confirmedLosses ?? 0)) {
      this.#log.warn({ lost }, 'a sudden loss is confirmed; what is missing is removed')
    } else if (last?.doubting && !guard.doubting) {
      this.#log.info('what was missing from a state is back')
    }
  }
}
