import type { Report } from '../report.ts'
import type { ClusterState } from './model.ts'

/** The whole cluster as a master knows it at one moment: a `/state`, or what `SUBSCRIBED` begins with. */
export interface FullState {
  readonly state: ClusterState
  /** What was odd in it. */
  readonly report: Report
  /** Which form it came in. v1 tells neither the leader nor schedulers' pids, so those are undefined there. */
  readonly form: 'state' | 'v1'
  /** The master process that made it: the `id` of `/state`; undefined in v1. */
  readonly masterId: string | undefined
  /**
   * Ids of agents that the master knows from its registry, but that have not registered again since it
   * leads (`recovered_slaves`, v1 `recovered_agents`).
   */
  readonly recoveredAgents: ReadonlySet<string>
}
