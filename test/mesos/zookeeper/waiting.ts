import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../src/mesos/detect/zookeeper/clock.ts'

/** Resolves once the condition holds; far longer than any machine needs, so that a hang is a failure. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 5000; i++) {
    if (holds()) return
    await sleep(2)
  }
  throw new Error(`waited in vain until ${what}`)
}

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #now = 1_000_000
  readonly #due = new Set<{ readonly at: number; readonly run: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#due.add(timer)
    return () => this.#due.delete(timer)
  }

  /** Milliseconds until each timer that is set, soonest first. */
  get delays(): number[] {
    return [...this.#due].map(({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  /** Runs what falls due within `ms`, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#due.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = end
  }
}
