import type { Enumeration } from '../records/enumeration.ts'
import type { RecordSet } from '../records/record-set.ts'
import type { Zone } from './zone.ts'

/** What is known of the cluster at one moment; immutable, replaced as a whole. */
export interface Snapshot {
  readonly zone: Zone
  readonly records: RecordSet
  /** SOA serial; moves only when the records do. */
  readonly serial: number
  /** Lower-case hex SHA-256 of the canonical record set. */
  readonly contentHash: string
  /** When the state these records were made from was received, ms since the epoch. */
  readonly receivedAt: number
  /** Derived when asked; nothing is kept for it. */
  enumerate(): Enumeration
}
