import type { FullState } from '../full-state.ts'
import type { LiveCluster, OwnedTask } from './live-cluster.ts'
import type { LiveSettings } from './live-settings.ts'
import { type Missing, partition } from './missing.ts'
import { TaskIds } from './task-ids.ts'

/**
 * What is kept of a cluster after its leading master has changed. The new one knows agents from the
 * registry only, and tasks and frameworks not at all, until the agents have registered again; so
 * what it does not list is not gone. An agent that comes back has some seconds in which its tasks
 * are to be listed. What the new leader has told once is its own to lose.
 */
export class FailoverHold {
  /** Times are milliseconds of a clock that never jumps. */
  readonly #beganAt: number
  /** The new leader's; undefined until a state tells it. */
  masterId: string | undefined
  /** What is kept although the new leader has not told it. */
  readonly agents = new Set<string>()
  readonly frameworks = new Set<string>()
  readonly tasks = new TaskIds()
  /**
   * Frameworks that are told, but without the pid that the leader learns when their scheduler is
   * back.
   */
  readonly #pids = new Set<string>()
  /** Agents that came back and may still bring tasks, and when they came; the earliest first. */
  readonly #settling = new Map<string, number>()
  /** Until a state of the new leader is believed, everything may be held. */
  #isFresh = true

  constructor(beganAt: number, masterId: string | undefined) {
    this.#beganAt = beganAt
    this.masterId = masterId
  }

  get isEmpty(): boolean {
    return this.agents.size + this.frameworks.size + this.tasks.size + this.#pids.size === 0
  }

  /** Whether there is nothing left to hold. */
  get isOver(): boolean {
    return this.isEmpty && !this.#isFresh
  }

  /** When everything is given up. */
  endsAt({ failoverHoldSeconds }: LiveSettings): number {
    return this.#beganAt + failoverHoldSeconds * 1000
  }

  /** Agents that the new leader tells of. */
  confirmAgents(ids: Iterable<string>, now: number): void {
    for (const id of ids) {
      const wasHeld = this.agents.delete(id)
      if (wasHeld || (this.#isFresh && !this.#settling.has(id))) this.#settling.set(id, now)
    }
  }

  /**
   * A task that the new leader tells of. Its agent is still telling what it brings: the thread may
   * come to that late.
   */
  confirmTask(
    frameworkId: string,
    task: { id: string; agentId: string | undefined },
    now: number,
  ): void {
    const { id, agentId } = task
    if (!this.tasks.delete(frameworkId, id) || agentId === undefined) return
    if (this.#settling.delete(agentId)) this.#settling.set(agentId, now)
  }

  /** A framework that the new leader tells of; its pid, if it is known, is still held. */
  confirmFramework(id: string, hasPid: boolean): void {
    if (this.frameworks.delete(id) && hasPid) this.#pids.add(id)
  }

  forgetAgent(id: string): void {
    this.agents.delete(id)
    this.#settling.delete(id)
  }

  forgetFramework(id: string): void {
    this.frameworks.delete(id)
    this.#pids.delete(id)
    this.tasks.deleteFramework(id)
  }

  /** Whether a framework that a state lists without a pid keeps the one that is known. */
  keepsPid(frameworkId: string): boolean {
    return this.#isFresh || this.frameworks.has(frameworkId) || this.#pids.has(frameworkId)
  }

  /** Holds the pids of these frameworks and of no others that are listed. */
  holdPids(frameworkIds: Iterable<string>): void {
    this.#pids.clear()
    for (const id of frameworkIds) this.#pids.add(id)
  }

  /**
   * Holds what may be held of what a state does not list; returns the rest of what is missing. What events have
   * touched meanwhile is not missing, but held all the same.
   */
  keep(missing: Missing, touched: Missing, { state, recoveredAgents }: FullState): Missing {
    const registryIsKnown = state.agents.size + recoveredAgents.size + state.frameworks.length > 0
    const isAwaited = (agentId: string) => !registryIsKnown || recoveredAgents.has(agentId)
    const mayBring = (agentId: string) => isAwaited(agentId) || this.#settling.has(agentId)
    const { agent, framework, task } = this.holds
    const mayBeHeld = {
      agent: (id: string) => (this.#isFresh || agent(id)) && isAwaited(id),
      framework: (id: string) => this.#isFresh || framework(id),
      task: (owned: OwnedTask) => (this.#isFresh || task(owned)) && mayBring(owned.task.agentId),
    }
    const [kept, lost] = partition(missing, mayBeHeld)
    const [keptToo] = partition(touched, mayBeHeld)
    this.#holdOnly(kept, keptToo)
    return lost
  }

  /**
   * A state of the new leader is believed: what it has told is no longer held, should it be
   * missing.
   */
  believe(): void {
    this.#isFresh = false
  }

  /** Agents whose time is over; each is told once. */
  settle(now: number, { failoverSettleSeconds }: LiveSettings): ReadonlySet<string> {
    const due = new Set<string>()
    for (const [id, since] of this.#settling) {
      if (now < since + failoverSettleSeconds * 1000) break
      this.#settling.delete(id)
      due.add(id)
    }
    return due
  }

  /** What is held, to be asked of what is missing. A framework is held with its tasks. */
  get holds() {
    return {
      agent: (id: string) => this.agents.has(id),
      framework: (id: string) => this.frameworks.has(id),
      task: ({ frameworkId, task }: OwnedTask) =>
        this.frameworks.has(frameworkId) || this.tasks.has(frameworkId, task.id),
    }
  }

  /** All that is held of a cluster. */
  held(cluster: LiveCluster): Missing {
    const tasks: OwnedTask[] = []
    for (const [frameworkId, id] of this.tasks) {
      const task = cluster.task(frameworkId, id)
      if (task !== undefined) tasks.push({ frameworkId, task })
    }
    return { agents: [...this.agents], frameworks: [...this.frameworks], tasks }
  }

  /** Takes the held pids from a cluster. */
  releasePids(cluster: LiveCluster): void {
    for (const id of this.#pids) {
      const info = cluster.frameworks.get(id)?.info
      if (info !== undefined) cluster.putFramework({ ...info, pid: undefined })
    }
    this.#pids.clear()
  }

  #holdOnly(...held: readonly Missing[]): void {
    this.agents.clear()
    this.frameworks.clear()
    this.tasks.clear()
    for (const { agents, frameworks, tasks } of held) {
      for (const id of agents) this.agents.add(id)
      for (const id of frameworks) this.frameworks.add(id)
      for (const { frameworkId, task } of tasks) this.tasks.add(frameworkId, task.id)
    }
  }
}
