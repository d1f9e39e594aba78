import type { HostPort } from '../net/address.ts'
import type { Report } from '../report.ts'
import type { ClusterState } from './model.ts'

/** A new state of the cluster, as it was when the leader answered. */
export interface StateUpdate {
  readonly state: ClusterState
  /** Detected or configured masters, in their stable order. */
  readonly masters: readonly HostPort[]
  /** What was odd in the state; records made from it add theirs. */
  readonly report: Report
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
}
