import { viewOf } from './octet-view.ts'

/**
 * A part of the zone as one piece of shared memory: an open-addressing table from the hash of a name to
 * a node, and for each node its RRsets as ready-made answer records. Nothing in it changes after it was
 * written except the rotation counters, so that threads read it without a lock.
 *
 * A shard is a region of a segment, a SharedArrayBuffer. All positions in it are absolute in the
 * segment: words count in its Uint32Array, octets in its Uint8Array.
 *
 * Layout from the word `base` on: the header, the slots (pairs of hash and node), then one block for each
 * node: its words, its RRsets, their record tables, and, as octets, its name, its records and its ledger.
 *
 * Records are `C0 0C type class ttl rdlength rdata`: the owner is a compression pointer to the question
 * (RFC 1035 §4.1.4), patched by the reader where it is another name.
 */

/** NAMES and RECORDS count those a reader sees, NODES all; END is the word behind the last block. */
export const HEADER = { SLOT_MASK: 0, NAMES: 1, RECORDS: 2, NODES: 3, END: 4 } as const
export const HEADER_WORDS = 6

/** A slot: the hash of a name and the word of its node, 0 if it is free. */
export const SLOT_WORDS = 2

/**
 * A node; RRsets follow at once, sorted by type. What readers need comes first, then what only the writer
 * does: HASH of the name; BLOCK, the words of its block; CHILDREN, how many contributions there are below
 * the name; HOLDERS, how many tasks have it for their own name, or, of a reverse name, how many agents the
 * address; and the ledger (ledger.ts), of LEDGER_LENGTH octets, 0 if the contributions are the records.
 * Name and records lie in one piece from NAME_AT, which is a multiple of 4, to LEDGER_AT.
 */
export const NODE = {
  NAME_AT: 0,
  NAME_LENGTH: 1,
  RRSETS: 2,
  FLAGS: 3,
  HASH: 4,
  BLOCK: 5,
  CHILDREN: 6,
  HOLDERS: 7,
  LEDGER_AT: 8,
  LEDGER_LENGTH: 9,
  WORDS: 10,
} as const

/**
 * APEX: SOA and NS are those of the zone's apex, which are kept apart (Zone.apexShard). Set for the domain
 * and for every reverse name, each of which is a zone of its own. HIDDEN: there is no such name for
 * readers.
 */
export const NODE_FLAG = { APEX: 1, HIDDEN: 2 } as const

/**
 * An RRset; its records are in the canonical order of their rdata (RFC 4034 §6.3). RECORD_LENGTH is that
 * of each record where all are equally long (A, AAAA), and of the longest otherwise; then TABLE is the
 * word where the record table starts, else 0. ROTATION counts the answers given in turn (`ordering:
 * roundrobin`).
 */
export const RRSET = {
  TYPE: 0,
  COUNT: 1,
  AT: 2,
  LENGTH: 3,
  RECORD_LENGTH: 4,
  TABLE: 5,
  ROTATION: 6,
  WORDS: 7,
} as const

/**
 * One row of a record table: where the record is, how long, and the hash of the name whose addresses
 * belong into the additional section: the target of SRV and NS, 0 for other types.
 */
export const TABLE_ROW = { AT: 0, LENGTH: 1, TARGET_HASH: 2, WORDS: 3 } as const

/** Octets of a record before its rdata, its two-octet owner included. */
export const RECORD_FIXED_OCTETS = 12
export const A_RECORD_OCTETS = RECORD_FIXED_OCTETS + 4
export const AAAA_RECORD_OCTETS = RECORD_FIXED_OCTETS + 16

/** Records of one set at most: more do not fit into a message of 65,535 octets anyway. */
export const MAX_RECORDS = 0xffff

// Held here, not exported, the compiler knows their values; of an exported binding it looks them up each time.
const { SLOT_MASK, NAMES, RECORDS, NODES, END } = HEADER
const { NAME_AT, NAME_LENGTH, RRSETS, FLAGS, WORDS: NODE_WORDS } = NODE
const { APEX, HIDDEN } = NODE_FLAG
const { TYPE, WORDS: RRSET_WORDS } = RRSET
const HEADER_LENGTH = HEADER_WORDS
const SLOT_LENGTH = SLOT_WORDS

/** A view of one shard. Making one costs a small object; `words` and `octets` are those of its segment. */
export class Shard {
  readonly words: Uint32Array
  readonly octets: Uint8Array
  /** The same octets, to be read four at a time. */
  readonly view: DataView
  readonly base: number
  readonly #slotMask: number

  constructor(words: Uint32Array, octets: Uint8Array, base: number) {
    this.words = words
    this.octets = octets
    this.view = viewOf(octets)
    this.base = base
    this.#slotMask = words[base + SLOT_MASK] as number
  }

  /** Number of names that readers see, empty non-terminals included. */
  get names(): number {
    return this.words[this.base + NAMES] as number
  }

  /** Number of nodes, also of names that are hidden from readers. */
  get nodes(): number {
    return this.words[this.base + NODES] as number
  }

  /** Number of records that readers see. */
  get records(): number {
    return this.words[this.base + RECORDS] as number
  }

  /**
   * The node of a lower-cased wire name, `nameLength` octets at `nameAt`, as the index of its first word;
   * 0 if there is none. `hash` is hashName() of the name, signed or unsigned.
   */
  find(hash: number, name: DataView, nameAt: number, nameLength: number): number {
    const node = this.findAny(hash, name, nameAt, nameLength)
    if (node === 0) return 0
    return ((this.words[node + FLAGS] as number) & HIDDEN) === 0 ? node : 0
  }

  /** As find(), also for names that are hidden from readers. */
  findAny(hash: number, name: DataView, nameAt: number, nameLength: number): number {
    const { words } = this
    const mask = this.#slotMask
    const slots = this.base + HEADER_LENGTH
    const signed = hash | 0
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slots + slot * SLOT_LENGTH
      const node = words[at + 1] as number
      if (node === 0) return 0
      if (((words[at] as number) | 0) === signed && this.#hasName(node, name, nameAt, nameLength))
        return node
    }
  }

  /**
   * The node that a search for `hash` looks at first, 0 if there is none: for reading ahead what find()
   * will need, while the processor waits for memory anyway.
   */
  candidate(hash: number): number {
    const slot = this.base + HEADER_LENGTH + (hash & this.#slotMask) * SLOT_LENGTH
    return this.words[slot + 1] as number
  }

  #hasName(node: number, name: DataView, nameAt: number, nameLength: number): boolean {
    const { words, view } = this
    if (words[node + NAME_LENGTH] !== nameLength) return false
    const at = words[node + NAME_AT] as number
    let i = 0
    // A name that is found is compared to its end: four octets at a time take a third of the time.
    for (; i + 4 <= nameLength; i += 4) {
      if (view.getInt32(at + i, true) !== name.getInt32(nameAt + i, true)) return false
    }
    for (; i < nameLength; i++) {
      if (view.getUint8(at + i) !== name.getUint8(nameAt + i)) return false
    }
    return true
  }

  /** The node's RRset of a type as the index of its first word, or 0. */
  rrset(node: number, type: number): number {
    const { words } = this
    let at = node + NODE_WORDS
    for (let left = words[node + RRSETS] as number; left > 0; left--) {
      if (words[at + TYPE] === type) return at
      at += RRSET_WORDS
    }
    return 0
  }

  /** Whether SOA and NS questions about the node are answered from the zone's apex. */
  isApex(node: number): boolean {
    return ((this.words[node + FLAGS] as number) & APEX) !== 0
  }

  /**
   * Whether the node has no records of its own and is there only because names below it are (RFC 4592
   * §2.2.2). The apex without records looks like it; see isApex().
   */
  isEmpty(node: number): boolean {
    return this.words[node + RRSETS] === 0
  }

  /** Word behind the slots, where the first block starts. */
  get blocks(): number {
    return this.base + HEADER_LENGTH + (this.#slotMask + 1) * SLOT_LENGTH
  }

  /** Word behind the last block. */
  get end(): number {
    return this.words[this.base + END] as number
  }
}

/**
 * Index of the shard that holds a name; `shards` is a power of two. The low bits of the hash choose the
 * slot inside the shard, so the high ones choose the shard.
 */
export function shardIndex(hash: number, shards: number): number {
  return (hash >>> 16) & (shards - 1)
}
