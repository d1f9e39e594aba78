/** How far what is known of the cluster can be relied on. */
export const FRESHNESS = {
  /** A leading master has told lately that it is so. */
  FRESH: 0,
  /** None has for some time (`staleAfter`); it is served all the same, and marked. */
  STALE: 1,
  /** None has for so long (`maxStale`) that it is not served any more. */
  EXPIRED: 2,
} as const

export type FreshnessLevel = (typeof FRESHNESS)[keyof typeof FRESHNESS]

/**
 * One word of shared memory by which the control thread tells the query threads how old the zone is. It
 * outlives them all, and reading it costs a query next to nothing.
 */
export class Freshness {
  readonly buffer: SharedArrayBuffer
  readonly #word: Int32Array

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#word = new Int32Array(buffer)
  }

  get level(): FreshnessLevel {
    return this.#word[0] as FreshnessLevel
  }

  set level(level: FreshnessLevel) {
    Atomics.store(this.#word, 0, level)
  }
}
