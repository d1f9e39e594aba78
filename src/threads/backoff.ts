/** A thread that has lived for so long died of something new. */
const STABLE_MS = 10_000

const FIRST_DELAY_MS = 100
/** A server without it answers less, or nothing: it is tried again and again. */
const LONGEST_DELAY_MS = 10_000

/**
 * How long to wait before a thread that died is replaced: not at all the first time, then ever longer
 * while replacements keep dying young.
 */
export class RestartBackoff {
  #youngDeaths = 0

  /** Takes in a death after `livedMs` of life; returns milliseconds. */
  delayAfter(livedMs: number): number {
    if (livedMs >= STABLE_MS) this.#youngDeaths = 0
    const before = this.#youngDeaths++
    return before === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (before - 1), LONGEST_DELAY_MS)
  }
}
