/** Calls a function at intervals, never twice at once. */
export interface Poller {
  /** Polls at once and from then on. */
  start(): void
  /** Stops for good, aborting a poll that runs. */
  stop(): void
  /** Polls at once, or right after the poll that runs; settles when that poll has ended. */
  refresh(): Promise<void>
  /** Aborts the poll that runs, if any, for a new one. */
  restart(reason: string): void
  /** Has a poll begin within so many milliseconds; one that runs already does not count. */
  within(ms: number): void
  /** The interval has become another one. */
  replan(): void
  readonly running: boolean
}

export interface PollerOptions {
  /** True if it succeeded. Must not reject; must end soon after the signal is aborted. */
  readonly poll: (signal: AbortSignal) => Promise<boolean>
  /** Milliseconds between the beginnings of two polls, asked for after each. */
  readonly intervalMs: () => number
  /** 0 ≤ x < 1. */
  readonly random?: () => number
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number
}

const FIRST_RETRY_MS = 1_000

/**
 * Polls begin an interval apart, or right after one another where one takes longer. Until the first
 * success there is nothing to serve, so failures are followed by quick retries that back off from one
 * second to the interval, with jitter to keep several servers from asking in step.
 */
export function createPoller(options: PollerOptions): Poller {
  const { poll, intervalMs, random = Math.random, now = () => performance.now() } = options
  let timer: NodeJS.Timeout | undefined
  let running: { readonly done: Promise<void>; readonly controller: AbortController } | undefined
  let queued: Promise<void> | undefined
  let stopped = false
  let succeeded = false
  let failures = 0
  let begun = 0
  /** When the next poll is to begin if nobody wants it earlier; as `begun`, milliseconds of `now`. */
  let due = 0
  let wantedAt = Number.POSITIVE_INFINITY

  async function runOnce(controller: AbortController): Promise<void> {
    begun = now()
    wantedAt = Number.POSITIVE_INFINITY
    const ok = await poll(controller.signal)
    succeeded ||= ok
    failures = ok ? 0 : failures + 1
    running = undefined
    if (!stopped && queued === undefined) schedule(succeeded ? begun + intervalMs() : retryAt())
  }

  function run(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (stopped) return Promise.resolve()
    const controller = new AbortController()
    const done = runOnce(controller)
    running = { done, controller }
    return done
  }

  function schedule(at: number): void {
    due = at
    clearTimeout(timer)
    const delay = Math.max(0, Math.min(due, wantedAt) - now())
    timer = setTimeout(run, delay)
  }

  function retryAt(): number {
    const ceiling = Math.min(intervalMs(), FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 30))
    return now() + ceiling * (0.5 + random() / 2)
  }

  function refresh(): Promise<void> {
    if (running === undefined) return run()
    queued ??= running.done.then(() => {
      queued = undefined
      return run()
    })
    return queued
  }

  return {
    start: () => void refresh(),
    stop() {
      stopped = true
      clearTimeout(timer)
      timer = undefined
      running?.controller.abort(new Error('stopped'))
    },
    refresh,
    restart(reason) {
      running?.controller.abort(new Error(reason))
      void refresh()
    },
    within(ms) {
      const at = now() + ms
      if (at >= wantedAt) return
      wantedAt = at
      // Before it has started, and while it polls, the next poll is not planned yet.
      if (timer !== undefined) schedule(due)
    },
    replan() {
      if (timer !== undefined && succeeded) schedule(begun + intervalMs())
    },
    get running() {
      return running !== undefined
    },
  }
}
