import type { Arena, Region } from './arena.ts'
import { BlockWriter } from './block-writer.ts'
import { type ContributionLog, OWNER } from './contribution-log.ts'
import { Digest } from './digest.ts'
import { NodeMerge, type NodeRules } from './node-merge.ts'
import { viewOf } from './octet-view.ts'
import { ownersByShard } from './owners-by-shard.ts'
import { NODE, type Shard, shardIndex } from './shard.ts'
import { ShardWriter, type WrittenShard } from './shard-writer.ts'
import { countVisible, isSeenAlike } from './visible-content.ts'

/** Nodes per shard: more or fewer on average than the bounds, and there will be other shards. */
const NODES_AIMED_AT = 512
const MOST_NODES = 1024
const FEWEST_NODES = 128
/** As many as the half of the hash that chooses can tell apart. */
const MAX_SHARDS = 1 << 16

/** Numbers of each shard in ZoneUpdate.shards: index, segment, word. */
export type ShardRow = readonly [index: number, segment: number, word: number]

/** What a merge comes to, before anybody knows of it. */
export interface TableMerge {
  readonly shards: readonly WrittenShard[]
  /** Indexes of the shards that are not as before. */
  readonly replaced: readonly number[]
  /** Regions that only the shards before lie in. */
  readonly retired: readonly Region[]
  /** Whether readers see anything else than before. */
  readonly changed: boolean
  readonly nodes: number
  readonly names: number
  readonly records: number
  readonly digest: Digest
}

/** Told of each node that a merge makes, changes or takes away, while `node` stands at it. */
export type NodeObserver = (node: NodeMerge) => void

const NONE = new Int32Array(0)

/** All shards of one kind of names, forward or reverse, and how they become others. */
export class ShardTable {
  readonly #arena: Arena
  readonly #node: NodeMerge
  readonly #blocks: BlockWriter
  readonly #writer = new ShardWriter()
  #state: TableMerge = {
    shards: [],
    replaced: [],
    retired: [],
    changed: false,
    nodes: 0,
    names: 0,
    records: 0,
    digest: new Digest(),
  }

  constructor(arena: Arena, rules: NodeRules) {
    this.#arena = arena
    this.#node = new NodeMerge(rules)
    this.#blocks = new BlockWriter(rules.defaultTtl)
  }

  /** The outcome of the merge that was installed last. */
  get state(): TableMerge {
    return this.#state
  }

  /**
   * Makes the shards anew that a log changes. Nothing is final until install(); after an error there is
   * nothing to clean up.
   *
   * @throws RangeError when the system has no more memory
   */
  merge(log: ContributionLog, observe: NodeObserver): TableMerge {
    const made: Region[] = []
    try {
      return this.#merge(log, observe, made)
    } catch (error) {
      this.#writer.clear()
      for (const region of made) this.#arena.free(region)
      throw error
    }
  }

  /** Undoes a merge that will not be installed. */
  abandon(merge: TableMerge): void {
    for (const index of merge.replaced) {
      const { region } = merge.shards[index] as WrittenShard
      this.#arena.free(region)
    }
  }

  /** Makes a merge the state; the zone of this epoch is the first one without the retired regions. */
  install(merge: TableMerge, epoch: number): void {
    for (const region of merge.retired) this.#arena.retire(region, epoch)
    this.#state = merge
  }

  #merge(log: ContributionLog, observe: NodeObserver, made: Region[]): TableMerge {
    const before = this.#state
    if (log.owners === 0) return { ...before, replaced: [], retired: [], changed: false }
    const count = this.#shardsFor(log)
    const isResized = count !== before.shards.length
    const shards = isResized ? this.#redistribute(count, made) : [...before.shards]
    const replaced: number[] = []
    const retired: Region[] = isResized ? before.shards.map(({ region }) => region) : []
    const digest = before.digest.clone()
    let { nodes, names, records } = before
    let changed = false
    const owners = ownersByShard(log, count)
    for (let index = 0, at = 0; index < count; index++) {
      const start = at
      const old = shards[index]
      at = owners.ends[index] as number
      const outcome = this.#mergeNodes(old?.shard, log, owners.list.subarray(start, at), {
        observe,
        digest,
      })
      changed ||= outcome.changed
      if (!outcome.touched && old !== undefined) {
        if (isResized) replaced.push(index)
        continue
      }
      const next = this.#build(old?.shard, outcome.dropped, made)
      shards[index] = next
      replaced.push(index)
      nodes += next.shard.nodes - (old?.shard.nodes ?? 0)
      names += next.shard.names - (old?.shard.names ?? 0)
      records += next.shard.records - (old?.shard.records ?? 0)
      if (old === undefined) continue
      // One that was only made to spread the nodes anew is known to nobody.
      if (!isResized) retired.push(old.region)
      else this.#arena.free(forget(made, old.region))
    }
    return {
      shards: shards as readonly WrittenShard[],
      replaced,
      retired,
      changed,
      nodes,
      names,
      records,
      digest,
    }
  }

  #build(old: Shard | undefined, dropped: Int32Array, made: Region[]): WrittenShard {
    const blocks = this.#blocks
    if (old !== undefined) this.#writer.addOthers(old, dropped)
    this.#writer.add(blocks.words, 0, blocks.length, blocks.nodes)
    const next = this.#writer.build(this.#arena)
    made.push(next.region)
    return next
  }

  /** Merges the nodes of some owners of one shard and writes the blocks of those that are not as before. */
  #mergeNodes(
    shard: Shard | undefined,
    log: ContributionLog,
    owners: Int32Array,
    { observe, digest }: { observe: NodeObserver; digest: Digest },
  ): { touched: boolean; changed: boolean; dropped: Int32Array } {
    const blocks = this.#blocks
    const node = this.#node
    const dropped: number[] = []
    let touched = false
    let changed = false
    blocks.clear()
    for (const owner of owners) {
      const old = shard === undefined ? 0 : nodeOf(shard, log, owner)
      if (!node.merge(shard, old, log, owner)) continue
      touched = true
      const block = node.exists ? blocks.write(node) : -1
      changed = !isSeenAlike(shard, old, blocks, block) || changed
      if (shard !== undefined && old !== 0) {
        dropped.push(old)
        countVisible(digest, -1, shard.words, old)
      }
      if (block >= 0) countVisible(digest, 1, blocks.words, block)
      observe(node)
    }
    return {
      touched,
      changed,
      dropped: dropped.length > 0 ? Int32Array.from(dropped).sort() : NONE,
    }
  }

  /** The number of shards for what there will be at most once the log is merged, a power of two. */
  #shardsFor(log: ContributionLog): number {
    const { shards, nodes } = this.#state
    const most = nodes + log.owners
    if (most >= shards.length * FEWEST_NODES && most <= shards.length * MOST_NODES) {
      return shards.length
    }
    const expected = nodes + this.#newOwners(log)
    const isFitting =
      (expected >= shards.length * FEWEST_NODES || shards.length === 1) &&
      expected <= shards.length * MOST_NODES
    if (isFitting && shards.length > 0) return shards.length
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, expected / NODES_AIMED_AT)))
    return Math.min(MAX_SHARDS, wanted)
  }

  #newOwners(log: ContributionLog): number {
    const { shards } = this.#state
    let owners = 0
    for (let owner = log.firstOwner; owner < log.ownersEnd; owner = log.nextOwner(owner)) {
      const hash = log.names.words[owner + OWNER.HASH] as number
      const known = shards[shardIndex(hash, shards.length)]
      if (known === undefined || nodeOf(known.shard, log, owner) === 0) owners++
    }
    return owners
  }

  /** The nodes as they are in another number of shards; undefined where there are none yet. */
  #redistribute(count: number, made: Region[]): (WrittenShard | undefined)[] {
    const { shards, nodes } = this.#state
    if (nodes === 0) return new Array<undefined>(count)
    return Array.from({ length: count }, (_, index) => {
      for (let i = index % shards.length; i < shards.length; i += count) {
        this.#addNodesOf((shards[i] as WrittenShard).shard, index, count)
      }
      const next = this.#writer.build(this.#arena)
      made.push(next.region)
      return next
    })
  }

  /** Adds those nodes of a shard that one of `count` shards is to have. */
  #addNodesOf(shard: Shard, index: number, count: number): void {
    const { words, blocks, end } = shard
    let start = blocks
    let nodes = 0
    for (let node = blocks; node < end; ) {
      const next = node + (words[node + NODE.BLOCK] as number)
      if (shardIndex(words[node + NODE.HASH] as number, count) === index) {
        nodes++
      } else {
        this.#writer.add(words, start, node, nodes)
        start = next
        nodes = 0
      }
      node = next
    }
    this.#writer.add(words, start, end, nodes)
  }
}

/** Takes a region out of those made, from the end, where it is found soon. */
function forget(made: Region[], region: Region): Region {
  made.splice(made.lastIndexOf(region), 1)
  return region
}

function nodeOf(shard: Shard, log: ContributionLog, owner: number): number {
  const { words, octets } = log.names
  return shard.findAny(
    words[owner + OWNER.HASH] as number,
    viewOf(octets),
    (owner + OWNER.NAME) * 4,
    words[owner + OWNER.NAME_LENGTH] as number,
  )
}
