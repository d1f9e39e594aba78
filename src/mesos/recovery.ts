import type { FullState } from '../state/full-state.ts'
import type { ClusterState } from '../state/model.ts'

export interface RecoveryOptions {
  /** Whether records are served that were made of a state that is not known here. */
  readonly hasPredecessor: boolean
  /** How long what a new leader has not heard of yet is held. */
  readonly holdMs: number
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number
}

/** Whether the leader does not know all of its cluster yet, as after its election. */
export class Recovery {
  readonly #options: RecoveryOptions
  readonly #beganAt: number
  #isRunning = false

  constructor(options: RecoveryOptions) {
    this.#options = options
    this.#beganAt = options.now()
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /**
   * Whether less can be told than a predecessor of this thread knew: the leader does not know its cluster, or only its
   * event stream has been heard, which names no leader and no scheduler's pid. As long as a store would hold that, it
   * is what is served.
   */
  isBehindPredecessor(known: ClusterState | undefined): boolean {
    const { hasPredecessor, holdMs, now } = this.#options
    const isComplete = !this.#isRunning && known?.leader !== undefined
    return hasPredecessor && !isComplete && now() < this.#beganAt + holdMs
  }

  /** Takes in a state of the leader, and what is known with it. */
  learned({ state, recoveredAgents }: FullState, known: ClusterState | undefined): void {
    const isKnown = this.#options.hasPredecessor || (known !== undefined && !isEmpty(known))
    // A leader that does not know its registry yet lists nothing at all.
    this.#isRunning = recoveredAgents.size > 0 || (isKnown && isEmpty(state))
  }
}

function isEmpty({ agents, frameworks }: ClusterState): boolean {
  return agents.size === 0 && frameworks.length === 0
}
