import { CLASS, TYPE } from '../net/dns-numbers.ts'
import { RANK } from '../records/contribution.ts'
import { type ContributionRows, ROW, SHOWN } from './contribution-rows.ts'
import { ledgerOctets, writeLedger } from './ledger.ts'
import { copyOctets } from './octet-order.ts'
import { MAX_RECORDS, NODE, RECORD_FIXED_OCTETS, RRSET, TABLE_ROW } from './shard.ts'

/** What a node is made of. */
export interface NodeContent {
  /** FNV-1a hash of the name, 32 bits. */
  readonly hash: number
  /** Where the lower-cased wire name is. */
  readonly octets: Uint8Array
  readonly nameAt: number
  readonly nameLength: number
  readonly flags: number
  readonly children: number
  readonly holders: number
  /** Sorted and marked. */
  readonly rows: ContributionRows
  /** What the rotation counter of the set of a type stood at. */
  rotation(type: number): number
}

/** An RRset that is to be written: its rows from START to END, and what of them is shown. */
const SET = {
  TYPE: 0,
  START: 1,
  END: 2,
  COUNT: 3,
  TTL: 4,
  OCTETS: 5,
  LONGEST: 6,
  WORDS: 7,
} as const

/** More types than there are at one name. */
const MAX_SETS = 16

const FIRST_OCTETS = 1 << 16
/** Memory that stays when the writer is cleared. */
const KEPT_OCTETS = 1 << 20

/** Owner of every ready-made record: a pointer to the question, which follows the 12-octet header. */
const QUESTION_POINTER = 0xc00c

/** Writes blocks of nodes (see shard.ts) one after the other, as they would lie in a segment. */
export class BlockWriter {
  words: Uint32Array = new Uint32Array(FIRST_OCTETS / 4)
  octets: Uint8Array = new Uint8Array(this.words.buffer)
  /** Words in use. */
  length = 0
  /** Number of blocks. */
  nodes = 0
  readonly #defaultTtl: number
  readonly #sets = new Int32Array(MAX_SETS * SET.WORDS)
  #setsEnd = 0
  /** Whether the records say all about the contributions. */
  #isPlain = true

  constructor(defaultTtl: number) {
    this.#defaultTtl = defaultTtl
  }

  clear(): void {
    this.length = 0
    this.nodes = 0
    if (this.octets.length > KEPT_OCTETS) this.#allocate(FIRST_OCTETS)
  }

  /** Writes a block; returns its word. */
  write(content: NodeContent): number {
    const { rows, nameLength } = content
    this.#gatherSets(rows)
    const sets = this.#sets
    let tables = 0
    let records = 0
    for (let set = 0; set < this.#setsEnd; set += SET.WORDS) {
      records += sets[set + SET.OCTETS] as number
      if (!isAddress(sets[set + SET.TYPE] as number)) tables += sets[set + SET.COUNT] as number
    }
    const ledger = this.#isPlain ? 0 : ledgerOctets(rows)
    const block = this.length
    const rrsets = block + NODE.WORDS
    const octetsAt = rrsets + (this.#setsEnd / SET.WORDS) * RRSET.WORDS + tables * TABLE_ROW.WORDS
    const end = octetsAt + Math.ceil((nameLength + records + ledger) / 4)
    this.#reserve(end)
    this.length = end
    this.nodes++

    const { words, octets } = this
    const nameAt = octetsAt * 4
    const ledgerAt = nameAt + nameLength + records
    words[block + NODE.NAME_AT] = nameAt
    words[block + NODE.NAME_LENGTH] = nameLength
    words[block + NODE.RRSETS] = this.#setsEnd / SET.WORDS
    words[block + NODE.FLAGS] = content.flags
    words[block + NODE.HASH] = content.hash
    words[block + NODE.BLOCK] = end - block
    words[block + NODE.CHILDREN] = content.children
    words[block + NODE.HOLDERS] = content.holders
    words[block + NODE.LEDGER_AT] = ledgerAt
    words[block + NODE.LEDGER_LENGTH] = ledger
    copyOctets(octets, nameAt, content.octets, content.nameAt, nameLength)
    let at = nameAt + nameLength
    let table = rrsets + (this.#setsEnd / SET.WORDS) * RRSET.WORDS
    let rrset = rrsets
    for (let set = 0; set < this.#setsEnd; set += SET.WORDS) {
      const type = sets[set + SET.TYPE] as number
      words[rrset + RRSET.TYPE] = type
      words[rrset + RRSET.COUNT] = sets[set + SET.COUNT] as number
      words[rrset + RRSET.AT] = at
      words[rrset + RRSET.LENGTH] = sets[set + SET.OCTETS] as number
      words[rrset + RRSET.RECORD_LENGTH] = sets[set + SET.LONGEST] as number
      words[rrset + RRSET.TABLE] = isAddress(type) ? 0 : table
      words[rrset + RRSET.ROTATION] = content.rotation(type)
      at = this.#writeRecords(rows, set, at, isAddress(type) ? 0 : table)
      if (!isAddress(type)) table += (sets[set + SET.COUNT] as number) * TABLE_ROW.WORDS
      rrset += RRSET.WORDS
    }
    if (ledger > 0) writeLedger(octets, ledgerAt, rows)
    return block
  }

  #reserve(words: number): void {
    if (words <= this.words.length) return
    const { words: before, length } = this
    this.#allocate(Math.max(before.length * 2, words) * 4)
    this.words.set(before.subarray(0, length))
  }

  #allocate(octets: number): void {
    this.words = new Uint32Array(octets / 4)
    this.octets = new Uint8Array(this.words.buffer)
  }

  #gatherSets(rows: ContributionRows): void {
    const { cells } = rows
    const sets = this.#sets
    const plainKey = RANK.SERVED
    let isPlain = true
    let end = 0
    for (let row = 0; row < rows.length; ) {
      const set = end
      const type = (cells[row + ROW.KEY] as number) >> 8
      let count = 0
      let ttl = Number.POSITIVE_INFINITY
      let octets = 0
      let longest = 0
      const start = row
      for (; row < rows.length; row += ROW.WORDS) {
        const key = cells[row + ROW.KEY] as number
        if (key >> 8 !== type) break
        const shown = cells[row + ROW.SHOWN]
        const rowTtl = cells[row + ROW.TTL] as number
        isPlain &&=
          shown === SHOWN.YES &&
          (key & 0xff) === plainKey &&
          rowTtl === this.#defaultTtl &&
          cells[row + ROW.COUNT] === 1 &&
          count < MAX_RECORDS
        if (shown === SHOWN.NO) continue
        if (rowTtl < ttl) ttl = rowTtl
        if (shown === SHOWN.AGAIN || count === MAX_RECORDS) continue
        const length = RECORD_FIXED_OCTETS + (cells[row + ROW.LENGTH] as number)
        count++
        octets += length
        if (length > longest) longest = length
      }
      if (count === 0) continue
      sets[set + SET.TYPE] = type
      sets[set + SET.START] = start
      sets[set + SET.END] = row
      sets[set + SET.COUNT] = count
      sets[set + SET.TTL] = ttl
      sets[set + SET.OCTETS] = octets
      sets[set + SET.LONGEST] = longest
      end += SET.WORDS
    }
    this.#setsEnd = end
    this.#isPlain = isPlain
  }

  /** Writes the records of a set, and their table unless that is 0; returns where they end. */
  #writeRecords(rows: ContributionRows, set: number, start: number, table: number): number {
    const { cells } = rows
    const { words, octets } = this
    const type = this.#sets[set + SET.TYPE] as number
    const ttl = this.#sets[set + SET.TTL] as number
    let left = this.#sets[set + SET.COUNT] as number
    let at = start
    let tableRow = table
    for (let row = this.#sets[set + SET.START] as number; left > 0; row += ROW.WORDS) {
      if (cells[row + ROW.SHOWN] !== SHOWN.YES) continue
      left--
      const length = cells[row + ROW.LENGTH] as number
      if (table !== 0) {
        words[tableRow + TABLE_ROW.AT] = at
        words[tableRow + TABLE_ROW.LENGTH] = RECORD_FIXED_OCTETS + length
        words[tableRow + TABLE_ROW.TARGET_HASH] = cells[row + ROW.TARGET_HASH] as number
        tableRow += TABLE_ROW.WORDS
      }
      octets[at] = QUESTION_POINTER >> 8
      octets[at + 1] = QUESTION_POINTER & 0xff
      octets[at + 2] = type >> 8
      octets[at + 3] = type
      octets[at + 4] = CLASS.IN >> 8
      octets[at + 5] = CLASS.IN
      octets[at + 6] = ttl >> 24
      octets[at + 7] = ttl >> 16
      octets[at + 8] = ttl >> 8
      octets[at + 9] = ttl
      octets[at + 10] = length >> 8
      octets[at + 11] = length
      at += RECORD_FIXED_OCTETS
      copyOctets(octets, at, rows.octetsOf(row), cells[row + ROW.AT] as number, length)
      at += length
    }
    return at
  }
}

/** Records all of one length: no table is needed. */
function isAddress(type: number): boolean {
  return type === TYPE.A || type === TYPE.AAAA
}
