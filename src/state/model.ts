import type { HostPort } from '../net/address.ts'

/**
 * The narrow model of a Mesos cluster: only what becomes records. Both `/state` and the v1 API decode
 * into it (docs: mesos.apache.org/documentation/latest/endpoints/master/state).
 */
export interface ClusterState {
  /** The leading master as the state names it (`leader`, `master@IP:port`). */
  readonly leader: HostPort | undefined
  /** Agents by id, in the order of the state; of two with one id the last one stays. */
  readonly agents: ReadonlyMap<string, Agent>
  /** Frameworks in the order of the state. */
  readonly frameworks: readonly Framework[]
}

export interface Agent {
  readonly id: string
  /** Where its libprocess listens, from `pid`. */
  readonly pid: HostPort
}

export interface Framework {
  readonly id: string
  readonly name: string
  /** Scheduler address; HTTP API schedulers have none. */
  readonly pid: HostPort | undefined
  /** Host the scheduler runs on, used when there is no pid. `''` if unknown. */
  readonly hostname: string
  readonly tasks: readonly Task[]
}

export interface Task {
  readonly id: string
  readonly name: string
  readonly agentId: string
  /** `TASK_RUNNING`, … */
  readonly state: string
  /** Host ports from `resources.ports`, ranges expanded, in order. */
  readonly ports: readonly number[]
  /** Present only when DiscoveryInfo has a non-empty name. */
  readonly discovery: Discovery | undefined
  /** In the order of the state. */
  readonly statuses: readonly TaskStatus[]
  /** Whether a health check is defined for the task. */
  readonly hasHealthCheck: boolean
  /** Whether a container port of the task is mapped to a host port (`autoip`). */
  readonly hasPortMappings: boolean
  /** Task labels, in order. */
  readonly labels: readonly Label[]
}

export interface Discovery {
  readonly name: string
  readonly ports: readonly DiscoveryPort[]
}

export interface DiscoveryPort {
  /** As sent: `tcp`, `UDP`, `udp,tcp`, `''`. */
  readonly protocol: string
  /** Unchecked: Mesos lets any integer pass. */
  readonly number: number
  /** `''` if unnamed. */
  readonly name: string
}

export interface TaskStatus {
  readonly state: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  /** `undefined` until a health check has reported. */
  readonly healthy: boolean | undefined
  readonly labels: readonly Label[]
  /**
   * Addresses of `container_status.network_infos`, in order and unvalidated: of each network every
   * `ip_addresses[].ip_address`, or, where it has none, its `ip_address` (Mesos 0.25).
   */
  readonly networkAddresses: readonly string[]
}

export interface Label {
  readonly key: string
  readonly value: string
}
