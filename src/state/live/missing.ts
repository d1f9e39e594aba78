import type { LiveCluster, OwnedTask } from './live-cluster.ts'
import type { Sizes } from './shrink-guard.ts'
import { isRunning } from './task-life.ts'

/** What is known, but not listed by a whole state. The tasks include those of the frameworks. */
export interface Missing {
  readonly agents: readonly string[]
  readonly frameworks: readonly string[]
  readonly tasks: readonly OwnedTask[]
}

/** Takes it out of a cluster. */
export function removeMissing({ agents, frameworks, tasks }: Missing, cluster: LiveCluster): void {
  for (const id of agents) cluster.removeAgent(id)
  for (const { frameworkId, task } of tasks) cluster.removeTask(frameworkId, task.id)
  for (const id of frameworks) cluster.removeFramework(id)
}

export const NOTHING_MISSING: Missing = { agents: [], frameworks: [], tasks: [] }

/** What is left of a cluster of this size without it. */
export function sizesWithout({ agents, tasks }: Missing, sizes: Sizes): Sizes {
  return {
    agents: sizes.agents - agents.length,
    runningTasks: sizes.runningTasks - countRunning(tasks),
  }
}

/** Agents, frameworks and running tasks. */
export function count({ agents, frameworks, tasks }: Missing): number {
  return agents.length + frameworks.length + countRunning(tasks)
}

function countRunning(tasks: readonly OwnedTask[]): number {
  return tasks.filter(({ task }) => isRunning(task)).length
}

/** What is missing, in two parts: that of which something is so, and the rest. */
export function partition(
  missing: Missing,
  is: {
    readonly agent: (id: string) => boolean
    readonly framework: (id: string) => boolean
    readonly task: (owned: OwnedTask) => boolean
  },
): readonly [Missing, Missing] {
  const [agents, otherAgents] = split(missing.agents, is.agent)
  const [frameworks, otherFrameworks] = split(missing.frameworks, is.framework)
  const [tasks, otherTasks] = split(missing.tasks, is.task)
  return [
    { agents, frameworks, tasks },
    { agents: otherAgents, frameworks: otherFrameworks, tasks: otherTasks },
  ]
}

function split<T>(items: readonly T[], is: (item: T) => boolean): readonly [T[], T[]] {
  const yes: T[] = []
  const no: T[] = []
  for (const item of items) (is(item) ? yes : no).push(item)
  return [yes, no]
}
