import type { MesosConfig } from './config.ts'

/** A leader that does not know its cluster yet is asked more often: after this, or a quarter of the interval. */
const RECOVERING_MS = 5_000
/** A doubted loss is looked at again after this, at most. */
const DOUBT_MS = 10_000
/** Fetches that events want are at least this part of `auditSeconds` apart: they double the load at most. */
const WANTED_SPACING = 0.5
/** Everybody who watches the same ZooKeeper is told of a new leader at once; the first may ask it at once. */
const ELECTION_MS = 2_000
/** Audits of many servers that were started together drift apart: an interval is up to this part shorter. */
const AUDIT_SPREAD = 0.2

export interface Following {
  /** The event stream tells what changes. */
  readonly isStreaming: boolean
  /** The leader does not know all of its cluster yet. */
  readonly isRecovering: boolean
}

/**
 * How often the state is fetched; times are milliseconds. What all replicas of a server would do at once, a failing
 * master being the reason, is spread by `random` (0 ≤ x < 1).
 */
export class PollPace {
  readonly #refreshMs: number
  readonly #auditMs: number
  readonly #random: () => number

  constructor(
    { refreshSeconds, auditSeconds }: Pick<MesosConfig, 'refreshSeconds' | 'auditSeconds'>,
    random: () => number,
  ) {
    this.#refreshMs = refreshSeconds * 1000
    this.#auditMs = auditSeconds * 1000
    this.#random = random
  }

  /** From the beginning of one fetch to that of the next. */
  interval({ isStreaming, isRecovering }: Following): number {
    const refreshMs = this.#refreshMs
    if (!isStreaming) {
      return isRecovering ? Math.min(refreshMs, Math.max(RECOVERING_MS, refreshMs / 4)) : refreshMs
    }
    if (isRecovering) return Math.min(refreshMs, this.#auditMs)
    return this.#auditMs * (1 - this.#random() * AUDIT_SPREAD)
  }

  /** Until a fetch that is wanted, but need not be at once. */
  soon(): number {
    return this.#random() * this.#refreshMs
  }

  /**
   * Until a fetch that an event wants. `sinceLast` is the time since the last such fetch: a scheduler that comes and
   * goes must not have all replicas fetch a large state again and again.
   */
  wanted(sinceLast: number): number {
    return Math.max(this.soon(), this.#auditMs * WANTED_SPACING - sinceLast)
  }

  /** Until a new leader is asked by one who knows the cluster as it was. */
  election(): number {
    return this.#random() * ELECTION_MS
  }

  /** Until a loss that was too sudden to be believed is looked at again. */
  doubt(): number {
    return Math.min(this.#refreshMs, DOUBT_MS) * (0.5 + this.#random() / 2)
  }
}
