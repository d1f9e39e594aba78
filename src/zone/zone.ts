import { hashName } from './name-hash.ts'
import { viewOf } from './octet-view.ts'
import { Shard, shardIndex } from './shard.ts'
import { compressSoa, type NegativeSoa, wholeSoa } from './soa-compression.ts'
import type { Segment, ZoneUpdate } from './zone-update.ts'

/** A segment as this thread reads it. */
interface View {
  readonly words: Uint32Array
  readonly octets: Uint8Array
  readonly buffer: SharedArrayBuffer
}

/** Numbers of each shard in ZoneUpdate.shards: index, segment, word. */
const ROW = 3

/** What of a zone comes straight from an update. */
type Facts = Pick<
  ZoneUpdate,
  'epoch' | 'serial' | 'digest' | 'names' | 'records' | 'apex' | 'negativeSoa'
>

/** Where a zone lies. */
interface Layout {
  readonly forward: readonly Shard[]
  readonly reverse: readonly Shard[]
  /** By segment id. */
  readonly views: ReadonlyMap<number, View>
}

const NOTHING: Layout = { forward: [], reverse: [], views: new Map() }

/**
 * The records of a cluster as one reader sees them, over shared memory. Immutable: a change makes
 * another zone, and whoever answers a query holds one zone for all of it. Not for longer than one turn
 * of the event loop, though: once the reader has acknowledged a newer zone (ReaderEpochs), the memory
 * of what changed is used for something else.
 */
export class Zone {
  readonly epoch: number
  readonly serial: number
  /** 32 lower-case hex digits, equal for equal visible records in whatever order they were learned. */
  readonly digest: string
  /** Number of names, empty non-terminals included. */
  readonly names: number
  readonly records: number
  /** Lower-cased wire name of the domain. */
  readonly apex: Uint8Array
  /**
   * The SOA record for the authority section of negative answers: TTL already the lesser of its own
   * and the minimum (RFC 2308 §3); the two octets of its owner are to be patched.
   */
  readonly negativeSoa: Uint8Array
  /** The same, ready for names in the domain, as short as it gets there, and for reverse names. */
  readonly ownNegativeSoa: NegativeSoa
  readonly reverseNegativeSoa: NegativeSoa
  /** Whether there are names outside the domain: reverse names of addresses we own. */
  readonly hasReverseNames: boolean
  /** Holds the SOA and NS of the apex, which reverse names answer with, too; and the node that has them. */
  readonly apexShard: Shard
  readonly apexNode: number
  readonly #forward: readonly Shard[]
  readonly #reverse: readonly Shard[]
  readonly #views: ReadonlyMap<number, View>

  private constructor(facts: Facts, { forward, reverse, views }: Layout, apexShard: Shard) {
    this.epoch = facts.epoch
    this.serial = facts.serial
    this.digest = facts.digest
    this.names = facts.names
    this.records = facts.records
    this.apex = facts.apex
    this.negativeSoa = facts.negativeSoa
    this.ownNegativeSoa = compressSoa(facts.negativeSoa, facts.apex)
    this.reverseNegativeSoa = wholeSoa(facts.negativeSoa)
    this.hasReverseNames = reverse.length > 0
    this.apexShard = apexShard
    const { apex } = facts
    this.apexNode = apexShard.find(hashName(apex, apex.length), viewOf(apex), 0, apex.length)
    this.#forward = forward
    this.#reverse = reverse
    this.#views = views
  }

  /**
   * The zone after an update. Shards that did not change are the same objects as in `previous`.
   *
   * @throws RangeError if the update does not fit `previous`; nothing has changed then
   */
  static from(previous: Zone | undefined, update: ZoneUpdate): Zone {
    if (!update.full && update.epoch !== (previous?.epoch ?? Number.NaN) + 1) {
      throw new RangeError(
        `zone update ${update.epoch} does not follow ${previous?.epoch ?? 'anything'}`,
      )
    }
    const before = update.full || previous === undefined ? NOTHING : previous.#layout()
    const views = viewsOf(before.views, update)
    const forward = kept(before.forward, update.forwardShards)
    const reverse = kept(before.reverse, update.reverseShards)
    const { shards } = update
    for (let row = 0; row < shards.length; row += ROW) {
      const index = shards[row] as number
      const shard = shardAt(views, shards[row + 1] as number, shards[row + 2] as number)
      if (index < forward.length) forward[index] = shard
      else reverse[index - forward.length] = shard
    }
    const layout = {
      forward: complete(forward, update.forwardShards),
      reverse: complete(reverse, update.reverseShards),
      views,
    }
    return new Zone(update, layout, shardAt(views, ...update.apexShard))
  }

  #layout(): Layout {
    return { forward: this.#forward, reverse: this.#reverse, views: this.#views }
  }

  /** The shard that holds names of this hash in the domain. */
  shardOf(hash: number): Shard {
    return this.#forward[shardIndex(hash, this.#forward.length)] as Shard
  }

  /** The shard that holds names of this hash outside the domain; only if `hasReverseNames`. */
  reverseShardOf(hash: number): Shard {
    return this.#reverse[shardIndex(hash, this.#reverse.length)] as Shard
  }

  /** The whole zone as an update, for a reader that has none yet. */
  toUpdate(): ZoneUpdate {
    const { epoch, serial, digest, names, records, apex, negativeSoa } = this
    const idOf = new Map<Uint32Array, number>()
    const segments: Segment[] = []
    for (const [id, { words, buffer }] of this.#views) {
      idOf.set(words, id)
      segments.push({ id, buffer })
    }
    const place = ({ words, base }: Shard): [number, number] => [idOf.get(words) as number, base]
    const all = [...this.#forward, ...this.#reverse]
    return {
      epoch,
      full: true,
      serial,
      digest,
      names,
      records,
      apex,
      segments,
      dropped: [],
      forwardShards: this.#forward.length,
      reverseShards: this.#reverse.length,
      shards: Int32Array.from(all.flatMap((shard, index) => [index, ...place(shard)])),
      apexShard: place(this.apexShard),
      negativeSoa,
    }
  }
}

function viewsOf(
  previous: ReadonlyMap<number, View>,
  { segments, dropped }: ZoneUpdate,
): ReadonlyMap<number, View> {
  if (segments.length === 0 && dropped.length === 0) return previous
  const views = new Map(previous)
  for (const id of dropped) views.delete(id)
  for (const { id, buffer } of segments) {
    views.set(id, { words: new Uint32Array(buffer), octets: new Uint8Array(buffer), buffer })
  }
  return views
}

/** The shards that a change may leave in place: none if their number is another, as then all names move. */
function kept(shards: readonly Shard[], count: number): (Shard | undefined)[] {
  if (shards.length === count) return [...shards]
  return new Array<Shard | undefined>(count).fill(undefined)
}

function complete(shards: readonly (Shard | undefined)[], count: number): readonly Shard[] {
  if (shards.length !== count || shards.includes(undefined)) {
    throw new RangeError('zone update does not have all shards that readers miss')
  }
  return shards as readonly Shard[]
}

function shardAt(views: ReadonlyMap<number, View>, segment: number, word: number): Shard {
  const view = views.get(segment)
  if (view === undefined) throw new RangeError(`zone update names unknown segment ${segment}`)
  return new Shard(view.words, view.octets, word)
}
