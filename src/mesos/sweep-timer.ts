import type { ClusterStore } from '../state/live/index.ts'

export interface SweepTimerOptions {
  readonly store: Pick<ClusterStore, 'sweep' | 'nextSweepAt'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly onSwept: (changed: boolean) => void
}

/** A clock that was set, and is not where timers think, must not have it sweep all the time. */
const LEAST_MS = 100
/** Longer times would overflow and fire at once (setTimeout). */
const LONGEST_MS = 2 ** 31 - 1

/** Has the store give up what it held for too long, when the time has come. */
export class SweepTimer {
  readonly #options: SweepTimerOptions
  #timer: NodeJS.Timeout | undefined
  #at: number | undefined

  constructor(options: SweepTimerOptions) {
    this.#options = options
  }

  /** To be called whenever the store has changed. */
  plan(): void {
    const { store, clock } = this.#options
    const at = store.nextSweepAt
    if (at === this.#at) return
    this.stop()
    this.#at = at
    if (at === undefined) return
    const delay = Math.max(LEAST_MS, at - clock())
    this.#timer = setTimeout(() => this.#sweep(), Math.min(delay, LONGEST_MS))
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#at = undefined
  }

  #sweep(): void {
    this.#at = undefined
    const changed = this.#options.store.sweep()
    this.plan()
    this.#options.onSwept(changed)
  }
}
