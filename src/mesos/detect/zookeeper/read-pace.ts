/** How often something may happen: so many times at once, then once in so many milliseconds. */
export interface Pace {
  readonly burst: number
  readonly everyMs: number
}

/**
 * A token bucket over the reads that watches ask for. Elections come in bursts of a few; a leader that
 * flaps, or a server that tells of changes without end, is looked at now and then. So neither the
 * ensemble is flooded with reads, nor do those who follow the leader turn round before they have got
 * anything from it.
 */
export class ReadPace {
  readonly #pace: Pace
  #tokens: number
  #asOf = 0

  constructor(pace: Pace) {
    this.#pace = pace
    this.#tokens = pace.burst
  }

  /** Takes the next turn; the milliseconds until it comes, 0 for at once. `now` in milliseconds. */
  take(now: number): number {
    const { burst, everyMs } = this.#pace
    const elapsed = Math.max(0, now - this.#asOf) // a clock may be set back
    this.#tokens = Math.min(burst, this.#tokens + elapsed / everyMs) - 1
    this.#asOf = now
    return Math.max(0, -this.#tokens * everyMs)
  }
}
