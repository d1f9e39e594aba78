/**
 * A part of the zone as one block of memory: an open-addressing table from the hash of a name to a
 * node, and for each node its RRsets as ready-made answer records. Nothing in it changes after it was
 * built except the rotation counters, so that it can be shared by threads and read without a lock.
 *
 * Layout, in 32-bit words: a header, the slots (pairs of hash and node), the nodes and tables; then the
 * octets (names, records, glue) up to the end of the buffer. Octet offsets count from the buffer's start.
 *
 * Records are `C0 0C type class ttl rdlength rdata`: the owner is a compression pointer to the question
 * (RFC 1035 §4.1.4), patched by the reader where it is another name.
 */

export const HEADER_WORDS = 2
export const HEADER = { SLOT_MASK: 0, NAMES: 1 } as const

export const SLOT_WORDS = 2

/** A node: its name's place and length, the number of its RRsets, then the RRsets. */
export const NODE = { NAME_AT: 0, NAME_LENGTH: 1, RRSETS: 2, WORDS: 3 } as const

/**
 * An RRset. RECORD_LENGTH is that of each record where all are equally long (A, AAAA), and of the
 * longest otherwise; then TABLE is the word where the record table starts, else 0.
 * ROTATION counts the answers given in turn (`ordering: roundrobin`).
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

/** One row of a record table: where the record is, how long, and its glue row counted from 1 (0: none). */
export const TABLE_ROW = { AT: 0, LENGTH: 1, GLUE: 2, WORDS: 3 } as const

/** Glue of one target, behind the record table: A records first, then AAAA. */
export const GLUE_ROW = { AT: 0, A_COUNT: 1, AAAA_COUNT: 2, WORDS: 3 } as const

/** Octets of a record before its rdata, its two-octet owner included. */
export const RECORD_FIXED_OCTETS = 12
export const A_RECORD_OCTETS = RECORD_FIXED_OCTETS + 4
export const AAAA_RECORD_OCTETS = RECORD_FIXED_OCTETS + 16

export class Shard {
  readonly words: Uint32Array
  readonly octets: Uint8Array
  readonly #slotMask: number

  constructor(buffer: SharedArrayBuffer) {
    this.words = new Uint32Array(buffer)
    this.octets = new Uint8Array(buffer)
    this.#slotMask = this.words[HEADER.SLOT_MASK] as number
  }

  /** Number of names, empty non-terminals included. */
  get names(): number {
    return this.words[HEADER.NAMES] as number
  }

  /** The node of a lower-cased wire name as the index of its first word, or 0. */
  find(hash: number, name: Uint8Array, nameLength: number): number {
    const { words } = this
    for (let slot = hash & this.#slotMask; ; slot = (slot + 1) & this.#slotMask) {
      const at = HEADER_WORDS + slot * SLOT_WORDS
      const node = words[at + 1] as number
      if (node === 0) return 0
      if (words[at] === hash && this.#hasName(node, name, nameLength)) return node
    }
  }

  #hasName(node: number, name: Uint8Array, nameLength: number): boolean {
    const { words, octets } = this
    if (words[node + NODE.NAME_LENGTH] !== nameLength) return false
    const at = words[node + NODE.NAME_AT] as number
    for (let i = 0; i < nameLength; i++) {
      if (octets[at + i] !== name[i]) return false
    }
    return true
  }

  /** The node's RRset of a type as the index of its first word, or 0. */
  rrset(node: number, type: number): number {
    const { words } = this
    let at = node + NODE.WORDS
    for (let left = words[node + NODE.RRSETS] as number; left > 0; left--) {
      if (words[at + RRSET.TYPE] === type) return at
      at += RRSET.WORDS
    }
    return 0
  }

  /** Whether the node is there only because names below it are (RFC 4592 §2.2.2). */
  isEmpty(node: number): boolean {
    return this.words[node + NODE.RRSETS] === 0
  }
}
