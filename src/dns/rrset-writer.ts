import * as numbers from '../net/dns-numbers.ts'
import { copyOctets } from '../zone/octet-view.ts'
import * as rdata from '../zone/rdata.ts'
import type { Shard } from '../zone/shard.ts'
import * as layout from '../zone/shard.ts'
import type { Zone } from '../zone/zone.ts'
import * as clientSubnet from './client-subnet.ts'
import { GlueWriter } from './glue-writer.ts'
import type { Ordering } from './ordering.ts'
import type { Reply } from './reply.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { MAX_RECORDS, RECORD_FIXED_OCTETS, RRSET, TABLE_ROW } = layout
const { TYPE } = numbers
const { SRV_FIXED_OCTETS } = rdata
const { NEAR_OCTETS } = clientSubnet

const MAX_ADDRESS_OCTETS = 16

/** Writes answer sets into a reply: which records, in which order, and what they need besides. */
export class RRsetWriter {
  readonly #reply: Reply
  readonly #ordering: Ordering
  readonly #glue: GlueWriter
  /** Most records of a set in an answer, 0 for all. */
  readonly #maxAnswers: number
  /** Where each answered record of the current set was written. */
  readonly #writtenAt = new Uint16Array(MAX_RECORDS)
  /** The address whose neighbours come first, and its length: 0 if none do. */
  readonly #near = new Uint8Array(MAX_ADDRESS_OCTETS)
  #nearLength = 0

  constructor(reply: Reply, ordering: Ordering, maxAnswers: number) {
    this.#reply = reply
    this.#ordering = ordering
    this.#glue = new GlueWriter(reply)
    this.#maxAnswers = maxAnswers
  }

  /**
   * Prefers addresses near one of `length` octets, 4 or 16, of which those that count stand at `at`.
   * It holds until it is called again; a length of 0 ends it.
   */
  near(octets: Uint8Array, at: number, length: number): void {
    const count = length === 4 ? NEAR_OCTETS.IPV4 : NEAR_OCTETS.IPV6
    for (let i = 0; i < count; i++) this.#near[i] = octets[at + i] as number
    this.#nearLength = length
  }

  /** Prefers no address. */
  nearNone(): void {
    this.#nearLength = 0
  }

  /**
   * Answers with a set, as many records as fit, then with the addresses of their targets where those fit
   * too. What does not fit is cut from a stable order before anything is shuffled, so that clients that
   * use truncated answers, such as HAProxy, see the same records each time.
   */
  answer(zone: Zone, shard: Shard, rrset: number, owner: number): void {
    const { words } = shard
    const reply = this.#reply
    const maxAnswers = this.#maxAnswers
    const count = words[rrset + RRSET.COUNT] as number
    const wanted = maxAnswers === 0 ? count : Math.min(maxAnswers, count)
    const room = reply.end - reply.at
    const most =
      wanted === count
        ? (words[rrset + RRSET.LENGTH] as number)
        : wanted * (words[rrset + RRSET.RECORD_LENGTH] as number)
    const pool = most <= room ? count : fittingRecords(shard, rrset, room)
    const take = Math.min(pool, wanted)
    if (take < wanted) reply.truncated = true
    if (take === 0) return
    this.#order(shard, rrset, pool, take)
    if (words[rrset + RRSET.TABLE] === 0) this.#writeEqual(shard, rrset, take, owner)
    else this.#writeTable(shard, rrset, take, owner)
    reply.answers += take
    const type = words[rrset + RRSET.TYPE] as number
    if (type !== TYPE.SRV && type !== TYPE.NS) return
    const { places } = this.#ordering
    const targetOffset = RECORD_FIXED_OCTETS + (type === TYPE.SRV ? SRV_FIXED_OCTETS : 0)
    this.#glue.write(zone, shard, rrset, take, places, this.#writtenAt, targetOffset)
  }

  /**
   * Answers with a CNAME set, of which there is one record; returns where its target was written, or 0 if
   * it did not fit.
   */
  answerCname(shard: Shard, rrset: number, owner: number): number {
    const { words } = shard
    const reply = this.#reply
    const length = words[rrset + RRSET.RECORD_LENGTH] as number
    if (reply.at + length > reply.end) {
      reply.truncated = true
      return 0
    }
    const target = reply.at + RECORD_FIXED_OCTETS
    const from = words[rrset + RRSET.AT] as number
    reply.at = copyRecord(reply.view, reply.at, shard.view, from, length, owner)
    reply.answers++
    return target
  }

  #order(shard: Shard, rrset: number, pool: number, take: number): void {
    const ordering = this.#ordering
    const { words } = shard
    let turn = 0
    if (ordering.policy === 'roundrobin' && pool > 1) {
      // Two threads may count at once and take the same turn, which does nobody harm.
      turn = words[rrset + RRSET.ROTATION] as number
      words[rrset + RRSET.ROTATION] = turn + 1
    }
    const length = words[rrset + RRSET.RECORD_LENGTH] as number
    const nearLength = this.#nearLength
    if (nearLength === 0 || length !== RECORD_FIXED_OCTETS + nearLength) {
      ordering.choose(pool, take, turn % pool)
      return
    }
    ordering.choose(pool, pool, turn % pool)
    const first = (words[rrset + RRSET.AT] as number) + RECORD_FIXED_OCTETS
    const prefix = nearLength === 4 ? NEAR_OCTETS.IPV4 : NEAR_OCTETS.IPV6
    ordering.nearFirst(pool, shard.octets, first, length, this.#near, prefix)
  }

  /** Writes the chosen ones of records that are equally long. */
  #writeEqual(shard: Shard, rrset: number, take: number, owner: number): void {
    const { words } = shard
    const { places } = this.#ordering
    const { view } = this.#reply
    const octets = shard.view
    const first = words[rrset + RRSET.AT] as number
    const length = words[rrset + RRSET.RECORD_LENGTH] as number
    let { at } = this.#reply
    for (let i = 0; i < take; i++) {
      at = copyRecord(view, at, octets, first + (places[i] as number) * length, length, owner)
    }
    this.#reply.at = at
  }

  #writeTable(shard: Shard, rrset: number, take: number, owner: number): void {
    const { words } = shard
    const { places } = this.#ordering
    const { view } = this.#reply
    const octets = shard.view
    const writtenAt = this.#writtenAt
    const table = words[rrset + RRSET.TABLE] as number
    let { at } = this.#reply
    for (let i = 0; i < take; i++) {
      const row = table + (places[i] as number) * TABLE_ROW.WORDS
      const from = words[row + TABLE_ROW.AT] as number
      const length = words[row + TABLE_ROW.LENGTH] as number
      writtenAt[i] = at
      at = copyRecord(view, at, octets, from, length, owner)
    }
    this.#reply.at = at
  }
}

/**
 * Copies a ready-made record, its owner made a pointer to the name at `owner` in the reply; returns where
 * it ends.
 */
function copyRecord(
  reply: DataView,
  at: number,
  octets: DataView,
  from: number,
  length: number,
  owner: number,
): number {
  copyOctets(reply, at, octets, from, length)
  reply.setUint16(at, 0xc000 | owner)
  return at + length
}

/** How many records of a set, counted from the first, fit into `room` octets. */
function fittingRecords({ words }: Shard, rrset: number, room: number): number {
  const table = words[rrset + RRSET.TABLE] as number
  if (table === 0) {
    return Math.max(0, Math.floor(room / (words[rrset + RRSET.RECORD_LENGTH] as number)))
  }
  const count = words[rrset + RRSET.COUNT] as number
  let used = 0
  for (let i = 0; i < count; i++) {
    used += words[table + i * TABLE_ROW.WORDS + TABLE_ROW.LENGTH] as number
    if (used > room) return i
  }
  return count
}
