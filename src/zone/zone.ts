import type { Shard } from './shard.ts'

/**
 * The records of a cluster as answers are made from them. Immutable: a change makes another zone, and
 * whoever answers a query holds one zone for all of it.
 */
export class Zone {
  readonly serial: number
  /** Lower-cased wire name of the domain. */
  readonly apex: Uint8Array
  /**
   * The SOA record for the authority section of negative answers: TTL already the lesser of its own
   * and the minimum (RFC 2308 §3); the two octets of its owner are to be patched.
   */
  readonly negativeSoa: Uint8Array
  /** Whether there are names outside the domain: reverse names of addresses we own. */
  readonly hasReverseNames: boolean
  readonly #shards: readonly Shard[]

  constructor(parts: {
    serial: number
    apex: Uint8Array
    negativeSoa: Uint8Array
    hasReverseNames: boolean
    shards: readonly Shard[]
  }) {
    this.serial = parts.serial
    this.apex = parts.apex
    this.negativeSoa = parts.negativeSoa
    this.hasReverseNames = parts.hasReverseNames
    this.#shards = parts.shards
  }

  /** The shard that holds names of this hash. */
  shardOf(hash: number): Shard {
    return this.#shards[shardIndex(hash, this.#shards.length)] as Shard
  }

  /** Number of names, empty non-terminals included. */
  get names(): number {
    return this.#shards.reduce((sum, shard) => sum + shard.names, 0)
  }
}

/** `shards` is a power of two. The low bits choose the slot inside the shard, so the high ones choose it. */
export function shardIndex(hash: number, shards: number): number {
  return (hash >>> 16) & (shards - 1)
}
