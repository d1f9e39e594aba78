import type { Random } from '../../src/demo/random.ts'
import type { History } from './history.ts'
import type { Question } from './judge.ts'

const TYPES = ['A', 'A', 'A', 'AAAA', 'SRV', 'SRV', 'TXT', 'SOA', 'PTR'] as const
/** Names that were, and are asked for all the same. */
const FORMER = 400

/** What clients ask for: what there is, what there was, and what there never was. */
export class Questions {
  readonly #apex: string
  readonly #history: History
  readonly #random: Random
  /** As they were when this round began. */
  #names: readonly string[]
  #former: readonly string[] = []

  constructor(apex: string, history: History, random: Random) {
    this.#apex = apex
    this.#history = history
    this.#random = random
    this.#names = history.names
  }

  /** Names that were there in an earlier round. */
  get former(): readonly string[] {
    return this.#former
  }

  /** A round is over, and the history has forgotten what ended in it. */
  settled(): void {
    const left = new Set(this.#history.names)
    const gone = this.#names.filter((name) => !left.has(name))
    this.#former = [...this.#former.filter((name) => !left.has(name)), ...gone].slice(-FORMER)
    this.#names = [...left]
  }

  next(): Question {
    return { name: this.#name(), type: this.#random.pick(TYPES) ?? 'A' }
  }

  #name(): string {
    const dice = this.#random.below(20)
    if (dice === 0) return `never-${this.#random.below(1000)}.marathon.${this.#apex}`
    if (dice === 1) return this.#apex
    const former = dice < 5 ? this.#random.pick(this.#former) : undefined
    if (former !== undefined) return former
    const names = dice < 10 ? this.#names : this.#history.names
    const name = this.#random.pick(names) ?? this.#apex
    // And now and then one that may have only names below it.
    return dice === 19 ? name.slice(name.indexOf('.') + 1) || this.#apex : name
  }
}
