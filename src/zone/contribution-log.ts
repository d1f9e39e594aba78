import type { Rank, Sign } from '../records/contribution.ts'
import { IntTable } from './int-table.ts'
import { hashName } from './name-hash.ts'
import { copyOctets, equalOctets } from './octet-order.ts'
import { OctetWriter } from './octet-writer.ts'
import { MAX_NAME_OCTETS, writeOwner } from './owner-name.ts'
import { TYPE_NUMBER, targetHash, writeRdata, type ZoneType } from './rdata.ts'

/**
 * An owner that something has been contributed to: its first entry, and by how much its counts change:
 * RECORDS of its own, CHILDREN below it, HOLDERS (see NODE). PASSED_UP is what the names right below it
 * have, until settle() has shared that out. At NAME its lower-cased wire name begins.
 */
export const OWNER = {
  HASH: 0,
  NAME_LENGTH: 1,
  FIRST: 2,
  RECORDS: 3,
  CHILDREN: 4,
  HOLDERS: 5,
  PASSED_UP: 6,
  NAME: 7,
} as const

/** One contribution: the owner's next one, type and rank, TTL in seconds, rdata, +1 or -1. */
export const ENTRY = { NEXT: 0, KEY: 1, TTL: 2, RDATA: 3, SIGN: 4, WORDS: 5 } as const

/** Rdata that entries share: its length, targetHash() of it, and where it begins. */
export const RDATA = { LENGTH: 0, TARGET_HASH: 1, OCTETS: 2 } as const

/** Type number and rank in one, so that what is sorted by it is sorted by type first. */
export function contributionKey(type: number, rank: number): number {
  return (type << 8) | rank
}

/** Longest rdata in octets. */
const MAX_RDATA_OCTETS = 0xffff

const FIRST_SLOTS = 64
/** Slots that stay when the log is cleared. */
const KEPT_SLOTS = 1 << 14
/** A slot: the hash of a name and its owner, 0 if it is free. */
const SLOT_WORDS = 2

/**
 * What has been contributed since the last commit, by owner, in binary and off the JavaScript heap: the
 * first state of a big cluster is a million contributions at once. What belongs together lies together,
 * since with that many every other place is far away.
 */
export class ContributionLog {
  /** Owners, one after the other. */
  readonly names = new OctetWriter()
  readonly rdata = new OctetWriter()
  readonly entries = new IntTable(ENTRY.WORDS)
  /** Number of owners. */
  owners = 0
  #slots = new Int32Array(FIRST_SLOTS * SLOT_WORDS)
  #slotMask = FIRST_SLOTS - 1
  // The same name and the same rdata often come several times in a row.
  #lastName = ''
  #lastOwner = 0
  #lastText = ''
  #lastType: ZoneType | undefined
  #lastRdata = 0

  constructor() {
    this.#leaveFirst()
  }

  /** Nothing is at word 0, which stands for "none". */
  #leaveFirst(): void {
    this.names.skipWords(1)
    this.rdata.skipWords(1)
  }

  /** All owners, for a loop that adds none: the first one. */
  get firstOwner(): number {
    return 1
  }

  /** The owner after another one; the loop ends at `ownersEnd`. */
  nextOwner(owner: number): number {
    return owner + OWNER.NAME + (((this.names.words[owner + OWNER.NAME_LENGTH] as number) + 3) >> 2)
  }

  get ownersEnd(): number {
    return (this.names.length + 3) >> 2
  }

  /** The owner with a name in presentation format; 0 if nobody can ask for it. */
  owner(name: string): number {
    if (this.#lastOwner !== 0 && name === this.#lastName) return this.#lastOwner
    const { names } = this
    const before = names.length
    const owner = names.skipWords(OWNER.NAME)
    names.reserve(MAX_NAME_OCTETS)
    const end = writeOwner(names.octets, names.length, name)
    if (end === 0) {
      names.length = before
      return 0
    }
    const found = this.#intern(owner, end - names.length, before)
    this.#lastName = name
    this.#lastOwner = found
    return found
  }

  /** The owner with a lower-cased name in wire form. */
  ownerOf(name: Uint8Array, at: number, length: number): number {
    const { names } = this
    const before = names.length
    const owner = names.skipWords(OWNER.NAME)
    names.reserve(length)
    copyOctets(names.octets, names.length, name, at, length)
    return this.#intern(owner, length, before)
  }

  /** Adds a record; no effect if its rdata, in presentation format, has no wire form. */
  record(sign: Sign, owner: number, type: ZoneType, text: string, rank: Rank, ttl: number): void {
    if (text !== this.#lastText || type !== this.#lastType) {
      this.#lastText = text
      this.#lastType = type
      this.#lastRdata = this.#rdataOf(type, text)
    }
    if (this.#lastRdata === 0) return
    this.#enter(sign, owner, contributionKey(TYPE_NUMBER[type], rank), ttl, this.#lastRdata)
  }

  /** Adds a record whose rdata is given in wire form. */
  recordOf(
    sign: Sign,
    owner: number,
    key: number,
    ttl: number,
    octets: Uint8Array,
    at: number,
    length: number,
  ): void {
    const row = this.rdata.skipWords(RDATA.OCTETS)
    this.rdata.copy(octets, at, length)
    this.#finishRdata(row, key >> 8)
    this.#enter(sign, owner, key, ttl, row)
  }

  /** Counts one who holds the name (see NODE). */
  hold(sign: Sign, owner: number): void {
    const { words } = this.names
    words[owner + OWNER.HOLDERS] = (words[owner + OWNER.HOLDERS] as number) + sign
  }

  /**
   * Counts what names below the apex have as children of all names between them and the apex. They are
   * gathered by parent first, since parents are few.
   */
  settle(apexLength: number): void {
    const { names } = this
    const named = this.ownersEnd
    for (let owner = this.firstOwner; owner < named; owner = this.nextOwner(owner)) {
      const records = names.words[owner + OWNER.RECORDS] as number
      if (records === 0) continue
      names.words[owner + OWNER.RECORDS] = 0
      const parent = this.#parent(owner, apexLength)
      if (parent === 0) continue
      const passed = names.words[parent + OWNER.PASSED_UP] as number
      names.words[parent + OWNER.PASSED_UP] = passed + records
    }
    // Ancestors that are added on the way have nothing passed up to them.
    const passing = this.ownersEnd
    for (let owner = this.firstOwner; owner < passing; owner = this.nextOwner(owner)) {
      const records = names.words[owner + OWNER.PASSED_UP] as number
      if (records === 0) continue
      names.words[owner + OWNER.PASSED_UP] = 0
      for (let above = owner; above !== 0; above = this.#parent(above, apexLength)) {
        const children = names.words[above + OWNER.CHILDREN] as number
        names.words[above + OWNER.CHILDREN] = children + records
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.names.clear()
    this.rdata.clear()
    this.entries.clear()
    this.#leaveFirst()
    if (this.#slotMask >= KEPT_SLOTS) {
      this.#slots = new Int32Array(FIRST_SLOTS * SLOT_WORDS)
      this.#slotMask = FIRST_SLOTS - 1
    } else {
      this.#slots.fill(0)
    }
    this.owners = 0
    this.#lastOwner = 0
    this.#lastType = undefined
  }

  #enter(sign: Sign, owner: number, key: number, ttl: number, rdata: number): void {
    const entry = this.entries.add()
    const { cells } = this.entries
    const { words } = this.names
    cells[entry + ENTRY.NEXT] = words[owner + OWNER.FIRST] as number
    cells[entry + ENTRY.KEY] = key
    cells[entry + ENTRY.TTL] = ttl
    cells[entry + ENTRY.RDATA] = rdata
    cells[entry + ENTRY.SIGN] = sign
    words[owner + OWNER.FIRST] = entry
    words[owner + OWNER.RECORDS] = (words[owner + OWNER.RECORDS] as number) + sign
  }

  #rdataOf(type: ZoneType, text: string): number {
    const { rdata } = this
    const before = rdata.length
    const row = rdata.skipWords(RDATA.OCTETS)
    const isWritten = writeRdata(rdata, type, text)
    if (isWritten && this.#finishRdata(row, TYPE_NUMBER[type]) <= MAX_RDATA_OCTETS) return row
    rdata.length = before
    return 0
  }

  /** Says of rdata just written what it is; returns its length. */
  #finishRdata(row: number, type: number): number {
    const { words, octets, length } = this.rdata
    const at = (row + RDATA.OCTETS) * 4
    words[row + RDATA.LENGTH] = length - at
    words[row + RDATA.TARGET_HASH] = targetHash(type, octets, at, length - at)
    return length - at
  }

  /** The owner one label up; 0 where that is the apex. */
  #parent(owner: number, apexLength: number): number {
    const { words, octets } = this.names
    const at = (owner + OWNER.NAME) * 4
    const length = words[owner + OWNER.NAME_LENGTH] as number
    const label = 1 + (octets[at] as number)
    return length - label <= apexLength ? 0 : this.ownerOf(octets, at + label, length - label)
  }

  /**
   * Makes an owner of a name that was written at the end; or, if there is one already, returns that and
   * goes back to where the end was before.
   */
  #intern(owner: number, length: number, before: number): number {
    const { names } = this
    const { words, octets } = names
    const at = (owner + OWNER.NAME) * 4
    const hash = hashName(octets, length, at) | 0
    const slots = this.#slots
    const mask = this.#slotMask
    let slot = hash & mask
    for (; ; slot = (slot + 1) & mask) {
      const found = slots[slot * SLOT_WORDS + 1] as number
      if (found === 0) break
      if (slots[slot * SLOT_WORDS] !== hash) continue
      if (words[found + OWNER.NAME_LENGTH] !== length) continue
      if (equalOctets(octets, (found + OWNER.NAME) * 4, octets, at, length)) {
        names.length = before
        return found
      }
    }
    names.length += length
    words.fill(0, owner, owner + OWNER.NAME)
    words[owner + OWNER.HASH] = hash
    words[owner + OWNER.NAME_LENGTH] = length
    slots[slot * SLOT_WORDS] = hash
    slots[slot * SLOT_WORDS + 1] = owner
    this.owners++
    if (this.owners * 2 > mask) this.#growSlots()
    return owner
  }

  #growSlots(): void {
    const before = this.#slots
    const mask = this.#slotMask * 2 + 1
    const slots = new Int32Array((mask + 1) * SLOT_WORDS)
    for (let from = 0; from < before.length; from += SLOT_WORDS) {
      if (before[from + 1] === 0) continue
      let slot = (before[from] as number) & mask
      while (slots[slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & mask
      slots[slot * SLOT_WORDS] = before[from] as number
      slots[slot * SLOT_WORDS + 1] = before[from + 1] as number
    }
    this.#slots = slots
    this.#slotMask = mask
  }
}
