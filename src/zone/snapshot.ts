import type { ListingKind } from '../records/listing.ts'
import type { Zone } from './zone.ts'

/** What is known of the cluster at one moment. */
export interface Snapshot {
  readonly zone: Zone
  /** When the state these records were made from was received, ms since the epoch. */
  readonly receivedAt: number
  /**
   * The whole of it as a JSON document in UTF-8, in pieces. It is made where the state is, when asked,
   * and nothing is kept for it; rejects if nobody is there to make it.
   */
  listing(kind: ListingKind): Promise<readonly Uint8Array[]>
}
