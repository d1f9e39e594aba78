import * as numbers from '../net/dns-numbers.ts'
import { copyOctets } from '../zone/octet-view.ts'
import type { Shard } from '../zone/shard.ts'
import * as layout from '../zone/shard.ts'
import type { Zone } from '../zone/zone.ts'
import { ReadAhead } from './read-ahead.ts'
import type { Reply } from './reply.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { TYPE } = numbers
const { A_RECORD_OCTETS, MAX_RECORDS, NODE, RRSET, TABLE_ROW } = layout

/** A compression pointer reaches this far (RFC 1035 §4.1.4). */
const MAX_POINTER = 0x3fff

const POINTER_OCTETS = 2

/** Words of an entry of the table of targets: number of the reply, hash of the name, node. */
const ENTRY_WORDS = 3
const MAX_ENTRIES = 2 ** Math.ceil(Math.log2(2 * MAX_RECORDS))

/** Adds the addresses of the targets of SRV and NS records to a reply (RFC 2782, RFC 1035 §3.3.11). */
export class GlueWriter {
  readonly #reply: Reply
  /**
   * Open addressing table of the targets that this reply has had. An entry with the number of another
   * reply is free; so nothing has to be cleared, and few targets touch only the table's first entries.
   */
  readonly #given = new Int32Array(MAX_ENTRIES * ENTRY_WORDS)
  #replies = 0
  readonly #readAhead = new ReadAhead()

  constructor(reply: Reply) {
    this.#reply = reply
  }

  /**
   * Adds what the first `count` of the `places` in a set need. Each target comes once, and each address
   * set whole or not at all; missing ones are no truncation (RFC 2181 §9). `writtenAt` says where in the
   * reply the records stand; their target is `targetOffset` octets further.
   */
  write(
    zone: Zone,
    shard: Shard,
    rrset: number,
    count: number,
    places: Uint16Array,
    writtenAt: Uint16Array,
    targetOffset: number,
  ): void {
    const { words, view } = shard
    const reply = this.#reply
    const table = words[rrset + RRSET.TABLE] as number
    const mask = this.#begin(count)
    const readAhead = this.#readAhead
    const readsAhead = count > 1 && ReadAhead.pays(zone)
    for (let i = 0; i < count; i++) {
      if (readsAhead && i % ReadAhead.MOST === 0) {
        for (let k = i; k < count && k < i + ReadAhead.MOST; k++) {
          const row = table + (places[k] as number) * TABLE_ROW.WORDS
          readAhead.add((words[row + TABLE_ROW.TARGET_HASH] as number) | 0)
        }
        readAhead.read(zone)
      }
      if (reply.end - reply.at < A_RECORD_OCTETS) return
      const row = table + (places[i] as number) * TABLE_ROW.WORDS
      const hash = (words[row + TABLE_ROW.TARGET_HASH] as number) | 0
      const at = (words[row + TABLE_ROW.AT] as number) + targetOffset
      const length = (words[row + TABLE_ROW.LENGTH] as number) - targetOffset
      const targetShard = zone.shardOf(hash)
      const node = targetShard.find(hash, view, at, length)
      if (node === 0 || !this.#isFirst(hash, node, mask)) continue
      const target = (writtenAt[i] as number) + targetOffset
      this.#writeAddresses(targetShard, node, target, length)
    }
  }

  /** Forgets all targets. Returns the mask for a table in which `count` fill at most half. */
  #begin(count: number): number {
    this.#replies = (this.#replies + 1) | 0
    if (this.#replies === 0) {
      this.#given.fill(0)
      this.#replies = 1
    }
    return 2 ** (32 - Math.clz32(2 * count - 1)) - 1
  }

  /** Whether a target is asked for the first time. Names of one hash lie in one shard, so nodes tell them apart. */
  #isFirst(hash: number, node: number, mask: number): boolean {
    const given = this.#given
    const reply = this.#replies
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slot * ENTRY_WORDS
      if (given[entry] !== reply) {
        given[entry] = reply
        given[entry + 1] = hash
        given[entry + 2] = node
        return true
      }
      if (given[entry + 2] === node && given[entry + 1] === hash) return false
    }
  }

  /** Writes the address sets of a node, A first: sets are sorted by type. */
  #writeAddresses(shard: Shard, node: number, target: number, targetOctets: number): void {
    const { words } = shard
    let rrset = node + NODE.WORDS
    for (let left = words[node + NODE.RRSETS] as number; left > 0; left--) {
      const type = words[rrset + RRSET.TYPE]
      if (type === TYPE.A || type === TYPE.AAAA) this.#writeSet(shard, rrset, target, targetOctets)
      rrset += RRSET.WORDS
    }
  }

  /** Writes an address set owned by the name at `target` in the reply, `targetOctets` long, if all of it fits. */
  #writeSet(shard: Shard, rrset: number, target: number, targetOctets: number): void {
    const { words } = shard
    const reply = this.#reply
    const { view } = reply
    const octets = shard.view
    const pointable = target <= MAX_POINTER
    const count = words[rrset + RRSET.COUNT] as number
    const length = words[rrset + RRSET.RECORD_LENGTH] as number
    const ownerOctets = pointable ? POINTER_OCTETS : targetOctets
    const step = length - POINTER_OCTETS + ownerOctets
    let { at } = reply
    if (at + count * step > reply.end) return
    let from = words[rrset + RRSET.AT] as number
    for (let left = count; left > 0; left--) {
      // The pointer that is copied first is written over by the owner.
      copyOctets(view, at + ownerOctets - POINTER_OCTETS, octets, from, length)
      if (pointable) view.setUint16(at, 0xc000 | target)
      else copyOctets(view, at, view, target, targetOctets)
      at += step
      from += length
    }
    reply.at = at
    reply.additionals += count
  }
}
