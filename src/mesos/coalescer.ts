export interface CoalescerOptions {
  readonly run: () => void | Promise<void>
  /** Called with what `run` threw. */
  readonly onError: (error: unknown) => void
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number
}

/** Runs begin at least so far apart: a burst becomes few, and nobody notices the wait. */
const LEAST_MS = 20
/** Of the time, at most one part in so many is spent running. */
const SHARE = 2

/**
 * Runs something for every offer, but never twice at once: the first offer runs at once, and those that come
 * while it runs, or shortly after, share the next run.
 */
export class Coalescer {
  readonly #options: CoalescerOptions
  readonly #now: () => number
  #waiting: Deferred | undefined
  #timer: NodeJS.Timeout | undefined
  #isRunning = false
  #isStopped = false
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(options: CoalescerOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  /** Resolves when a run that began after this has ended. Never rejects. */
  offer(): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    this.#waiting ??= defer()
    const { done } = this.#waiting
    this.#plan()
    return done
  }

  /** Whoever waits for a run that has not begun is let go. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#waiting?.resolve()
    this.#waiting = undefined
  }

  #plan(): void {
    if (this.#isRunning || this.#timer !== undefined) return
    const delay = this.#notBefore - this.#now()
    if (delay > 0) this.#timer = setTimeout(() => void this.#run(), delay)
    else void this.#run()
  }

  async #run(): Promise<void> {
    this.#timer = undefined
    const offered = this.#waiting
    this.#waiting = undefined
    this.#isRunning = true
    const begun = this.#now()
    try {
      await this.#options.run()
    } catch (error) {
      this.#options.onError(error)
    }
    this.#isRunning = false
    this.#notBefore = begun + Math.max(LEAST_MS, SHARE * (this.#now() - begun))
    offered?.resolve()
    if (this.#waiting !== undefined) this.#plan()
  }
}

interface Deferred {
  readonly done: Promise<void>
  readonly resolve: () => void
}

function defer(): Deferred {
  let resolve = () => {}
  const done = new Promise<void>((settle) => {
    resolve = settle
  })
  return { done, resolve }
}
