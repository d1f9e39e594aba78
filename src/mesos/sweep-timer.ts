import type { ClusterStore } from '../state/live/index.ts'

export interface SweepTimerOptions {
  readonly store: Pick<ClusterStore, 'sweep' | 'nextSweepAt'>
  /** The store's clock. */
  readonly now: () => number
  readonly onSwept: (changed: boolean) => void
}

/** What was left to be swept is not looked at again at once. */
const LEAST_MS = 1_000
/** Longer times would overflow and fire at once (setTimeout). */
const LONGEST_MS = 2 ** 31 - 1

/**
 * Has the store give up what it held for too long, when the time has come. A thread that was busy for long comes to
 * its timers before it comes to what has arrived meanwhile; that may be what is waited for, so it is let in first.
 */
export class SweepTimer {
  readonly #options: SweepTimerOptions
  #timer: NodeJS.Timeout | undefined
  #pending: NodeJS.Immediate | undefined
  #at: number | undefined

  constructor(options: SweepTimerOptions) {
    this.#options = options
  }

  /** To be called whenever the store has changed. */
  plan(): void {
    const { store, now } = this.#options
    const at = store.nextSweepAt
    if (at === this.#at) return
    this.stop()
    this.#at = at
    if (at === undefined) return
    const delay = Math.min(Math.max(LEAST_MS, at - now()), LONGEST_MS)
    this.#timer = setTimeout(() => {
      this.#pending = setImmediate(() => this.#sweep())
    }, delay)
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#pending)
    this.#at = undefined
  }

  #sweep(): void {
    this.#at = undefined
    const changed = this.#options.store.sweep()
    this.plan()
    this.#options.onSwept(changed)
  }
}
