import type { HostPort } from '../net/address.ts'
import type { Label } from '../state/model.ts'

/** The states a task of the simulation passes through, as Mesos names them. */
export type TaskState =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_KILLED'
  | 'TASK_ERROR'
  | 'TASK_LOST'
  | 'TASK_UNREACHABLE'
  | 'TASK_GONE_BY_OPERATOR'

const TERMINAL: ReadonlySet<TaskState> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_GONE_BY_OPERATOR',
])

/** A task in such a state never runs again. */
export function isTerminal(state: TaskState): boolean {
  return TERMINAL.has(state)
}

/** One master process; `address` is filled in by the server that listens for it. */
export interface SimulatedMaster {
  /** Another one after each start. */
  id: string
  address: HostPort
  /** Name that redirects are built from. */
  hostname: string
  /** Seconds since the epoch. */
  startTime: number
  electedTime: number
}

/** A master that listens where Mesos does by default; `bindMaster` tells it better. */
export function newMaster(id: string, now: number): SimulatedMaster {
  const host = '127.0.0.1'
  return { id, address: { host, port: 5050 }, hostname: host, startTime: now, electedTime: now }
}

export interface SimulatedAgent {
  readonly id: string
  /** 0, 1, … in the order agents were added. */
  readonly index: number
  readonly hostname: string
  /** Where its libprocess listens. */
  readonly address: HostPort
  /**
   * `disconnected`: its process is being restarted, and the master still waits for it; `recovered`: the
   * master knows it from its registry but has not heard from it since a failover; `unreachable`: lost,
   * its tasks are unreachable.
   */
  status: 'registered' | 'disconnected' | 'recovered' | 'unreachable'
  readonly registeredTime: number
  reregisteredTime: number | undefined
  readonly tasks: Set<SimulatedTask>
  readonly usedPorts: Set<number>
  /** How many containers with addresses of their own it has started. */
  containers: number
}

/** What `addFramework` takes. */
export interface FrameworkSpec {
  readonly name: string
  /** Scheduler address of a libprocess framework; schedulers of the HTTP API have none. */
  readonly pid?: HostPort
  readonly hostname?: string
  readonly webuiUrl?: string
  readonly role?: string
  /** Without PARTITION_AWARE, tasks on a lost agent become TASK_LOST (default true). */
  readonly partitionAware?: boolean
}

export interface SimulatedFramework {
  readonly id: string
  readonly spec: FrameworkSpec
  readonly registeredTime: number
  reregisteredTime: number
  unregisteredTime: number | undefined
  /** Since a failover: `unknown` to the leader at first, then `recovered` through agents with its tasks. */
  status: 'connected' | 'disconnected' | 'recovered' | 'unknown'
  readonly tasks: Set<SimulatedTask>
  readonly unreachable: Set<SimulatedTask>
  /** Newest last, bounded as in a master. */
  readonly completed: SimulatedTask[]
}

/** What a scheduler asks for; the tasks of one app share one spec. */
export interface TaskSpec {
  readonly name: string
  /** How many host ports it gets (default 0). */
  readonly ports?: number
  readonly discovery?: DiscoverySpec
  readonly hasHealthCheck?: boolean
  /** `host` (default): the agent's address; the others: addresses of its own, one or two families. */
  readonly network?: 'host' | 'container' | 'dual-stack'
  /** Container ports mapped to the host ports, in order. */
  readonly containerPorts?: readonly number[]
  readonly labels?: readonly Label[]
}

/** DiscoveryInfo as a framework fills it in: everything is optional and nothing is checked. */
export interface DiscoverySpec {
  readonly name?: string
  readonly visibility?: 'FRAMEWORK' | 'CLUSTER' | 'EXTERNAL'
  /** `number` defaults to the host port of the same index. */
  readonly ports?: readonly {
    readonly number?: number
    readonly name?: string
    readonly protocol?: string
  }[]
}

export interface SimulatedTask {
  readonly id: string
  readonly spec: TaskSpec
  readonly framework: SimulatedFramework
  readonly agent: SimulatedAgent
  state: TaskState
  /** Host ports. */
  readonly ports: readonly number[]
  readonly containerId: string
  /** What its executor reports; undefined: a status without network_infos of any kind. */
  addresses: readonly string[] | undefined
  /** The last status of each run of equal states, as a master keeps them; replaced, never changed. */
  statuses: readonly SimulatedStatus[]
}

export interface SimulatedStatus {
  readonly state: TaskState
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly healthy: boolean | undefined
  readonly addresses: readonly string[] | undefined
  /** Why, as the v1 API tells it: `REASON_AGENT_REMOVED`, … */
  readonly reason: string | undefined
  /** Undefined where the executor made the status; the master has a message and knows no addresses. */
  readonly masterMessage: string | undefined
}

/** How another master comes to lead. */
export interface FailOverOptions {
  /** Default: the next one. */
  readonly to?: SimulatedMaster
  /** `slow`: it knows nobody at first (default `instant`). */
  readonly recovery?: 'instant' | 'slow'
}
