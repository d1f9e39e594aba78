import { type Config, secondsUntilStale } from '../config/index.ts'
import { FRESHNESS, type Freshness, type FreshnessLevel } from '../freshness.ts'
import type { Logger } from '../log.ts'

export type StalenessConfig = Pick<Config, 'staleAfter' | 'maxStale' | 'refreshSeconds'>

export interface StalenessOptions {
  readonly config: StalenessConfig
  readonly log: Logger
  /** The word that query threads look at. */
  readonly freshness: Freshness
  /** Told of each change of the word. */
  readonly onChange: () => void
  /** Milliseconds of a clock that never jumps. Default: performance.now. */
  readonly now?: () => number
  /** Milliseconds since the epoch. Default: Date.now. */
  readonly wallClock?: () => number
}

/**
 * Watches how long ago a leading master has told that what is known is so, and has the query threads know.
 * It needs nobody for that but the clock, so it goes on when the state thread is dead.
 */
export class Staleness {
  readonly #options: Required<StalenessOptions>
  #config: StalenessConfig
  /** By `now`; undefined before the first time. */
  #confirmedAt: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: StalenessOptions) {
    this.#options = { now: () => performance.now(), wallClock: Date.now, ...options }
    this.#config = options.config
  }

  configure(config: StalenessConfig): void {
    this.#config = config
    this.#judge()
  }

  /** A leading master has told so, milliseconds since the epoch; earlier ones than the last make no difference. */
  confirmed(at: number): void {
    const { now, wallClock } = this.#options
    // The clock of the wall may be set at any time; from now on its steps do not count.
    const confirmedAt = now() - Math.max(0, wallClock() - at)
    if (this.#confirmedAt !== undefined && confirmedAt <= this.#confirmedAt) return
    this.#confirmedAt = confirmedAt
    this.#judge()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #judge(): void {
    clearTimeout(this.#timer)
    // As long as nothing is known there is no zone, and nothing that could be stale.
    if (this.#confirmedAt === undefined) return
    const age = this.#options.now() - this.#confirmedAt
    const { staleMs, expiredMs } = limitsOf(this.#config)
    this.#set(levelAt(age, staleMs, expiredMs), age)
    const next = Math.min(...[staleMs, expiredMs].filter((limit) => limit > age))
    // A timer may fire a millisecond early: then it is judged once more.
    if (Number.isFinite(next)) {
      this.#timer = setTimeout(() => this.#judge(), Math.ceil(next - age)).unref()
    }
  }

  #set(level: FreshnessLevel, ageMs: number): void {
    const { freshness, log, onChange } = this.#options
    if (level === freshness.level) return
    freshness.level = level
    const fields = { ageSeconds: Math.round(ageMs / 1000) }
    if (level === FRESHNESS.FRESH) log.info(fields, 'the state of the cluster is up to date again')
    else if (level === FRESHNESS.STALE) log.warn(fields, 'the state of the cluster is stale')
    else {
      log.error(
        fields,
        'the state of the cluster is older than maxStale: names of the domain get SERVFAIL',
      )
    }
    onChange()
  }
}

function limitsOf(config: StalenessConfig) {
  const { maxStale } = config
  return {
    staleMs: secondsUntilStale(config) * 1000,
    expiredMs: maxStale === 0 ? Number.POSITIVE_INFINITY : maxStale * 1000,
  }
}

function levelAt(ageMs: number, staleMs: number, expiredMs: number): FreshnessLevel {
  if (ageMs >= expiredMs) return FRESHNESS.EXPIRED
  return ageMs >= staleMs ? FRESHNESS.STALE : FRESHNESS.FRESH
}
