import { CLASS, RCODE, TYPE } from '../net/dns-numbers.ts'
import { SRV_FIXED_OCTETS } from '../zone/rdata.ts'
import {
  A_RECORD_OCTETS,
  AAAA_RECORD_OCTETS,
  GLUE_ROW,
  RECORD_FIXED_OCTETS,
  RRSET,
  type Shard,
  TABLE_ROW,
} from '../zone/shard.ts'
import { NEAR_PREFIX } from './client-subnet.ts'
import { type EdnsReply, optOctets, put16, writeOpt } from './edns.ts'
import { FLAG, HEADER_OCTETS } from './gate.ts'
import type { Ordering } from './ordering.ts'
import { MIN_UDP_PAYLOAD, Query } from './query.ts'
import type { AnswerSettings, Transport } from './settings.ts'

/** Largest message over TCP. */
const MAX_MESSAGE = 0xffff
/** A compression pointer reaches this far (RFC 1035 §4.1.4). */
const MAX_POINTER = 0x3fff
/** Most records of one set, and so most targets. */
const MAX_RECORDS = 0xffff

/**
 * Writes one reply at a time: header and question, then sections in order, then the OPT, for which room
 * is kept from the start. Everything it needs is allocated once.
 */
export class Reply {
  out: Uint8Array = new Uint8Array(0)
  /** Most octets the reply may have: what the client takes, and we send. */
  limit = 0
  #message: Uint8Array = new Uint8Array(0)
  #query: Query = new Query()
  readonly #settings: AnswerSettings
  readonly #ordering: Ordering
  readonly #edns: EdnsReply = {
    extendedRcode: 0,
    extendedError: -1,
    keepalive: -1,
    subnetScope: -1,
    cookie: undefined,
  }
  #at = 0
  /** Where records must end, so that the OPT still fits. */
  #end = 0
  #authoritative = false
  #truncated = false
  #answers = 0
  #authorities = 0
  #additionals = 0
  /** Where each answered record of the current set was written. */
  readonly #writtenAt = new Uint16Array(MAX_RECORDS)
  /** Which replies have had a target's glue; compared with the number of this reply. */
  readonly #glueGiven = new Uint32Array(MAX_RECORDS + 1)
  #replies = 0
  #near: Uint8Array | undefined
  #nearShard: Shard | undefined
  #nearSet = 0

  constructor(settings: AnswerSettings, ordering: Ordering) {
    this.#settings = settings
    this.#ordering = ordering
  }

  /** Starts a reply to a parsed query: the question is copied as it was sent (0x20). */
  begin(message: Uint8Array, query: Query, out: Uint8Array, transport: Transport): void {
    this.out = out
    this.#message = message
    this.#query = query
    this.#authoritative = false
    this.#truncated = false
    this.#answers = 0
    this.#authorities = 0
    this.#additionals = 0
    this.#near = undefined
    for (let i = 0; i < query.questionEnd; i++) out[i] = message[i] as number
    this.#at = query.questionEnd
    const edns = this.#edns
    const { payload } = this.#settings.edns
    edns.extendedRcode = 0
    edns.extendedError = -1
    edns.subnetScope = -1
    edns.cookie = undefined
    const onTcp = transport === 'tcp'
    edns.keepalive = onTcp && query.wantsKeepalive ? this.#settings.keepalive : -1
    this.limit = onTcp
      ? MAX_MESSAGE
      : Math.min(query.udpPayload, Math.max(payload, MIN_UDP_PAYLOAD))
    this.#end = this.limit - this.#optOctets()
  }

  #optOctets(): number {
    return this.#query.hasEdns ? optOctets(this.#query, this.#edns, this.#settings.edns) : 0
  }

  /** Ends the reply with an RCODE and, for clients with EDNS, an extended error (RFC 8914). */
  refuse(rcode: number, extendedError = -1): number {
    this.#edns.extendedError = extendedError
    return this.finish(rcode)
  }

  authoritative(): void {
    this.#authoritative = true
  }

  /** Carries this COOKIE option, for which room is kept; its octets have to stay until the reply ends. */
  cookie(option: Uint8Array): void {
    this.#edns.cookie = option
    this.#end -= 4 + option.length
  }

  /**
   * Prefers addresses near this one (4 or 16 octets). A `scope` says that it came as a client subnet
   * option, which is echoed with it.
   */
  near(address: Uint8Array | undefined, scope = -1): void {
    this.#near = address
    this.#edns.subnetScope = scope
    if (this.#query.hasEdns && scope >= 0) this.#end -= 4 + this.#query.subnetLength
  }

  /**
   * Answers with a set, as many records as fit, then with the addresses of their targets where those fit
   * too. What does not fit is cut from a stable order before anything is shuffled, so that clients that
   * use truncated answers, such as HAProxy, see the same records each time.
   */
  answerSet(shard: Shard, rrset: number, owner: number): void {
    const { words } = shard
    const count = words[rrset + RRSET.COUNT] as number
    const { maxAnswers } = this.#settings
    const wanted = maxAnswers === 0 ? count : Math.min(maxAnswers, count)
    const room = this.#end - this.#at
    const most =
      wanted === count
        ? (words[rrset + RRSET.LENGTH] as number)
        : wanted * (words[rrset + RRSET.RECORD_LENGTH] as number)
    const pool = most <= room ? count : fittingRecords(shard, rrset, room)
    const take = Math.min(pool, wanted)
    if (take < wanted) this.#truncated = true
    if (take === 0) return
    this.#order(shard, rrset, pool, take)
    this.#writeRecords(shard, rrset, take, owner)
    this.#answers += take
    const type = words[rrset + RRSET.TYPE]
    if (type === TYPE.SRV) this.#writeGlue(shard, rrset, take, SRV_FIXED_OCTETS)
    else if (type === TYPE.NS) this.#writeGlue(shard, rrset, take, 0)
  }

  #order(shard: Shard, rrset: number, pool: number, take: number): void {
    const ordering = this.#ordering
    let turn = 0
    if (ordering.policy === 'roundrobin' && pool > 1) {
      turn = Atomics.add(shard.words, rrset + RRSET.ROTATION, 1)
    }
    const octets = shard.words[rrset + RRSET.RECORD_LENGTH] as number
    if (this.#near === undefined || octets !== RECORD_FIXED_OCTETS + this.#near.length) {
      ordering.choose(pool, take, turn)
      return
    }
    ordering.choose(pool, pool, turn)
    this.#nearShard = shard
    this.#nearSet = rrset
    ordering.nearFirst(pool, this.#isNear)
  }

  readonly #isNear = (place: number): boolean => {
    const near = this.#near as Uint8Array
    const { words, octets } = this.#nearShard as Shard
    const record =
      (words[this.#nearSet + RRSET.AT] as number) + place * (RECORD_FIXED_OCTETS + near.length)
    const prefix = (near.length === 4 ? NEAR_PREFIX.IPV4 : NEAR_PREFIX.IPV6) / 8
    for (let i = 0; i < prefix; i++) {
      if (octets[record + RECORD_FIXED_OCTETS + i] !== near[i]) return false
    }
    return true
  }

  #writeRecords(shard: Shard, rrset: number, take: number, owner: number): void {
    const { words } = shard
    const { places } = this.#ordering
    const table = words[rrset + RRSET.TABLE] as number
    const first = words[rrset + RRSET.AT] as number
    let length = words[rrset + RRSET.RECORD_LENGTH] as number
    for (let i = 0; i < take; i++) {
      const place = places[i] as number
      let from = first + place * length
      if (table !== 0) {
        const row = table + place * TABLE_ROW.WORDS
        from = words[row + TABLE_ROW.AT] as number
        length = words[row + TABLE_ROW.LENGTH] as number
      }
      this.#writtenAt[i] = this.#at
      this.#copy(shard, from, length, owner)
    }
  }

  /** Copies a ready-made record, its owner made a pointer to the name at `owner` in the reply. */
  #copy(shard: Shard, from: number, length: number, owner: number): void {
    put16(this.out, this.#at, 0xc000 | owner)
    this.#at += 2
    this.#copyBody(shard, from, length)
  }

  /** Copies a ready-made record without its owner. */
  #copyBody(shard: Shard, from: number, length: number): void {
    const { out } = this
    const { octets } = shard
    const shift = this.#at - from - 2
    for (let i = from + 2; i < from + length; i++) out[i + shift] = octets[i] as number
    this.#at += length - 2
  }

  /**
   * Adds the addresses of the answered targets, each target once and each address set whole or not at
   * all. Missing ones are no truncation (RFC 2181 §9).
   */
  #writeGlue(shard: Shard, rrset: number, take: number, targetOffset: number): void {
    const { words } = shard
    const { places } = this.#ordering
    const table = words[rrset + RRSET.TABLE] as number
    const glueTable = table + (words[rrset + RRSET.COUNT] as number) * TABLE_ROW.WORDS
    const given = this.#glueGiven
    this.#replies = (this.#replies + 1) >>> 0
    if (this.#replies === 0) given.fill(0)
    for (let i = 0; i < take; i++) {
      const row = table + (places[i] as number) * TABLE_ROW.WORDS
      const glue = words[row + TABLE_ROW.GLUE] as number
      if (glue === 0 || given[glue] === this.#replies) continue
      given[glue] = this.#replies
      const target = (this.#writtenAt[i] as number) + RECORD_FIXED_OCTETS + targetOffset
      const targetOctets =
        (words[row + TABLE_ROW.LENGTH] as number) - RECORD_FIXED_OCTETS - targetOffset
      const glueRow = glueTable + (glue - 1) * GLUE_ROW.WORDS
      const from = words[glueRow + GLUE_ROW.AT] as number
      const a = words[glueRow + GLUE_ROW.A_COUNT] as number
      const aaaa = words[glueRow + GLUE_ROW.AAAA_COUNT] as number
      this.#writeAddresses(shard, from, a, A_RECORD_OCTETS, target, targetOctets)
      const aaaaFrom = from + a * A_RECORD_OCTETS
      this.#writeAddresses(shard, aaaaFrom, aaaa, AAAA_RECORD_OCTETS, target, targetOctets)
    }
  }

  #writeAddresses(
    shard: Shard,
    from: number,
    count: number,
    octets: number,
    target: number,
    targetOctets: number,
  ): void {
    const pointable = target <= MAX_POINTER
    const each = pointable ? octets : octets - 2 + targetOctets
    if (this.#at + count * each > this.#end) return
    for (let record = from; record < from + count * octets; record += octets) {
      if (pointable) {
        this.#copy(shard, record, octets, target)
      } else {
        this.out.copyWithin(this.#at, target, target + targetOctets)
        this.#at += targetOctets
        this.#copyBody(shard, record, octets)
      }
    }
    this.#additionals += count
  }

  /**
   * Answers with the CNAME record at `from` in the shard; returns where its target was written, or 0 if
   * it did not fit.
   */
  answerCname(shard: Shard, from: number, owner: number): number {
    const length =
      RECORD_FIXED_OCTETS +
      (((shard.octets[from + 10] as number) << 8) | (shard.octets[from + 11] as number))
    if (this.#at + length > this.#end) {
      this.#truncated = true
      return 0
    }
    const target = this.#at + RECORD_FIXED_OCTETS
    this.#copy(shard, from, length, owner)
    this.#answers++
    return target
  }

  /** Answers with a record made on the spot, owned by the question, in class IN. */
  record(type: number, ttl: number, rdata: Uint8Array): void {
    const record = new Uint8Array(RECORD_FIXED_OCTETS + rdata.length)
    const view = new DataView(record.buffer)
    view.setUint16(0, 0xc000 | HEADER_OCTETS)
    view.setUint16(2, type)
    view.setUint16(4, CLASS.IN)
    view.setUint32(6, ttl)
    view.setUint16(10, rdata.length)
    record.set(rdata, RECORD_FIXED_OCTETS)
    this.readyRecord(record)
  }

  /** Answers with a whole record in wire form. */
  readyRecord(record: Uint8Array): void {
    if (this.#at + record.length > this.#end) {
      this.#truncated = true
      return
    }
    this.out.set(record, this.#at)
    this.#at += record.length
    this.#answers++
  }

  /** Ends a reply that denies something: the SOA, owned by the name at `owner`, says for how long. */
  negative(rcode: number, soa: Uint8Array, owner: number): number {
    if (this.#at + soa.length > this.#end) {
      this.#truncated = true
      return this.finish(rcode)
    }
    this.out.set(soa, this.#at)
    put16(this.out, this.#at, 0xc000 | owner)
    this.#at += soa.length
    this.#authorities++
    return this.finish(rcode)
  }

  /** Writes the OPT and the header; returns the length of the reply. */
  finish(rcode: number = RCODE.NOERROR): number {
    const { out } = this
    const settings = this.#settings
    if (this.#query.hasEdns) {
      this.#edns.extendedRcode = rcode >> 4
      this.#at = writeOpt(out, this.#at, this.#message, this.#query, this.#edns, settings.edns)
      this.#additionals++
    }
    const flags = this.#message[2] as number
    const truncated = this.#truncated && settings.setTruncateBit
    out[2] =
      FLAG.QR |
      (flags & (0x78 | FLAG.RD)) |
      (this.#authoritative ? FLAG.AA : 0) |
      (truncated ? FLAG.TC : 0)
    out[3] =
      (settings.recurseOn ? FLAG.RA : 0) | ((this.#message[3] as number) & FLAG.CD) | (rcode & 0x0f)
    put16(out, 4, this.#query.hasQuestion ? 1 : 0)
    put16(out, 6, this.#answers)
    put16(out, 8, this.#authorities)
    put16(out, 10, this.#additionals)
    return this.#at
  }
}

/** How many records of a set, counted from the first, fit into `room` octets. */
function fittingRecords(shard: Shard, rrset: number, room: number): number {
  const { words } = shard
  const table = words[rrset + RRSET.TABLE] as number
  if (table === 0)
    return Math.max(0, Math.floor(room / (words[rrset + RRSET.RECORD_LENGTH] as number)))
  const count = words[rrset + RRSET.COUNT] as number
  let used = 0
  for (let i = 0; i < count; i++) {
    used += words[table + i * TABLE_ROW.WORDS + TABLE_ROW.LENGTH] as number
    if (used > room) return i
  }
  return count
}

/** A reply of nothing but a header, for messages whose question could not be read; returns its length. */
export function headerOnly(message: Uint8Array, out: Uint8Array, rcode: number): number {
  out[0] = message[0] as number
  out[1] = message[1] as number
  out[2] = FLAG.QR | ((message[2] as number) & (0x78 | FLAG.RD))
  out[3] = rcode
  out.fill(0, 4, HEADER_OCTETS)
  return HEADER_OCTETS
}
