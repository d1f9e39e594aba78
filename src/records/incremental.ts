import { isDeepStrictEqual } from 'node:util'
import type { Problem } from '../report.ts'
import type { Task } from '../state/model.ts'
import { type AgentViews, contributeAgent, isSameAgent, isSameForTasks } from './agents.ts'
import { type ClusterView, viewCluster } from './cluster-view.ts'
import type { ContributionSink } from './contribution.ts'
import { Contributor } from './contributor.ts'
import { type Conventions, conventionsOf } from './conventions.ts'
import { contributeFramework, type FrameworkView, isSameScheduler } from './frameworks.ts'
import type { RecordsConfig, RecordsInput } from './input.ts'
import { type ListDifference, listDifference } from './list-difference.ts'
import { contributeMasters, contributeNameServer, type MastersView } from './masters.ts'
import { ProblemTally } from './problem-tally.ts'
import { contributeStaticRecords } from './static.ts'
import { FrameworkTasks } from './tasks.ts'

const NO_CLUSTER: ClusterView = {
  agents: new Map(),
  frameworks: [],
  masters: { leader: undefined, masters: [], nameServer: [] },
}

/**
 * Follows a cluster with its records: of each new input only what differs from the one before is
 * contributed, and what is no longer there is taken back. What is to be taken back is made once more
 * from the earlier input, so that nothing is kept of a task but the task itself.
 *
 * A task is the same if it is the same object (===): an input must never be changed, and the decoder
 * gives unchanged tasks as the objects they were.
 */
export class IncrementalRecords {
  readonly #conventions: Conventions
  readonly #adding: Contributor
  readonly #takingBack: Contributor
  readonly #problems = new ProblemTally()
  /** What the contributions committed so far come to. */
  #base: ClusterView | undefined
  /** The same, with what is not committed yet. */
  #current: ClusterView | undefined

  constructor(config: RecordsConfig, sink: ContributionSink) {
    this.#conventions = conventionsOf(config)
    this.#adding = new Contributor(1, this.#conventions, sink, this.#problems)
    this.#takingBack = new Contributor(-1, this.#conventions, sink, this.#problems)
  }

  /**
   * Contributes how an input differs from the one before; its `config` and `report` are not looked at.
   * If it throws, the sink and this must both discard.
   */
  update(input: RecordsInput): void {
    const next = viewCluster(input, this.#conventions, this.#current)
    if (this.#current === undefined) contributeStaticRecords(this.#adding)
    const before = this.#current ?? NO_CLUSTER
    this.#updateMasters(before.masters, next.masters)
    this.#updateAgents(before.agents, next.agents)
    this.#updateFrameworks(before, next)
    this.#current = next
  }

  /** The inputs so far are what later ones are compared with; to be called when the sink has committed. */
  commit(): void {
    this.#base = this.#current
    this.#problems.commit()
  }

  /** Forgets the inputs since the last commit; to be called when the sink discards. */
  discard(): void {
    this.#current = this.#base
    this.#problems.discard()
  }

  /**
   * What of the last input committed could not become records as it stands, each once for its kind and
   * object; the same array as long as nothing of it changes. Conflicts are known to the sink only.
   */
  get problems(): readonly Problem[] {
    return this.#problems.problems
  }

  #updateMasters(before: MastersView, next: MastersView): void {
    if (isDeepStrictEqual(before, next)) return
    for (const [view, to] of [
      [before, this.#takingBack],
      [next, this.#adding],
    ] as const) {
      contributeNameServer(view, to)
      contributeMasters(view, to)
    }
  }

  #updateAgents(before: AgentViews, next: AgentViews): void {
    for (const [id, agent] of before) {
      const now = next.get(id)
      if (now === undefined || !isSameAgent(agent, now)) contributeAgent(agent, this.#takingBack)
    }
    for (const [id, agent] of next) {
      const then = before.get(id)
      if (then === undefined || !isSameAgent(then, agent)) contributeAgent(agent, this.#adding)
    }
  }

  #updateFrameworks(before: ClusterView, next: ClusterView): void {
    const otherAgents = agentsThatDiffer(before.agents, next.agents)
    for (const [then, now] of pairs(before.frameworks, next.frameworks)) {
      if (!then || !now || !isSameScheduler(then, now)) {
        if (then) contributeFramework(then, this.#takingBack)
        if (now) contributeFramework(now, this.#adding)
      }
      const { gone, came } = tasksThatDiffer(then, now, otherAgents)
      if (then && gone.length > 0) {
        const tasks = new FrameworkTasks(then, before.agents, this.#takingBack)
        for (const task of gone) tasks.contribute(task)
      }
      if (now && came.length > 0) {
        const tasks = new FrameworkTasks(now, next.agents, this.#adding)
        for (const task of came) tasks.contribute(task)
      }
    }
  }
}

/** Ids of agents whose tasks have other records than before. */
function agentsThatDiffer(before: AgentViews, next: AgentViews): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const [id, agent] of before) {
    const now = next.get(id)
    if (now === undefined || !isSameForTasks(agent, now)) ids.add(id)
  }
  for (const id of next.keys()) if (!before.has(id)) ids.add(id)
  return ids
}

/** Tasks whose records are to be taken back, and those whose records are to be contributed. */
function tasksThatDiffer(
  then: FrameworkView | undefined,
  now: FrameworkView | undefined,
  otherAgents: ReadonlySet<string>,
): ListDifference<Task> {
  const before = then?.framework.tasks ?? []
  const after = now?.framework.tasks ?? []
  if (then?.name !== now?.name || then?.isShadowed !== now?.isShadowed) {
    return { gone: before, came: after }
  }
  if (otherAgents.size === 0) return listDifference(before, after)
  const differs = ({ agentId }: Task) => otherAgents.has(agentId)
  const stays = (task: Task) => !differs(task)
  const { gone, came } = listDifference(before.filter(stays), after.filter(stays))
  return {
    gone: [...before.filter(differs), ...gone],
    came: [...after.filter(differs), ...came],
  }
}

/** Frameworks of one id before and after; where several share one, in their order. */
function* pairs(
  before: readonly FrameworkView[],
  after: readonly FrameworkView[],
): Generator<[FrameworkView | undefined, FrameworkView | undefined]> {
  const waiting = new Map<string, FrameworkView[]>()
  for (const view of before) {
    const { id } = view.framework
    const others = waiting.get(id)
    if (others === undefined) waiting.set(id, [view])
    else others.push(view)
  }
  for (const view of after) yield [waiting.get(view.framework.id)?.shift(), view]
  for (const views of waiting.values()) for (const view of views) yield [view, undefined]
}
