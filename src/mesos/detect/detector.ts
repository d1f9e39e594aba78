import type { HostPort } from '../../net/address.ts'
import type { ZookeeperStatus } from '../../status.ts'

/**
 * Knows which masters there are and, as well as it can, which of them leads. A detector only watches;
 * asking a master for its state is the poller's business.
 */
export interface MasterDetector {
  /** Begins to watch; never throws for a source that cannot be reached, it keeps trying. */
  start(): void
  /** Stops for good and frees sockets and timers; safe to call twice. */
  stop(): void
  /** Known masters in a stable order (`masterN`); the leader is among them. Empty if none is known. */
  readonly masters: readonly HostPort[]
  /** The leader as far as known; a detector that cannot tell has none. */
  readonly leader: HostPort | undefined
  /** How detection itself fares; a detector that has nobody to ask has none. */
  readonly status?: ZookeeperStatus | undefined
  /** Calls the listener after `masters`, `leader` or `status` changed. Returns the way to stop it. */
  onChange(listener: () => void): () => void
}
