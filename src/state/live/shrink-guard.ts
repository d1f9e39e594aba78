import type { ClusterState } from '../model.ts'
import type { LiveSettings } from './live-settings.ts'
import { isRunning } from './task-life.ts'

/** What a sudden loss shows in. */
export interface Sizes {
  readonly agents: number
  readonly runningTasks: number
}

/** What becomes of what a whole state does not list. */
export type Verdict = 'believed' | 'doubted'

/**
 * Doubts a whole state that lacks much of what was known: a master that has lost its memory, or
 * that lets our principal see nothing, answers 200 with empty lists. If the next states say the
 * same, it is so.
 */
export class ShrinkGuard {
  #inARow = 0
  #doubts = 0
  #confirmedLosses = 0

  get isDoubting(): boolean {
    return this.#inARow > 0
  }

  /** States doubted so far. */
  get doubts(): number {
    return this.#doubts
  }

  get confirmedLosses(): number {
    return this.#confirmedLosses
  }

  /** Judges a state by what was known and what it leaves of that, new ones included. */
  judge(known: Sizes, left: Sizes, settings: LiveSettings): Verdict {
    if (!isShort(known, left, settings)) {
      this.#inARow = 0
      return 'believed'
    }
    if (this.#inARow >= settings.shrinkConfirmations) {
      this.#inARow = 0
      this.#confirmedLosses++
      return 'believed'
    }
    this.#inARow++
    this.#doubts++
    return 'doubted'
  }
}

/** Whether so many agents or running tasks are gone at once that it needs to be confirmed. */
export function isShort(
  known: Sizes,
  left: Sizes,
  { shrinkThreshold }: Pick<LiveSettings, 'shrinkThreshold'>,
): boolean {
  // In whole numbers: 10 × (1 − 70 %) is more than 3 in floating point.
  const isBelow = (now: number, before: number) => now * 100 < before * (100 - shrinkThreshold)
  return isBelow(left.agents, known.agents) || isBelow(left.runningTasks, known.runningTasks)
}

/** How many agents and running tasks fewer there are. */
export function shortfall(known: Sizes, left: Sizes): number {
  return (
    Math.max(0, known.agents - left.agents) + Math.max(0, known.runningTasks - left.runningTasks)
  )
}

/** Costs a look at every task. */
export function sizesOf(state: ClusterState): Sizes {
  let runningTasks = 0
  for (const { tasks } of state.frameworks) {
    for (const task of tasks) if (isRunning(task)) runningTasks++
  }
  return { agents: state.agents.size, runningTasks }
}
