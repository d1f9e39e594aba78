import { RANK } from '../records/contribution.ts'
import type { Arena } from './arena.ts'
import { BlockWriter } from './block-writer.ts'
import { ContributionLog } from './contribution-log.ts'
import { NodeMerge } from './node-merge.ts'
import { ShardWriter, type WrittenShard } from './shard-writer.ts'
import { soaText, type ZoneConfig } from './soa.ts'

/**
 * Writes shards that have the SOA and the NS of the domain and nothing else. Kept apart, a new serial
 * leaves alone the shards of all the names that these are answered for.
 */
export class ApexShardWriter {
  readonly #config: ZoneConfig
  readonly #log = new ContributionLog()
  readonly #node: NodeMerge
  readonly #blocks: BlockWriter
  readonly #writer = new ShardWriter()

  constructor(config: ZoneConfig) {
    this.#config = config
    this.#node = new NodeMerge({ apexLength: undefined, defaultTtl: config.ttl })
    this.#blocks = new BlockWriter(config.ttl)
  }

  write(arena: Arena, serial: number): WrittenShard {
    const { domain, soaMname, ttl } = this.#config
    const log = this.#log
    const blocks = this.#blocks
    log.clear()
    const owner = log.owner(`${domain}.`)
    log.record(1, owner, 'SOA', soaText(this.#config, serial), RANK.SERVED, ttl)
    log.record(1, owner, 'NS', soaMname.toLowerCase(), RANK.SERVED, ttl)
    this.#node.merge(undefined, 0, log, owner)
    blocks.clear()
    blocks.write(this.#node)
    this.#writer.add(blocks.words, 0, blocks.length, blocks.nodes)
    return this.#writer.build(arena)
  }
}
