import type { FullState } from '../full-state.ts'
import type { Agent } from '../model.ts'
import { FailoverHold } from './failover-hold.ts'
import { Leadership } from './leadership.ts'
import type { LiveCluster } from './live-cluster.ts'
import type { LiveSettings } from './live-settings.ts'
import { removeMissing, sizesWithout } from './missing.ts'
import type { PollWindow } from './poll-window.ts'
import { isShort } from './shrink-guard.ts'

/** When something begins to be held for a new leader, and when it ends. */
export class Failover {
  readonly #leadership = new Leadership()
  #hold: FailoverHold | undefined
  #count = 0
  #lastCounted: FailoverHold | undefined

  get hold(): FailoverHold | undefined {
    return this.#hold
  }

  /** Changes of the leader that made something be held. */
  get count(): number {
    return this.#count
  }

  /** The next state, if it does not tell whose it is, is taken for one of another master. */
  expectAnotherLeader(): void {
    this.#leadership.isChangeExpected = true
  }

  /** Whether a state is of another master than the one before. */
  isOfAnother({ masterId }: FullState): boolean {
    return this.#leadership.isAnother(masterId)
  }

  /** Whether a hold begins with a state. */
  begins(
    full: FullState,
    known: ReadonlyMap<string, Agent>,
    window: PollWindow,
    settings: LiveSettings,
  ): boolean {
    return (
      settings.failoverHoldSeconds > 0 &&
      this.#leadership.hasChanged(full, known, this.#hold, window)
    )
  }

  /** The hold under which a state falls that is to be adopted, if any; it may begin with it. */
  enter(
    full: FullState,
    { agents }: LiveCluster,
    { window, now, settings }: { window: PollWindow; now: number; settings: LiveSettings },
  ): FailoverHold | undefined {
    if (this.#hold?.masterId === undefined && this.#leadership.isSame(full.masterId)) {
      // It is the master that led before, and v1 states were wrongly taken for another's.
      if (full.recoveredAgents.size === 0) this.#hold = undefined
    }
    if (this.begins(full, agents, window, settings)) this.#begin(full, now)
    if (this.#hold === undefined) return undefined
    this.#hold.masterId ??= full.masterId
    this.#hold.confirmAgents(full.state.agents.keys(), now)
    this.#hold.settle(now, settings)
    return this.#hold
  }

  /**
   * A hold that v1 began, which names no master, begins anew with the first state that does, but
   * counts once.
   */
  #begin({ masterId }: FullState, now: number): void {
    const before = this.#hold
    const isCounted = before !== undefined && before === this.#lastCounted
    this.#hold = new FailoverHold(now, masterId)
    if (isCounted && before.masterId === undefined) this.#lastCounted = this.#hold
  }

  /** A state was adopted. One that is doubted does not count as the new leader's word. */
  note(full: FullState, doubted: boolean): void {
    this.#leadership.note(full)
    const hold = this.#hold
    if (hold === undefined) return
    if (!hold.isEmpty && hold !== this.#lastCounted) {
      this.#count++
      this.#lastCounted = hold
    }
    if (!doubted) hold.believe()
    if (hold.isOver) this.#hold = undefined
  }

  /**
   * Ends the hold if its time is over, and returns it then. What it held is still in the cluster,
   * except for pids.
   */
  endIfDue(cluster: LiveCluster, now: number, settings: LiveSettings): FailoverHold | undefined {
    const hold = this.#hold
    if (hold === undefined || now < hold.endsAt(settings)) return undefined
    this.#hold = undefined
    hold.releasePids(cluster)
    return hold
  }

  /** Takes out of a cluster what was held for too long. */
  sweep(cluster: LiveCluster, now: number, settings: LiveSettings): void {
    const ended = this.endIfDue(cluster, now, settings)
    if (ended !== undefined) removeMissing(ended.held(cluster), cluster)
  }

  /**
   * Takes out tasks that their agent has not brought with it. If they are suspiciously many, they
   * wait for a whole state to confirm it, and for the shrink guard to believe that.
   */
  settle(cluster: LiveCluster, now: number, settings: LiveSettings): void {
    const settled = this.#hold?.settle(now, settings)
    if (this.#hold === undefined || settled === undefined || settled.size === 0) return
    const held = this.#hold.held(cluster)
    const tasks = held.tasks.filter(({ task }) => settled.has(task.agentId))
    const overdue = { agents: [], frameworks: [], tasks }
    if (isShort(cluster.sizes, sizesWithout(overdue, cluster.sizes), settings)) return
    removeMissing(overdue, cluster)
    for (const { frameworkId, task } of tasks) this.#hold.tasks.delete(frameworkId, task.id)
    if (this.#hold.isOver) this.#hold = undefined
  }
}
