import { compareOctets, equalOctets } from './octet-order.ts'

/**
 * What is contributed to one name: type and rank (contributionKey), TTL in seconds, how often, the rdata
 * and where it lies, its targetHash(), and what readers see of it.
 */
export const ROW = {
  KEY: 0,
  TTL: 1,
  COUNT: 2,
  AT: 3,
  LENGTH: 4,
  TARGET_HASH: 5,
  SOURCE: 6,
  SHOWN: 7,
  WORDS: 8,
} as const

/** Where rdata lies: in the segment of the shard that is replaced, or in the log. */
export const SOURCE = { SHARD: 0, LOG: 1 } as const

/** Whether a row is a record that readers see. AGAIN: yes, and a row before it is the same record. */
export const SHOWN = { NO: 0, YES: 1, AGAIN: 2 } as const

const FIRST_ROWS = 64
/** Rows that stay when they are cleared. */
const KEPT_ROWS = 1 << 14

/** Up to this many rows are sorted by insertion. */
const FEW = 12

const NO_OCTETS = new Uint8Array(0)

/** Rows of one name at a time; the memory is used again for the next. */
export class ContributionRows {
  cells = new Int32Array(FIRST_ROWS * ROW.WORDS)
  /** Cells in use. */
  length = 0
  /** By source. */
  shardOctets: Uint8Array = NO_OCTETS
  logOctets: Uint8Array = NO_OCTETS
  /** One bit for each rank there is. */
  ranks = 0

  clear(shardOctets: Uint8Array, logOctets: Uint8Array): void {
    this.length = 0
    this.ranks = 0
    this.shardOctets = shardOctets
    this.logOctets = logOctets
    if (this.cells.length > KEPT_ROWS * ROW.WORDS) {
      this.cells = new Int32Array(FIRST_ROWS * ROW.WORDS)
    }
  }

  push(
    key: number,
    ttl: number,
    count: number,
    at: number,
    length: number,
    targetHash: number,
    source: number,
  ): void {
    if (this.length === this.cells.length) this.#grow()
    const { cells } = this
    const row = this.length
    cells[row + ROW.KEY] = key
    cells[row + ROW.TTL] = ttl
    cells[row + ROW.COUNT] = count
    cells[row + ROW.AT] = at
    cells[row + ROW.LENGTH] = length
    cells[row + ROW.TARGET_HASH] = targetHash
    cells[row + ROW.SOURCE] = source
    cells[row + ROW.SHOWN] = SHOWN.NO
    this.length = row + ROW.WORDS
    this.ranks |= 1 << (key & 0xff)
  }

  #grow(): void {
    const larger = new Int32Array(this.cells.length * 2)
    larger.set(this.cells)
    this.cells = larger
  }

  octetsOf(row: number): Uint8Array {
    return this.cells[row + ROW.SOURCE] === SOURCE.SHARD ? this.shardOctets : this.logOctets
  }

  /** Whether two rows, here and there, have the same type and rdata. */
  isSameRecord(row: number, other: ContributionRows, otherRow: number): boolean {
    const a = this.cells
    const b = other.cells
    const length = a[row + ROW.LENGTH] as number
    if (length !== b[otherRow + ROW.LENGTH]) return false
    if ((a[row + ROW.KEY] as number) >> 8 !== (b[otherRow + ROW.KEY] as number) >> 8) return false
    const at = a[row + ROW.AT] as number
    const otherAt = b[otherRow + ROW.AT] as number
    return equalOctets(this.octetsOf(row), at, other.octetsOf(otherRow), otherAt, length)
  }

  /** Rows with every cell but SHOWN the same, of the same shard and log. */
  equals(other: ContributionRows): boolean {
    if (this.length !== other.length) return false
    for (let row = 0; row < this.length; row += ROW.WORDS) {
      for (let cell = row; cell < row + ROW.SHOWN; cell++) {
        if (this.cells[cell] !== other.cells[cell]) return false
      }
    }
    return true
  }

  /** Order by type, rdata, rank and TTL. */
  compare(row: number, other: ContributionRows, otherRow: number): number {
    const a = this.cells
    const b = other.cells
    const key = a[row + ROW.KEY] as number
    const otherKey = b[otherRow + ROW.KEY] as number
    if (key >> 8 !== otherKey >> 8) return key - otherKey
    const order = compareOctets(
      this.octetsOf(row),
      a[row + ROW.AT] as number,
      a[row + ROW.LENGTH] as number,
      other.octetsOf(otherRow),
      b[otherRow + ROW.AT] as number,
      b[otherRow + ROW.LENGTH] as number,
    )
    if (order !== 0) return order
    return key - otherKey || (a[row + ROW.TTL] as number) - (b[otherRow + ROW.TTL] as number)
  }

  /**
   * Makes these rows the sum of two others: `sorted`, which are in order and distinct, and `more`, which
   * are neither. What comes to nothing, or less, is left out.
   */
  sum(sorted: ContributionRows, more: ContributionRows): void {
    this.clear(sorted.shardOctets, more.logOctets)
    const order = more.#order()
    let row = 0
    for (let i = 0; i < order.length; i++) {
      const next = order[i] as number
      while (row < sorted.length && sorted.compare(row, more, next) <= 0) {
        this.#take(sorted, row)
        row += ROW.WORDS
      }
      if (this.length === 0 || this.compare(this.length - ROW.WORDS, more, next) !== 0) {
        this.#take(more, next)
      } else {
        const last = this.length - ROW.WORDS + ROW.COUNT
        this.cells[last] = (this.cells[last] as number) + (more.cells[next + ROW.COUNT] as number)
      }
    }
    for (; row < sorted.length; row += ROW.WORDS) this.#take(sorted, row)
    this.#dropLastIfNone()
    this.#noteRanks()
  }

  /** Adds a row after others that are final. */
  #take(from: ContributionRows, row: number): void {
    this.#dropLastIfNone()
    if (this.length === this.cells.length) this.#grow()
    const { cells } = this
    const source = from.cells
    for (let cell = 0; cell < ROW.SHOWN; cell++) {
      cells[this.length + cell] = source[row + cell] as number
    }
    cells[this.length + ROW.SHOWN] = SHOWN.NO
    this.length += ROW.WORDS
  }

  #dropLastIfNone(): void {
    const last = this.length - ROW.WORDS
    if (last >= 0 && (this.cells[last + ROW.COUNT] as number) <= 0) this.length = last
  }

  #noteRanks(): void {
    this.ranks = 0
    for (let row = 0; row < this.length; row += ROW.WORDS) {
      this.ranks |= 1 << ((this.cells[row + ROW.KEY] as number) & 0xff)
    }
  }

  /** The rows in order. */
  #order(): Int32Array {
    const count = this.length / ROW.WORDS
    if (count > FEW) {
      const order = Int32Array.from({ length: count }, (_, i) => i * ROW.WORDS)
      return order.sort((a, b) => this.compare(a, this, b))
    }
    const order = FEW_ORDERS[count] as Int32Array
    for (let i = 0; i < count; i++) {
      const row = i * ROW.WORDS
      let place = i
      for (; place > 0; place--) {
        const before = order[place - 1] as number
        if (this.compare(before, this, row) <= 0) break
        order[place] = before
      }
      order[place] = row
    }
    return order
  }
}

/** Room for the order of few rows, by how many they are. */
const FEW_ORDERS = Array.from({ length: FEW + 1 }, (_, count) => new Int32Array(count))
