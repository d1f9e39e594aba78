import type {
  SimulatedAgent,
  SimulatedFramework,
  SimulatedMaster,
  SimulatedTask,
  TaskState,
} from './model.ts'

/**
 * What happened to a cluster, told to its listeners at once and in order. Most of it shows on the event stream
 * (`v1-events.ts`), some only in the next state.
 */
export type ClusterChange =
  /** It has gone through all the states of its statuses. */
  | { readonly kind: 'task-launched'; readonly task: SimulatedTask }
  | { readonly kind: 'task-updated'; readonly task: SimulatedTask; readonly previous: TaskState }
  /** Its agent is back and reports it. */
  | { readonly kind: 'task-returned'; readonly task: SimulatedTask }
  /** `announced`: by a health check, which the event stream tells of. */
  | {
      readonly kind: 'task-health'
      readonly task: SimulatedTask
      readonly healthy: boolean
      readonly announced: boolean
    }
  | { readonly kind: 'task-addresses'; readonly task: SimulatedTask }
  | { readonly kind: 'agent-registered'; readonly agent: SimulatedAgent }
  /** Its process ends and starts again, which no event tells. */
  | { readonly kind: 'agent-crashed'; readonly agent: SimulatedAgent }
  | { readonly kind: 'agent-restarted'; readonly agent: SimulatedAgent }
  | { readonly kind: 'agent-unreachable'; readonly agent: SimulatedAgent }
  /** `unregistered`: by itself, the only way that the event stream tells of. */
  | {
      readonly kind: 'agent-removed'
      readonly agent: SimulatedAgent
      readonly unregistered: boolean
    }
  /** `known`: the leader knew it before. */
  | {
      readonly kind: 'framework-subscribed'
      readonly framework: SimulatedFramework
      readonly known: boolean
    }
  /** The leader has heard of it from an agent with tasks of it. */
  | { readonly kind: 'framework-recovered'; readonly framework: SimulatedFramework }
  | { readonly kind: 'framework-disconnected'; readonly framework: SimulatedFramework }
  | { readonly kind: 'framework-removed'; readonly framework: SimulatedFramework }
  | { readonly kind: 'leader-elected'; readonly leader: SimulatedMaster | undefined }
  | { readonly kind: 'registry-recovered' }
  /** It listens somewhere, or has started again. */
  | { readonly kind: 'master-started'; readonly master: SimulatedMaster }

/** When a change happened. */
export interface ChangeMoment {
  /** The cluster's `revision` after the change: a sequence number. */
  readonly revision: number
  /** Milliseconds since the epoch, by the cluster's clock. */
  readonly time: number
}

/** Called after the change, before anything else can happen. */
export type ChangeListener = (change: ClusterChange, moment: ChangeMoment) => void
