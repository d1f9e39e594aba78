import { CLASS } from '../net/dns-numbers.ts'
import { hashName } from './name-hash.ts'
import { OctetWriter } from './octet-writer.ts'
import { srvTarget, TYPE_NUMBER, writeRdata, type ZoneType } from './rdata.ts'
import {
  GLUE_ROW,
  HEADER,
  HEADER_WORDS,
  NODE,
  RECORD_FIXED_OCTETS,
  RRSET,
  Shard,
  SLOT_WORDS,
  TABLE_ROW,
} from './shard.ts'

/** The records of one name and type. */
export interface ZoneSet {
  readonly type: ZoneType
  /** Seconds. */
  readonly ttl: number
  /** In presentation format, in the stable order that truncation cuts from. */
  readonly rdata: readonly string[]
}

/** The addresses of a target, A and AAAA; undefined where it has none. */
export type GlueOf = (target: string) => {
  readonly a: ZoneSet | undefined
  readonly aaaa: ZoneSet | undefined
}

/** Owner of every ready-made record: a pointer to the question, which follows the 12-octet header. */
const QUESTION_POINTER = 0xc00c

/** More records than this do not fit into a message of 65,535 octets anyway. */
const MAX_RECORDS = 0xffff

/** Gathers nodes and turns them into a shard. */
export class ShardBuilder {
  readonly #glueOf: GlueOf
  readonly #octets = new OctetWriter()
  /** Nodes and tables; positions in them count from the first node and the first octet until build(). */
  #words = new Uint32Array(1 << 10)
  #wordsUsed = 0
  readonly #nodes: number[] = []
  readonly #hashes: number[] = []

  constructor(glueOf: GlueOf) {
    this.#glueOf = glueOf
  }

  /** Adds a name, lower-cased and in wire form; no sets make it an empty non-terminal. */
  add(name: Uint8Array, sets: readonly ZoneSet[]): void {
    const node = this.#claim(NODE.WORDS + sets.length * RRSET.WORDS)
    this.#nodes.push(node)
    this.#hashes.push(hashName(name, name.length))
    this.#words[node + NODE.NAME_AT] = this.#octets.length
    this.#words[node + NODE.NAME_LENGTH] = name.length
    this.#octets.bytes(name)
    let rrset = node + NODE.WORDS
    for (const set of sets) {
      const written = isAddress(set.type)
        ? this.#addAddresses(rrset, set)
        : this.#addOthers(rrset, set)
      if (written === 0) continue
      this.#words[rrset + RRSET.TYPE] = TYPE_NUMBER[set.type]
      this.#words[rrset + RRSET.COUNT] = written
      this.#words[node + NODE.RRSETS] = (this.#words[node + NODE.RRSETS] as number) + 1
      rrset += RRSET.WORDS
    }
  }

  /** Takes so many words at the end, all zero. */
  #claim(count: number): number {
    const at = this.#wordsUsed
    this.#wordsUsed += count
    if (this.#wordsUsed > this.#words.length) {
      const larger = new Uint32Array(Math.max(this.#words.length * 2, this.#wordsUsed))
      larger.set(this.#words.subarray(0, at))
      this.#words = larger
    }
    return at
  }

  /** Records all of one length: no table is needed. Returns how many there are. */
  #addAddresses(rrset: number, set: ZoneSet): number {
    const start = this.#octets.length
    const written = this.#writeAddresses(set)
    const length = this.#octets.length - start
    this.#words[rrset + RRSET.AT] = start
    this.#words[rrset + RRSET.LENGTH] = length
    this.#words[rrset + RRSET.RECORD_LENGTH] = length / Math.max(1, written)
    this.#words[rrset + RRSET.TABLE] = 0
    return written
  }

  #writeAddresses(set: ZoneSet | undefined): number {
    let written = 0
    for (const rdata of set?.rdata ?? []) {
      if (written < MAX_RECORDS && this.#record(set as ZoneSet, rdata) !== 0) written++
    }
    return written
  }

  /** Records of any length, with a table of them and the glue of their targets. */
  #addOthers(rrset: number, set: ZoneSet): number {
    const rows = Math.min(MAX_RECORDS, set.rdata.length)
    const table = this.#claim(rows * TABLE_ROW.WORDS)
    const start = this.#octets.length
    const targets = new Map<string, number>()
    let written = 0
    let longest = 0
    for (const rdata of set.rdata) {
      if (written === rows) break
      const at = this.#octets.length
      const length = this.#record(set, rdata)
      if (length === 0) continue
      const row = table + written++ * TABLE_ROW.WORDS
      longest = Math.max(longest, length)
      this.#words[row + TABLE_ROW.AT] = at
      this.#words[row + TABLE_ROW.LENGTH] = length
      const target = targetOf(set.type, rdata)
      if (target === undefined) continue
      let glue = targets.get(target)
      if (glue === undefined) {
        glue = targets.size + 1
        targets.set(target, glue)
      }
      this.#words[row + TABLE_ROW.GLUE] = glue
    }
    // The glue rows follow the last row that was used.
    this.#wordsUsed = table + written * TABLE_ROW.WORDS
    this.#words[rrset + RRSET.AT] = start
    this.#words[rrset + RRSET.LENGTH] = this.#octets.length - start
    this.#words[rrset + RRSET.RECORD_LENGTH] = longest
    this.#words[rrset + RRSET.TABLE] = table
    for (const target of targets.keys()) this.#addGlue(target)
    return written
  }

  #addGlue(target: string): void {
    const row = this.#claim(GLUE_ROW.WORDS)
    const { a, aaaa } = this.#glueOf(target)
    this.#words[row + GLUE_ROW.AT] = this.#octets.length
    this.#words[row + GLUE_ROW.A_COUNT] = this.#writeAddresses(a)
    this.#words[row + GLUE_ROW.AAAA_COUNT] = this.#writeAddresses(aaaa)
  }

  /** Writes a record; returns its length, or 0 if the rdata has no wire form. */
  #record({ type, ttl }: ZoneSet, rdata: string): number {
    const out = this.#octets
    const start = out.length
    out.u16(QUESTION_POINTER)
    out.u16(TYPE_NUMBER[type])
    out.u16(CLASS.IN)
    out.u32(ttl)
    out.u16(0)
    if (!writeRdata(out, type, rdata)) {
      out.length = start
      return 0
    }
    const octets = out.length - start - RECORD_FIXED_OCTETS
    out.octets[start + RECORD_FIXED_OCTETS - 2] = octets >> 8
    out.octets[start + RECORD_FIXED_OCTETS - 1] = octets
    return out.length - start
  }

  build(): Shard {
    // At most half full, so that a miss ends after few probes.
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, this.#nodes.length * 2)))
    const nodesAt = HEADER_WORDS + slots * SLOT_WORDS
    const octetsAt = (nodesAt + this.#wordsUsed) * 4
    const size = octetsAt + this.#octets.length
    const buffer = new SharedArrayBuffer(Math.ceil(size / 4) * 4)
    const words = new Uint32Array(buffer)
    words.set(this.#words.subarray(0, this.#wordsUsed), nodesAt)
    new Uint8Array(buffer, octetsAt).set(this.#octets.octets.subarray(0, this.#octets.length))
    words[HEADER.SLOT_MASK] = slots - 1
    words[HEADER.NAMES] = this.#nodes.length
    for (let i = 0; i < this.#nodes.length; i++) {
      const node = nodesAt + (this.#nodes[i] as number)
      const hash = this.#hashes[i] as number
      relocate(words, node, nodesAt, octetsAt)
      let slot = hash & (slots - 1)
      while (words[HEADER_WORDS + slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & (slots - 1)
      words[HEADER_WORDS + slot * SLOT_WORDS] = hash
      words[HEADER_WORDS + slot * SLOT_WORDS + 1] = node
    }
    return new Shard(buffer)
  }
}

function isAddress(type: ZoneType): boolean {
  return type === 'A' || type === 'AAAA'
}

/** The name whose addresses belong into the additional section (RFC 2782, RFC 1035 §3.3.11). */
function targetOf(type: ZoneType, rdata: string): string | undefined {
  if (type === 'SRV') return srvTarget(rdata)
  return type === 'NS' ? rdata : undefined
}

/** Turns the positions in one node into positions in the whole buffer. */
function relocate(words: Uint32Array, node: number, nodesAt: number, octetsAt: number): void {
  const shift = (at: number, by: number) => {
    words[at] = (words[at] as number) + by
  }
  shift(node + NODE.NAME_AT, octetsAt)
  const end = node + NODE.WORDS + (words[node + NODE.RRSETS] as number) * RRSET.WORDS
  for (let rrset = node + NODE.WORDS; rrset < end; rrset += RRSET.WORDS) {
    shift(rrset + RRSET.AT, octetsAt)
    // A table can not be at 0: a node comes before it.
    if (words[rrset + RRSET.TABLE] === 0) continue
    shift(rrset + RRSET.TABLE, nodesAt)
    const table = words[rrset + RRSET.TABLE] as number
    const count = words[rrset + RRSET.COUNT] as number
    let glueRows = 0
    for (let row = 0; row < count; row++) {
      const at = table + row * TABLE_ROW.WORDS
      shift(at + TABLE_ROW.AT, octetsAt)
      glueRows = Math.max(glueRows, words[at + TABLE_ROW.GLUE] as number)
    }
    const glue = table + count * TABLE_ROW.WORDS
    for (let row = 0; row < glueRows; row++) {
      shift(glue + row * GLUE_ROW.WORDS + GLUE_ROW.AT, octetsAt)
    }
  }
}
