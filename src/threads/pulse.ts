/**
 * Tells a thread that hangs from one that is busy, by pings that it should answer. Counted in rounds of
 * the thread that pings and not in time: a machine that slept for an hour has missed one round.
 */
export class Pulse {
  readonly #patience: number
  #missed = 0
  #waiting = false

  /** `patience`: so many rounds may go by without an answer. */
  constructor(patience: number) {
    this.#patience = patience
  }

  /** One more round: whether to ping it, to wait on, or to give it up. */
  round(): 'ping' | 'wait' | 'hung' {
    if (!this.#waiting) {
      this.#waiting = true
      return 'ping'
    }
    return ++this.#missed > this.#patience ? 'hung' : 'wait'
  }

  answered(): void {
    this.#waiting = false
    this.#missed = 0
  }
}
