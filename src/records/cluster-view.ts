import { type AgentViews, viewAgents } from './agents.ts'
import type { Conventions } from './conventions.ts'
import { type FrameworkView, viewFrameworks } from './frameworks.ts'
import type { RecordsInput } from './input.ts'
import { type MastersView, viewMasters } from './masters.ts'

/**
 * A cluster with host names resolved and framework names mangled: with a task, all that the task's
 * records are made from.
 */
export interface ClusterView {
  readonly agents: AgentViews
  readonly frameworks: readonly FrameworkView[]
  readonly masters: MastersView
}

/** The view of an input; parts that are as in `previous` may be taken from there. */
export function viewCluster(
  input: RecordsInput,
  conventions: Conventions,
  previous?: ClusterView,
): ClusterView {
  return {
    agents: viewAgents(input, previous?.agents),
    frameworks: viewFrameworks(input, conventions),
    masters: viewMasters(input),
  }
}
