import type { Config } from '../config/schema.ts'
import { TYPE } from '../net/dns-numbers.ts'
import type { ConflictKind } from '../records/conflicts.ts'
import { type ContributionSink, RANK, type Rank, type Sign } from '../records/contribution.ts'
import type { RecordType } from '../records/record-set.ts'
import { ApexShardWriter } from './apex-shard.ts'
import { Arena } from './arena.ts'
import { conflictAt } from './conflict.ts'
import { ContributionLog, contributionKey } from './contribution-log.ts'
import type { ReaderEpochs } from './epochs.ts'
import type { NodeMerge } from './node-merge.ts'
import { OctetWriter } from './octet-writer.ts'
import { compareAddresses } from './own-addresses.ts'
import { ownerToWire, wireToName } from './owner-name.ts'
import { isEveryones, MAX_REVERSE_OCTETS, writeReverseName } from './reverse-name.ts'
import { nextSerial } from './serial.ts'
import { ShardTable, type TableMerge } from './shard-table.ts'
import type { WrittenShard } from './shard-writer.ts'
import { negativeSoa, type ZoneConfig } from './soa.ts'
import type { ZoneUpdate } from './zone-update.ts'

export interface ZoneStoreOptions {
  readonly config: ZoneConfig & Pick<Config, 'reverseDnsOn'>
  /** What readers have come to: memory that none of them reads any more is used again. */
  readonly epochs: ReaderEpochs
  /** Serial of the zone that a store before this one made last; the next is newer. */
  readonly serial?: number | undefined
  /** Epoch of that zone. */
  readonly epoch?: number | undefined
  /** Its digest: if the first commit comes to the same, the serial stays. */
  readonly digest?: string | undefined
  /**
   * A store of this thread whose memory this one goes on with: with the first commit of this one it is at its
   * end; until then either may commit, but not both.
   */
  readonly predecessor?: ZoneStore | undefined
}

/** What a commit came to. */
export interface Commit {
  /** Whether readers see other records than before; if not, the serial is the same. */
  readonly changed: boolean
  /** For readers; undefined if nothing has moved. Without a change there may be one all the same. */
  readonly update: ZoneUpdate | undefined
  readonly serial: number
  readonly digest: string
  readonly names: number
  readonly records: number
}

/** A zone that readers have been told of. */
interface Published {
  readonly serial: number
  readonly digest: string
  readonly apexShard: WrittenShard
  readonly negativeSoa: Uint8Array
}

/** The two tables with a log merged into them. */
interface Merged {
  readonly forward: TableMerge
  readonly reverse: TableMerge
}

/**
 * The zone as its writer has it: takes contributions in, and with each commit makes those shards anew
 * that they change.
 */
export class ZoneStore implements ContributionSink {
  readonly #options: Omit<ZoneStoreOptions, 'predecessor'>
  #predecessor: ZoneStore | undefined
  readonly #apexName: string
  readonly #apex: Uint8Array
  readonly #arena: Arena
  readonly #forward: ShardTable
  readonly #reverse: ShardTable
  readonly #apexShards: ApexShardWriter
  readonly #forwardLog = new ContributionLog()
  readonly #reverseLog = new ContributionLog()
  readonly #conflicts = new Map<string, ConflictKind>()
  /** What becomes of #conflicts with the merge at hand. */
  #conflictChanges: [name: string, conflict: ConflictKind | undefined][] = []
  readonly #address = new OctetWriter()
  readonly #reverseName = new Uint8Array(MAX_REVERSE_OCTETS)
  #published: Published | undefined
  #epoch: number
  /** Number of reverse shards that readers know of: none as long as they would find no name in them. */
  #reverseShards = 0

  constructor({ predecessor, ...options }: ZoneStoreOptions) {
    const { config } = options
    this.#options = options
    this.#predecessor = predecessor
    this.#arena = predecessor === undefined ? new Arena() : predecessor.#arena
    this.#epoch = options.epoch ?? 0
    this.#apexName = `${config.domain}.`
    const apex = ownerToWire(this.#apexName)
    if (apex === undefined) throw new RangeError(`domain ${config.domain} has no wire form`)
    this.#apex = apex
    this.#apexShards = new ApexShardWriter(config)
    const defaultTtl = config.ttl
    this.#forward = new ShardTable(this.#arena, { apexLength: apex.length, defaultTtl })
    this.#reverse = new ShardTable(this.#arena, { apexLength: undefined, defaultTtl })
  }

  /** Names that something contributes to and that belong to something else, and why. */
  get conflicts(): ReadonlyMap<string, ConflictKind> {
    return this.#conflicts
  }

  /** What a store after this one begins with; undefined before the first commit. */
  get present(): Pick<ZoneUpdate, 'serial' | 'epoch' | 'digest'> | undefined {
    const { serial, digest } = this.#published ?? {}
    if (serial === undefined || digest === undefined) return undefined
    return { serial, digest, epoch: this.#epoch }
  }

  /** Octets of shared memory there are, and in use. */
  get memory(): { readonly octets: number; readonly usedOctets: number } {
    return this.#arena
  }

  record(
    sign: Sign,
    type: RecordType,
    name: string,
    rdata: string,
    rank: Rank,
    ttl?: number | undefined,
  ): void {
    const log = this.#isBelowApex(name) ? this.#forwardLog : this.#reverseLog
    if (log === this.#reverseLog && type !== 'PTR') return
    const owner = log.owner(name)
    if (owner !== 0) log.record(sign, owner, type, rdata, rank, ttl ?? this.#options.config.ttl)
  }

  ownName(sign: Sign, name: string): void {
    const owner = this.#isBelowApex(name) ? this.#forwardLog.owner(name) : 0
    if (owner !== 0) this.#forwardLog.hold(sign, owner)
  }

  agentAddress(sign: Sign, address: string): void {
    const octets = this.#address
    octets.clear()
    if (!this.#options.config.reverseDnsOn) return
    if (!octets.address(address, 4) && !octets.address(address, 16)) return
    this.#reverseLog.hold(sign, this.#reverseOwner(octets.octets, 0, octets.length))
  }

  /**
   * Makes what has been contributed since the last commit part of the zone. `receivedAt` (ms since the
   * epoch) is the time that a new serial is made from.
   *
   * @throws RangeError when the system has no more memory; the zone stays, what was contributed is lost
   */
  commit({ receivedAt }: { readonly receivedAt: number }): Commit {
    this.#arena.reclaim(this.#options.epochs.oldest())
    // There is a name of the domain even if nothing is contributed to it.
    if (this.#published === undefined) this.#forwardLog.owner(this.#apexName)
    try {
      return this.#publish(this.#merge(), receivedAt)
    } finally {
      this.discard()
    }
  }

  /** Forgets what has been contributed since the last commit. */
  discard(): void {
    this.#forwardLog.clear()
    this.#reverseLog.clear()
    this.#conflictChanges = []
  }

  #isBelowApex(name: string): boolean {
    const apex = this.#apexName
    if (!name.endsWith(apex)) return false
    return name.length === apex.length || name.charCodeAt(name.length - apex.length - 1) === 0x2e
  }

  #reverseOwner(address: Uint8Array, at: number, length: number): number {
    const end = writeReverseName(this.#reverseName, address, at, length)
    return this.#reverseLog.ownerOf(this.#reverseName, 0, end)
  }

  /** Forward names first, since the addresses of tasks' own names make reverse names. */
  #merge(): Merged {
    this.#forwardLog.settle(this.#apex.length)
    const forward = this.#forward.merge(this.#forwardLog, (node) => {
      if (this.#options.config.reverseDnsOn) this.#followAddresses(node)
      this.#noteConflict(node)
    })
    try {
      return { forward, reverse: this.#reverse.merge(this.#reverseLog, () => {}) }
    } catch (error) {
      this.#forward.abandon(forward)
      throw error
    }
  }

  #followAddresses(node: NodeMerge): void {
    if (node.holders === 0 && node.holdersBefore === 0) return
    if (node.holdersBefore > 0) node.markBefore()
    const key = contributionKey(TYPE.PTR, RANK.SERVED)
    compareAddresses(
      node.holdersBefore > 0 ? node.before : undefined,
      node.holders > 0 ? node.rows : undefined,
      (sign, octets, at, length) => {
        if (isEveryones(octets, at, length)) return
        const owner = this.#reverseOwner(octets, at, length)
        const { ttl } = this.#options.config
        const log = this.#reverseLog
        log.recordOf(sign, owner, key, ttl, node.octets, node.nameAt, node.nameLength)
      },
    )
  }

  #noteConflict(node: NodeMerge): void {
    const conflict = conflictAt(node.rows)
    if (conflict === undefined && this.#conflicts.size === 0) return
    this.#conflictChanges.push([wireToName(node.octets, node.nameAt), conflict])
  }

  #publish(merged: Merged, receivedAt: number): Commit {
    const { forward, reverse } = merged
    const before = this.#published
    const digest = forward.digest.plus(reverse.digest).toString()
    const hasMoved = forward.replaced.length + reverse.replaced.length > 0
    const changed = this.#isChanged(merged, digest)
    let update: ZoneUpdate | undefined
    if (before === undefined || hasMoved) {
      const published = this.#publication(merged, { digest, changed, receivedAt })
      const epoch = this.#epoch + 1
      // Before anything is retired: if it fails, readers keep what they have.
      update = this.#update(merged, published, epoch)
      this.#forward.install(forward, epoch)
      this.#reverse.install(reverse, epoch)
      if (before !== undefined && before.apexShard !== published.apexShard) {
        this.#arena.retire(before.apexShard.region, epoch)
      }
      if (this.#predecessor !== undefined) this.#predecessor.#retire(epoch)
      this.#predecessor = undefined
      this.#epoch = epoch
      this.#published = published
    }
    for (const [name, conflict] of this.#conflictChanges) {
      if (conflict === undefined) this.#conflicts.delete(name)
      else this.#conflicts.set(name, conflict)
    }
    const { serial } = this.#published as Published
    const names = forward.names + reverse.names
    return { changed, update, serial, digest, names, records: forward.records + reverse.records }
  }

  /** The zone of this epoch is the first one with nothing of this store. */
  #retire(epoch: number): void {
    if (this.#published === undefined) return
    for (const { shards } of [this.#forward.state, this.#reverse.state]) {
      for (const { region } of shards) this.#arena.retire(region, epoch)
    }
    this.#arena.retire(this.#published.apexShard.region, epoch)
  }

  #isChanged({ forward, reverse }: Merged, digest: string): boolean {
    if (this.#published !== undefined) return forward.changed || reverse.changed
    return this.#options.serial === undefined || this.#options.digest !== digest
  }

  /** What becomes of the serial and what depends on it. */
  #publication(
    merged: Merged,
    {
      digest,
      changed,
      receivedAt,
    }: { readonly digest: string; readonly changed: boolean; readonly receivedAt: number },
  ): Published {
    const before = this.#published
    if (before !== undefined && !changed) return { ...before, digest }
    const { config } = this.#options
    const last = before?.serial ?? this.#options.serial
    const serial = changed || last === undefined ? nextSerial(last, receivedAt / 1000) : last
    try {
      const apexShard = this.#apexShards.write(this.#arena, serial)
      return { serial, digest, apexShard, negativeSoa: negativeSoa(config, serial) }
    } catch (error) {
      this.#forward.abandon(merged.forward)
      this.#reverse.abandon(merged.reverse)
      throw error
    }
  }

  #update({ forward, reverse }: Merged, published: Published, epoch: number): ZoneUpdate {
    const full = this.#published === undefined
    const changes = this.#arena.takeChanges()
    const reverseShards = reverse.names === 0 ? 0 : reverse.shards.length
    const rows: number[] = []
    listShards(forward, { full, offset: 0, rows })
    if (reverseShards > 0) {
      const isNew = full || reverseShards !== this.#reverseShards
      listShards(reverse, { full: isNew, offset: forward.shards.length, rows })
    }
    this.#reverseShards = reverseShards
    const { region } = published.apexShard
    return {
      epoch,
      full,
      serial: published.serial,
      digest: published.digest,
      names: forward.names + reverse.names,
      records: forward.records + reverse.records,
      apex: this.#apex,
      segments: full ? this.#arena.segments() : changes.added,
      dropped: full ? [] : changes.dropped,
      forwardShards: forward.shards.length,
      reverseShards,
      shards: Int32Array.from(rows),
      apexShard: [region.segment, region.word],
      negativeSoa: published.negativeSoa,
    }
  }
}

/** Appends the rows of ZoneUpdate.shards for all shards, or for those that were replaced. */
function listShards(
  { shards, replaced }: TableMerge,
  { full, offset, rows }: { full: boolean; offset: number; rows: number[] },
): void {
  for (const index of full ? shards.keys() : replaced) {
    const { region } = shards[index] as WrittenShard
    rows.push(offset + index, region.segment, region.word)
  }
}
