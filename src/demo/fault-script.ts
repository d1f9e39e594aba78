/** Which fault what comes next meets: first those queued with `once`, then the standing one. */
export class FaultScript<F> {
  readonly #queue: F[] = []
  #standing: F | undefined

  /** The next ones that have none yet meet these, one each. */
  once(...faults: readonly F[]): void {
    this.#queue.push(...faults)
  }

  /** Every one meets this, until `clear`. */
  always(fault: F): void {
    this.#standing = fault
  }

  clear(): void {
    this.#queue.length = 0
    this.#standing = undefined
  }

  /** What `always` said last. */
  get standing(): F | undefined {
    return this.#standing
  }

  /** Takes the fault of the one that has just come. */
  take(): F | undefined {
    return this.#queue.shift() ?? this.#standing
  }
}
