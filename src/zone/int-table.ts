import { GrowingMemory } from './growing-memory.ts'

/**
 * Rows of 32-bit cells that grow at their end. A row is known by the index of its first cell; there is
 * none at 0, which stands for "no row".
 */
export class IntTable {
  /** Replaced as the table grows. */
  cells: Int32Array
  /** Cells in use. */
  length: number
  readonly #width: number
  readonly #memory = new GrowingMemory()

  constructor(width: number) {
    this.#width = width
    this.cells = this.#memory.words
    this.length = width
  }

  /** Adds a row, whose cells hold anything, and returns it. */
  add(): number {
    const row = this.length
    this.length += this.#width
    if (this.length > this.cells.length) {
      this.#memory.grow(this.length * 4)
      this.cells = this.#memory.words
    }
    return row
  }

  /** Leaves no row. */
  clear(): void {
    this.#memory.reuse(this.length * 4)
    this.length = this.#width
    this.cells = this.#memory.words
  }
}
