import type { ReloadResult } from '../../src/http/index.ts'

interface Term {
  readonly ttl: number
  readonly from: number
  to: number
}

/** Which default TTLs are in effect when: a reload that has begun may be, and one that has ended is. */
export class TtlTerms {
  #terms: Term[]
  #reloading: Promise<void> = Promise.resolve()

  constructor(ttl: number) {
    this.#terms = [{ ttl, from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }]
  }

  /** A reload has begun that brings this TTL. */
  reload(result: Promise<ReloadResult>, ttl: number, now: () => number): Promise<void> {
    const term = { ttl, from: now(), to: Number.POSITIVE_INFINITY }
    const before = [...this.#terms]
    this.#terms.push(term)
    const done = result.then(({ status }) => {
      const ended = status === 'failed' ? [term] : before
      for (const each of ended) each.to = Math.min(each.to, now())
    })
    this.#reloading = Promise.all([this.#reloading, done]).then(() => {})
    return done
  }

  /** Resolves when no reload is under way. */
  settled(): Promise<void> {
    return this.#reloading
  }

  between(from: number, to: number): ReadonlySet<number> {
    this.#terms = this.#terms.filter((term) => term.to >= from - KEPT_MS)
    return new Set(
      this.#terms.filter((term) => term.from <= to && term.to >= from).map(({ ttl }) => ttl),
    )
  }
}

/** Replies are not judged in the order of their queries. */
const KEPT_MS = 60_000
