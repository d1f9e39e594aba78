import type { Problem } from '../report.ts'
import type { FrameworkInfo } from './decode-framework.ts'
import type { Agent, Task, TaskStatus } from './model.ts'

/**
 * A change of the cluster as the event stream of the v1 API tells it
 * (docs: mesos.apache.org/documentation/latest/operator-http-api, `SUBSCRIBE`), decoded into the narrow model.
 */
export type ClusterEvent = (
  | { readonly kind: 'task-added'; readonly frameworkId: string; readonly task: Task }
  | TaskUpdated
  | { readonly kind: 'agent-added'; readonly agent: Agent }
  | { readonly kind: 'agent-removed'; readonly agentId: string }
  /** FRAMEWORK_ADDED and FRAMEWORK_UPDATED; the v1 API tells no scheduler's pid. */
  | { readonly kind: 'framework'; readonly framework: FrameworkInfo }
  | { readonly kind: 'framework-removed'; readonly frameworkId: string }
) & {
  /** What was odd in it. */
  readonly problems: readonly Problem[]
}

export interface TaskUpdated {
  readonly kind: 'task-updated'
  readonly frameworkId: string
  readonly taskId: string
  /** The task's state now; it can differ from that of the status, and counts. */
  readonly state: string
  /** Undefined if it is odd. */
  readonly status: TaskStatus | undefined
  /** Present if the status says that container ports are mapped: some executors say it there alone. */
  readonly mapsPorts?: true
  /** Present if the master itself says that the agent is gone: its tasks' word is all that is told of that. */
  readonly removedAgentId: string | undefined
}
