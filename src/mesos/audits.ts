import type { Logger } from '../log.ts'
import type { AuditStatus } from '../status.ts'
import type { PollPace } from './poll-pace.ts'
import type { Poller } from './poller.ts'

export interface AuditsOptions {
  readonly poller: Pick<Poller, 'within'>
  readonly pace: Pick<PollPace, 'soon' | 'wanted'>
  readonly log: Logger
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number
}

/** Fetches of the state that check what the event stream told: those out of turn, and what all of them found. */
export class Audits {
  readonly #options: AuditsOptions
  #status: AuditStatus = { count: 0, drift: 0, lastDrift: 0, lastAt: undefined }
  #isWanted = false
  #isWantedByEvent = false
  /** When one last began that an event had wanted. */
  #lastByEvent = Number.NEGATIVE_INFINITY

  constructor(options: AuditsOptions) {
    this.#options = options
  }

  get status(): AuditStatus {
    return this.#status
  }

  /** Has the state fetched soon; wanting it more than once is wanting it once. */
  want(): void {
    if (this.#isWanted) return
    this.#isWanted = true
    const { poller, pace } = this.#options
    poller.within(pace.soon())
  }

  /** The same for the sake of an event, of which there may be many. Returns false if another one wanted it, too. */
  wantForEvent(): boolean {
    if (this.#isWantedByEvent) return false
    this.#isWantedByEvent = true
    const { poller, pace, now } = this.#options
    poller.within(pace.wanted(now() - this.#lastByEvent))
    return true
  }

  /** The state is being fetched. */
  begun(): void {
    if (this.#isWantedByEvent) this.#lastByEvent = this.#options.now()
    this.#isWanted = false
    this.#isWantedByEvent = false
  }

  /** An audit is over; `at` is milliseconds since the epoch. */
  ended(drift: number, at: number): void {
    const { count, drift: before } = this.#status
    this.#status = { count: count + 1, drift: before + drift, lastDrift: drift, lastAt: at }
    if (drift > 0) this.#options.log.info({ drift }, 'an audit found what no event had told')
  }
}
