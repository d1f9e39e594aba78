import type { HostPort } from '../../net/address.ts'
import type { FrameworkInfo } from '../decode-framework.ts'
import type { Agent, ClusterState, Framework, Task } from '../model.ts'
import { sameValue } from '../stream/same-value.ts'
import { LiveFramework } from './live-framework.ts'
import type { Sizes } from './shrink-guard.ts'
import { isRunning } from './task-life.ts'

/** A task and whose it is. */
export interface OwnedTask {
  readonly frameworkId: string
  readonly task: Task
}

/**
 * A cluster that changes object by object. What says the same as before stays the same object; the
 * states it was seen in never change.
 */
export class LiveCluster {
  readonly #agents: Map<string, Agent>
  #frameworks = new Map<string, LiveFramework>()
  readonly #tasksOnAgent = new Map<string, number>()
  #running = 0
  #leader: HostPort | undefined
  #changes = 0
  #visibleChanges = 0
  /** Parts of the last state that still hold. */
  #agentsSeen: ReadonlyMap<string, Agent> | undefined
  #frameworksSeen: readonly Framework[] | undefined
  #state: ClusterState | undefined

  /**
   * Costs a look at every task. Of two objects with one id the last one stays, as soon as something
   * changes.
   */
  constructor(state: ClusterState) {
    this.#leader = state.leader
    this.#agents = new Map(state.agents)
    for (const framework of state.frameworks) {
      if (this.#frameworks.has(framework.id)) this.removeFramework(framework.id)
      const live = LiveFramework.of(framework)
      this.#frameworks.set(framework.id, live)
      for (const task of live.tasks()) this.#count(task, 1)
    }
    this.#agentsSeen = state.agents
    const isWhole = state.frameworks.every(
      (framework) => this.#frameworks.get(framework.id)?.framework === framework,
    )
    if (isWhole) this.#frameworksSeen = state.frameworks
    this.#state = state
  }

  /** The same object until something changes. */
  get state(): ClusterState {
    this.#agentsSeen ??= new Map(this.#agents)
    this.#frameworksSeen ??= Array.from(this.#frameworks.values(), ({ framework }) => framework)
    this.#state ??= {
      leader: this.#leader,
      agents: this.#agentsSeen,
      frameworks: this.#frameworksSeen,
    }
    return this.#state
  }

  /** Grows with every change. */
  get changes(): number {
    return this.#changes
  }

  /** Grows with every change but those of tasks that do not run: they have no records. */
  get visibleChanges(): number {
    return this.#visibleChanges
  }

  get sizes(): Sizes {
    return { agents: this.#agents.size, runningTasks: this.#running }
  }

  get agents(): ReadonlyMap<string, Agent> {
    return this.#agents
  }

  get frameworks(): ReadonlyMap<string, LiveFramework> {
    return this.#frameworks
  }

  get leader(): HostPort | undefined {
    return this.#leader
  }

  setLeader(leader: HostPort | undefined): void {
    if (sameValue(this.#leader, leader)) return
    this.#leader = leader
    this.#changed()
  }

  /** Adds or replaces an agent; returns false if that changes nothing, as everything below does. */
  putAgent(agent: Agent): boolean {
    if (sameValue(this.#agents.get(agent.id), agent)) return false
    this.#agents.set(agent.id, agent)
    this.#agentsSeen = undefined
    return this.#changed()
  }

  removeAgent(id: string): boolean {
    if (!this.#agents.delete(id)) return false
    this.#agentsSeen = undefined
    return this.#changed()
  }

  putFramework(info: FrameworkInfo): boolean {
    const live = this.#frameworks.get(info.id)
    if (live === undefined) this.#frameworks.set(info.id, new LiveFramework(info))
    else if (!live.setInfo(info)) return false
    this.#frameworksSeen = undefined
    return this.#changed()
  }

  /** Takes a framework out with its tasks. */
  removeFramework(id: string): boolean {
    const live = this.#frameworks.get(id)
    if (live === undefined) return false
    for (const task of live.tasks()) this.#count(task, -1)
    this.#frameworks.delete(id)
    this.#frameworksSeen = undefined
    return this.#changed()
  }

  /** Puts the frameworks of these ids first, in their order; the others keep theirs. */
  orderFrameworks(ids: Iterable<string>): void {
    const ordered = new Map<string, LiveFramework>()
    for (const id of ids) {
      const live = this.#frameworks.get(id)
      if (live !== undefined) ordered.set(id, live)
    }
    for (const [id, live] of this.#frameworks) if (!ordered.has(id)) ordered.set(id, live)
    const before = [...this.#frameworks.keys()]
    if ([...ordered.keys()].every((id, i) => id === before[i])) return
    this.#frameworks = ordered
    this.#frameworksSeen = undefined
    this.#changed()
  }

  task(frameworkId: string, taskId: string): Task | undefined {
    return this.#frameworks.get(frameworkId)?.task(taskId)
  }

  /** Adds or replaces a task of a framework that is there. */
  putTask(frameworkId: string, task: Task): boolean {
    const live = this.#frameworks.get(frameworkId)
    const before = live?.task(task.id)
    if (live === undefined || sameValue(before, task)) return false
    if (before !== undefined) this.#count(before, -1)
    this.#count(task, 1)
    live.set(task)
    this.#frameworksSeen = undefined
    return this.#changed(isRunning(task) || isRunning(before))
  }

  removeTask(frameworkId: string, taskId: string): boolean {
    const live = this.#frameworks.get(frameworkId)
    const before = live?.task(taskId)
    if (live === undefined || before === undefined) return false
    this.#count(before, -1)
    live.delete(taskId)
    this.#frameworksSeen = undefined
    return this.#changed(isRunning(before))
  }

  /** Whether any task, in whatever state, is on an agent. */
  hasTasksOn(agentId: string): boolean {
    return this.#tasksOnAgent.has(agentId)
  }

  /** Costs a look at every task, if there are any on the agent. */
  tasksOn(agentId: string): readonly OwnedTask[] {
    const tasks: OwnedTask[] = []
    if (!this.hasTasksOn(agentId)) return tasks
    for (const [frameworkId, live] of this.#frameworks) {
      for (const task of live.tasks())
        if (task.agentId === agentId) tasks.push({ frameworkId, task })
    }
    return tasks
  }

  #count(task: Task, by: 1 | -1): void {
    const { agentId } = task
    const onAgent = (this.#tasksOnAgent.get(agentId) ?? 0) + by
    if (onAgent === 0) this.#tasksOnAgent.delete(agentId)
    else this.#tasksOnAgent.set(agentId, onAgent)
    if (isRunning(task)) this.#running += by
  }

  #changed(isVisible = true): true {
    this.#changes++
    if (isVisible) this.#visibleChanges++
    this.#state = undefined
    return true
  }
}
