import { CLASS, TYPE } from '../net/dns-numbers.ts'
import { hashName } from './name-hash.ts'
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

/** Addresses of a target, in wire form. */
export interface Glue {
  readonly a: readonly Uint8Array[]
  readonly aaaa: readonly Uint8Array[]
  readonly aTtl: number
  readonly aaaaTtl: number
}

/** The records of one name and type, in wire form and in the stable order that truncation cuts from. */
export interface WireRRset {
  readonly type: number
  readonly ttl: number
  readonly rdata: readonly Uint8Array[]
  /** For types with a target: for each rdata the index of its target in `glue`. Else empty. */
  readonly glueOf: readonly number[]
  readonly glue: readonly Glue[]
}

/** Owner of every ready-made record: a pointer to the question, which follows the 12-octet header. */
const QUESTION_POINTER = 0xc00c

/** More records than this do not fit into a message of 65,535 octets anyway. */
const MAX_RECORDS = 0xffff

/** Gathers nodes and turns them into a shard. */
export class ShardBuilder {
  #octets = new Uint8Array(1 << 16)
  #octetsUsed = 0
  /** Nodes and tables; the positions within are relative until build() knows where they start. */
  readonly #words: number[] = []
  readonly #nodes: { readonly hash: number; readonly at: number }[] = []

  /** Adds a name, lower-cased and in wire form; no RRsets make it an empty non-terminal. */
  add(name: Uint8Array, rrsets: readonly WireRRset[]): void {
    const words = this.#words
    const at = words.length
    this.#nodes.push({ hash: hashName(name, name.length), at })
    words.push(this.#write(name), name.length, rrsets.length)
    for (let left = rrsets.length * RRSET.WORDS; left > 0; left--) words.push(0)
    rrsets.forEach((rrset, i) => {
      this.#addRRset(at + NODE.WORDS + i * RRSET.WORDS, rrset)
    })
  }

  #addRRset(at: number, rrset: WireRRset): void {
    const words = this.#words
    const rdata = rrset.rdata.slice(0, MAX_RECORDS)
    const start = this.#octetsUsed
    let longest = 0
    const fixed = rrset.type === TYPE.A || rrset.type === TYPE.AAAA
    const table = words.length
    rdata.forEach((octets, i) => {
      const recordAt = this.#record(rrset.type, rrset.ttl, octets)
      const length = RECORD_FIXED_OCTETS + octets.length
      longest = Math.max(longest, length)
      if (!fixed) words.push(recordAt, length, (rrset.glueOf[i] ?? -1) + 1)
    })
    const length = this.#octetsUsed - start
    for (const glue of rrset.glue) this.#addGlue(glue)
    words[at + RRSET.TYPE] = rrset.type
    words[at + RRSET.COUNT] = rdata.length
    words[at + RRSET.AT] = start
    words[at + RRSET.LENGTH] = length
    words[at + RRSET.RECORD_LENGTH] = longest
    words[at + RRSET.TABLE] = fixed ? 0 : table
  }

  #addGlue({ a, aaaa, aTtl, aaaaTtl }: Glue): void {
    this.#words.push(this.#octetsUsed, a.length, aaaa.length)
    for (const address of a) this.#record(TYPE.A, aTtl, address)
    for (const address of aaaa) this.#record(TYPE.AAAA, aaaaTtl, address)
  }

  #record(type: number, ttl: number, rdata: Uint8Array): number {
    const record = new Uint8Array(RECORD_FIXED_OCTETS + rdata.length)
    const view = new DataView(record.buffer)
    view.setUint16(0, QUESTION_POINTER)
    view.setUint16(2, type)
    view.setUint16(4, CLASS.IN)
    view.setUint32(6, ttl)
    view.setUint16(10, rdata.length)
    record.set(rdata, RECORD_FIXED_OCTETS)
    return this.#write(record)
  }

  #write(octets: Uint8Array): number {
    const at = this.#octetsUsed
    if (at + octets.length > this.#octets.length) {
      const larger = new Uint8Array(this.#octets.length * 2 + octets.length)
      larger.set(this.#octets)
      this.#octets = larger
    }
    this.#octets.set(octets, at)
    this.#octetsUsed += octets.length
    return at
  }

  build(): Shard {
    // At most half full, so that a miss ends after few probes.
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, this.#nodes.length * 2)))
    const nodesAt = HEADER_WORDS + slots * SLOT_WORDS
    const octetsAt = (nodesAt + this.#words.length) * 4
    const size = octetsAt + this.#octetsUsed
    const buffer = new SharedArrayBuffer(Math.ceil(size / 4) * 4)
    const words = new Uint32Array(buffer)
    words.set(this.#words, nodesAt)
    new Uint8Array(buffer, octetsAt).set(this.#octets.subarray(0, this.#octetsUsed))
    words[HEADER.SLOT_MASK] = slots - 1
    words[HEADER.NAMES] = this.#nodes.length
    for (const { hash, at } of this.#nodes) {
      this.#relocate(words, nodesAt + at, nodesAt, octetsAt)
      let slot = hash & (slots - 1)
      while (words[HEADER_WORDS + slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & (slots - 1)
      words[HEADER_WORDS + slot * SLOT_WORDS] = hash
      words[HEADER_WORDS + slot * SLOT_WORDS + 1] = nodesAt + at
    }
    return new Shard(buffer)
  }

  /** Turns the relative positions in one node into absolute ones. */
  #relocate(words: Uint32Array, node: number, nodesAt: number, octetsAt: number): void {
    const shift = (at: number, by: number) => {
      words[at] = (words[at] as number) + by
    }
    shift(node + NODE.NAME_AT, octetsAt)
    const end = node + NODE.WORDS + (words[node + NODE.RRSETS] as number) * RRSET.WORDS
    for (let rrset = node + NODE.WORDS; rrset < end; rrset += RRSET.WORDS) {
      shift(rrset + RRSET.AT, octetsAt)
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
      for (let row = 0; row < glueRows; row++)
        shift(glue + row * GLUE_ROW.WORDS + GLUE_ROW.AT, octetsAt)
    }
  }
}
