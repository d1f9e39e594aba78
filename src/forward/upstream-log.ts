import type { Logger } from '../log.ts'
import type { Failure } from './exchange.ts'
import type { Upstream } from './upstream.ts'

const INTERVAL_MS = 60_000

interface Trouble {
  /** When it was last logged; ms. */
  warnedAt: number
  /** Failures since the last line. */
  unreported: number
  /** Whether the log's last word on this upstream is that it fails. */
  announced: boolean
}

/**
 * Says in the log which upstreams fail and when they answer again. At most one warning and one recovery
 * a minute for each, with counts in between, so that neither a dead nor a flapping one floods it.
 */
export class UpstreamLog {
  readonly #log: Logger
  readonly #now: () => number
  readonly #troubles = new WeakMap<Upstream, Trouble>()

  constructor(log: Logger, now: () => number) {
    this.#log = log
    this.#now = now
  }

  failed(upstream: Upstream, { kind, detail }: Failure): void {
    const trouble = this.#troubleOf(upstream)
    trouble.unreported++
    const now = this.#now()
    if (now - trouble.warnedAt < INTERVAL_MS) return
    this.#log.warn(
      { upstream: upstream.name, failure: kind, detail, failures: trouble.unreported },
      trouble.announced ? 'upstream still fails' : 'upstream fails',
    )
    trouble.warnedAt = now
    trouble.unreported = 0
    trouble.announced = true
  }

  answered(upstream: Upstream): void {
    const trouble = this.#troubles.get(upstream)
    if (trouble?.announced !== true) return
    this.#log.info(
      { upstream: upstream.name, failures: trouble.unreported },
      'upstream answers again',
    )
    trouble.unreported = 0
    trouble.announced = false
  }

  #troubleOf(upstream: Upstream): Trouble {
    const known = this.#troubles.get(upstream)
    if (known !== undefined) return known
    const fresh = { warnedAt: Number.NEGATIVE_INFINITY, unreported: 0, announced: false }
    this.#troubles.set(upstream, fresh)
    return fresh
  }
}
