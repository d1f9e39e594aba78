/** Memory that shards lie in, shared by all threads. */
export interface Segment {
  /** Small and unique as long as the segment is in use. */
  readonly id: number
  readonly buffer: SharedArrayBuffer
}

/**
 * What a reader needs to go from the zone it has to the next one; plain data that crosses threads.
 * Where `full` is set it needs no earlier one.
 */
export interface ZoneUpdate {
  /** Number of the update, one more than that of the one before. Readers acknowledge it. */
  readonly epoch: number
  readonly full: boolean
  /** SOA serial (RFC 1035 §3.3.13). */
  readonly serial: number
  /** 32 lower-case hex digits, equal for equal visible records in whatever order they were learned. */
  readonly digest: string
  readonly names: number
  readonly records: number
  /** Lower-cased wire name of the domain. */
  readonly apex: Uint8Array
  /** Segments that are new to readers, or all. */
  readonly segments: readonly Segment[]
  /** Ids of segments that no shard lies in any more. */
  readonly dropped: readonly number[]
  /** Number of shards for names in the domain, a power of two, and for reverse names, 0 if there are none. */
  readonly forwardShards: number
  readonly reverseShards: number
  /**
   * Shards that changed, or all: index, segment id, word where the shard starts in the segment. Reverse
   * shards are counted on after the forward ones.
   */
  readonly shards: Int32Array
  /** Where the shard with the SOA and NS of the apex starts, by segment id and word. */
  readonly apexShard: readonly [segment: number, word: number]
  /**
   * The SOA record for the authority section of negative answers: TTL already the lesser of its own and
   * the minimum (RFC 2308 §3); the two octets of its owner are to be patched.
   */
  readonly negativeSoa: Uint8Array
}
