import type { Config } from '../config/schema.ts'
import type { HostPort } from '../net/address.ts'
import type { Report } from '../report.ts'
import type { ClusterState } from '../state/model.ts'

/** The settings that shape records. */
export type RecordsConfig = Pick<
  Config,
  | 'domain'
  | 'ttl'
  | 'soaMname'
  | 'ipSources'
  | 'enforceRfc952'
  | 'srvRecordDefaultWeight'
  | 'reverseDnsOn'
  | 'health'
  | 'staticRecords'
>

/** Everything records are made from: no clock, no network, no randomness. */
export interface RecordsInput {
  readonly state: ClusterState
  /**
   * The masters in their stable order (configured list, or ZooKeeper sequence), leader included where
   * it is known to be one of them.
   */
  readonly masters: readonly HostPort[]
  /** Addresses of the host names that appear in pids, framework hostnames and masters. */
  readonly hosts: ReadonlyMap<string, readonly string[]>
  /** Addresses of the name server's own name (`SOAMname`): what it listens on. */
  readonly listenerAddresses: readonly string[]
  readonly config: RecordsConfig
  readonly report: Report
}
