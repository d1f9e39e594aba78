import type { Arena, Region } from './arena.ts'
import {
  HEADER,
  HEADER_WORDS,
  NODE,
  NODE_FLAG,
  RRSET,
  Shard,
  SLOT_WORDS,
  TABLE_ROW,
} from './shard.ts'

/** A shard as its writer knows it. */
export interface WrittenShard {
  readonly shard: Shard
  readonly region: Region
}

/** Blocks that lie one after the other, from a word to another. */
interface Run {
  readonly words: Uint32Array
  readonly start: number
  readonly end: number
}

/** Puts blocks from anywhere together to a shard. */
export class ShardWriter {
  readonly #runs: Run[] = []
  #words = 0
  #nodes = 0

  /** Adds neighbouring blocks, `nodes` of them. */
  add(words: Uint32Array, start: number, end: number, nodes: number): void {
    this.#nodes += nodes
    this.#words += end - start
    if (end > start) this.#runs.push({ words, start, end })
  }

  /** Adds the blocks of a shard but for some, given in order. */
  addOthers(shard: Shard, without: Int32Array): void {
    const { words } = shard
    let start = shard.blocks
    for (const node of without) {
      this.add(words, start, node, 0)
      start = node + (words[node + NODE.BLOCK] as number)
    }
    this.add(words, start, shard.end, shard.nodes - without.length)
  }

  /** Writes the shard and begins anew. */
  build(arena: Arena): WrittenShard {
    // At most half full, so that a miss ends after few probes.
    const slots = 2 ** Math.ceil(Math.log2(Math.max(2, this.#nodes * 2)))
    const octets = (HEADER_WORDS + slots * SLOT_WORDS + this.#words) * 4
    const region = arena.allocate(octets)
    const view = arena.view(region.segment)
    const { words } = view
    const base = region.word
    const blocks = base + HEADER_WORDS + slots * SLOT_WORDS
    words.fill(0, base, blocks)
    words[base + HEADER.SLOT_MASK] = slots - 1
    words[base + HEADER.NODES] = this.#nodes
    words[base + HEADER.END] = blocks + this.#words
    let at = blocks
    for (const run of this.#runs) {
      words.set(run.words.subarray(run.start, run.end), at)
      const end = at + run.end - run.start
      settleBlocks(words, base, at, end, at - run.start)
      at = end
    }
    this.clear()
    return { shard: new Shard(words, view.octets, base), region }
  }

  clear(): void {
    this.#runs.length = 0
    this.#words = 0
    this.#nodes = 0
  }
}

/** Turns the positions in copied blocks, which have moved by `shift` words, and enters them in the header. */
function settleBlocks(
  words: Uint32Array,
  base: number,
  start: number,
  end: number,
  shift: number,
): void {
  const slots = base + HEADER_WORDS
  const mask = words[base + HEADER.SLOT_MASK] as number
  let names = 0
  let records = 0
  for (let node = start; node < end; node += words[node + NODE.BLOCK] as number) {
    records += relocate(words, node, shift)
    if (((words[node + NODE.FLAGS] as number) & NODE_FLAG.HIDDEN) === 0) names++
    const hash = words[node + NODE.HASH] as number
    let slot = hash & mask
    while (words[slots + slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & mask
    words[slots + slot * SLOT_WORDS] = hash
    words[slots + slot * SLOT_WORDS + 1] = node
  }
  words[base + HEADER.NAMES] = (words[base + HEADER.NAMES] as number) + names
  words[base + HEADER.RECORDS] = (words[base + HEADER.RECORDS] as number) + records
}

/** Turns the positions in one block; returns its number of records. */
function relocate(words: Uint32Array, node: number, shift: number): number {
  const octets = shift * 4
  words[node + NODE.NAME_AT] = (words[node + NODE.NAME_AT] as number) + octets
  words[node + NODE.LEDGER_AT] = (words[node + NODE.LEDGER_AT] as number) + octets
  let records = 0
  const end = node + NODE.WORDS + (words[node + NODE.RRSETS] as number) * RRSET.WORDS
  for (let rrset = node + NODE.WORDS; rrset < end; rrset += RRSET.WORDS) {
    const count = words[rrset + RRSET.COUNT] as number
    records += count
    words[rrset + RRSET.AT] = (words[rrset + RRSET.AT] as number) + octets
    if (words[rrset + RRSET.TABLE] === 0) continue
    const table = (words[rrset + RRSET.TABLE] as number) + shift
    words[rrset + RRSET.TABLE] = table
    for (let row = table; row < table + count * TABLE_ROW.WORDS; row += TABLE_ROW.WORDS) {
      words[row + TABLE_ROW.AT] = (words[row + TABLE_ROW.AT] as number) + octets
    }
  }
  return records
}
