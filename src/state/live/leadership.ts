import type { FullState } from '../full-state.ts'
import type { Agent } from '../model.ts'
import type { FailoverHold } from './failover-hold.ts'
import type { PollWindow } from './poll-window.ts'

/** Tells from whole states whether another master leads than before. */
export class Leadership {
  /** Of the last state that told it. */
  #masterId: string | undefined
  /** Whether the last state named agents that had not come back. */
  #wasRecovering = false
  /** Whether another master is said to lead than the one of the last state. */
  isChangeExpected = false

  /**
   * Whether a state that follows on others comes from a new leader for which nothing is held yet. A
   * v1 state does not say whose it is; others may, and every leader starts with its agents yet to
   * come back.
   */
  hasChanged(
    { masterId, recoveredAgents, state }: FullState,
    known: ReadonlyMap<string, Agent>,
    hold: FailoverHold | undefined,
    window: PollWindow,
  ): boolean {
    if (this.isAnother(masterId)) return true
    if (masterId === undefined && this.isChangeExpected) return true
    if (recoveredAgents.size === 0) return false
    if (hold === undefined && !this.#wasRecovering) return true
    return [...recoveredAgents].some(
      (id) =>
        known.has(id) && !state.agents.has(id) && !hold?.agents.has(id) && !window.agents.has(id),
    )
  }

  /** Whether a master is known not to be the one that the last state was from. */
  isAnother(masterId: string | undefined): boolean {
    return masterId !== undefined && this.#masterId !== undefined && masterId !== this.#masterId
  }

  /** Whether a master is known to be the one that the last state was from. */
  isSame(masterId: string | undefined): boolean {
    return masterId !== undefined && masterId === this.#masterId
  }

  /** To be called with each state that was adopted. */
  note({ masterId, recoveredAgents }: FullState): void {
    this.#masterId = masterId ?? this.#masterId
    this.#wasRecovering = recoveredAgents.size > 0
    this.isChangeExpected = false
  }
}
