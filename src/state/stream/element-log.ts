import type { Problem } from '../../report.ts'
import { NONE } from '../narrow.ts'
import type { Span } from './span.ts'

const FIRST_CAPACITY = 1024

/**
 * The elements of a kind in one document, in order: the hash of each one's octets, what it was decoded
 * to, and the rare problems. 20 octets an element besides the
 * objects, which the cluster's state holds anyway.
 */
export class ElementLog<T> {
  /** Undefined for one that was left out. */
  readonly values: (T | undefined)[] = []
  readonly #problems = new Map<number, readonly Problem[]>()
  /** Low lane of the hash, high lane, length. */
  #marks = new Int32Array(3 * FIRST_CAPACITY)
  /** Positions by hash, plus one; open addressing. Made when first asked for. */
  #table: Int32Array | undefined
  #byId: Map<string, number> | undefined

  get length(): number {
    return this.values.length
  }

  /** A length of 0 is never found again. */
  add(low: number, high: number, length: number, value: T | undefined): void {
    const at = 3 * this.values.length
    if (at === this.#marks.length) {
      const marks = new Int32Array(2 * at)
      marks.set(this.#marks)
      this.#marks = marks
    }
    this.#marks[at] = low
    this.#marks[at + 1] = high
    this.#marks[at + 2] = length
    this.values.push(value)
  }

  /** Gives the last element its problems. */
  setProblems(problems: readonly Problem[]): void {
    this.#problems.set(this.values.length - 1, problems)
  }

  problemsOf(position: number): readonly Problem[] {
    return this.#problems.size === 0 ? NONE : (this.#problems.get(position) ?? NONE)
  }

  /** Visits the elements of a span, in order. */
  forEach(
    { from, to }: Span,
    visit: (value: T | undefined, problems: readonly Problem[]) => void,
  ): void {
    for (let position = from; position < to; position++) {
      visit(this.values[position], this.problemsOf(position))
    }
  }

  /** Octets of the element at a position, 0 if there is none. */
  lengthAt(position: number): number {
    return position < this.values.length ? (this.#marks[3 * position + 2] as number) : 0
  }

  isAt(position: number, low: number, high: number, length: number): boolean {
    const at = 3 * position
    const marks = this.#marks
    return (
      position < this.values.length &&
      marks[at] === low &&
      marks[at + 1] === high &&
      marks[at + 2] === length
    )
  }

  /** The position of an element of these octets, -1 if there is none. */
  find(low: number, high: number, length: number): number {
    if (this.values.length === 0) return -1
    this.#table ??= this.#hashTable()
    const table = this.#table
    for (let slot = low & (table.length - 1); ; slot = (slot + 1) & (table.length - 1)) {
      const position = (table[slot] as number) - 1
      if (position < 0 || this.isAt(position, low, high, length)) return position
    }
  }

  #hashTable(): Int32Array {
    const count = this.values.length
    const table = new Int32Array(2 ** Math.ceil(Math.log2(2 * count)))
    for (let position = 0; position < count; position++) {
      let slot = (this.#marks[3 * position] as number) & (table.length - 1)
      while (table[slot] !== 0) slot = (slot + 1) & (table.length - 1)
      table[slot] = position + 1
    }
    return table
  }

  /** The position of an element of this id, -1 if there is none. */
  findId(id: string, idOf: (value: T) => string): number {
    if (this.#byId === undefined) {
      this.#byId = new Map()
      this.values.forEach((value, position) => {
        if (value !== undefined) this.#byId?.set(idOf(value), position)
      })
    }
    return this.#byId.get(id) ?? -1
  }
}
