import type { SimulatedAgent } from './model.ts'

/** Lets the registered agents take turns, as a scheduler sees their offers. */
export class Offers {
  readonly #agents: ReadonlySet<SimulatedAgent>
  #registered: readonly SimulatedAgent[] | undefined
  #next = 0

  constructor(agents: ReadonlySet<SimulatedAgent>) {
    this.#agents = agents
  }

  /** Agents came, went or changed their status. */
  invalidate(): void {
    this.#registered = undefined
  }

  /** The next agent, other than `not` where there is another. Throws a RangeError if there is none. */
  take(not?: SimulatedAgent): SimulatedAgent {
    this.#registered ??= [...this.#agents].filter((agent) => agent.status === 'registered')
    const agent = this.#turn(this.#registered)
    const taken = agent === not ? this.#turn(this.#registered) : agent
    if (taken === undefined) throw new RangeError('no agent is registered')
    return taken
  }

  #turn(agents: readonly SimulatedAgent[]): SimulatedAgent | undefined {
    return agents[this.#next++ % agents.length]
  }
}
