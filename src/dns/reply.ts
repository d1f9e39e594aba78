import * as numbers from '../net/dns-numbers.ts'
import { viewOf } from '../zone/octet-view.ts'
import type { NegativeSoa } from '../zone/soa-compression.ts'
import { MAX_SUBNET_OCTETS, SUBNET_SCOPE_AT } from './client-subnet.ts'
import { type EdnsReply, EXTENDED_ERROR_OCTETS, optOctets, put16, writeOpt } from './edns.ts'
import * as gate from './gate.ts'
import { MIN_UDP_PAYLOAD, Query } from './query.ts'
import type { AnswerSettings, Transport } from './settings.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { EXTENDED_ERROR, RCODE } = numbers
const { FLAG, HEADER_OCTETS } = gate

/** What a compression pointer is marked with (RFC 1035 §4.1.4). */
const POINTER = 0xc000

/** Largest message over TCP. */
const MAX_MESSAGE = 0xffff

/**
 * Writes one reply at a time: header and question, then sections in order, then the OPT, for which room
 * is kept from the start. Everything it needs is allocated once.
 */
export class Reply {
  out: Uint8Array = new Uint8Array(0)
  view: DataView = viewOf(this.out)
  /** Most octets the reply may have: what the client takes, and we send. */
  limit = 0
  /** Where the next record goes, and where records must end, so that the OPT still fits. */
  at = 0
  end = 0
  /** Records in the sections so far. */
  answers = 0
  authorities = 0
  additionals = 0
  /** Whether something that belongs into the reply did not fit. */
  truncated = false
  authoritative = false
  /** Whether what it tells may be out of date, which clients with EDNS are told where there is room. */
  stale = false
  #message: Uint8Array = new Uint8Array(0)
  #query: Query = new Query()
  readonly #settings: AnswerSettings
  readonly #edns: EdnsReply = {
    extendedRcode: 0,
    extendedError: -1,
    keepalive: -1,
    subnetLength: 0,
    subnet: new Uint8Array(MAX_SUBNET_OCTETS),
    cookie: undefined,
  }

  constructor(settings: AnswerSettings) {
    this.#settings = settings
  }

  /** Upper eight bits of the RCODE of the reply made last (RFC 6891 §6.1.3). */
  get extendedRcode(): number {
    return this.#edns.extendedRcode
  }

  /**
   * Starts a reply to a parsed query: the question stays as it was sent (0x20). It may be written over
   * the query, whose header is read once more by finish(), and whose records are not.
   */
  begin(message: Uint8Array, query: Query, out: Uint8Array, transport: Transport): void {
    const settings = this.#settings
    const edns = this.#edns
    if (out !== this.out) {
      this.out = out
      this.view = viewOf(out)
    }
    this.#message = message
    this.#query = query
    this.authoritative = false
    this.stale = false
    this.truncated = false
    this.answers = 0
    this.authorities = 0
    this.additionals = 0
    this.at = query.questionEnd
    if (out !== message) copyQuestion(message, out, query.questionEnd)
    edns.extendedRcode = 0
    edns.extendedError = -1
    edns.subnetLength = 0
    edns.cookie = undefined
    edns.keepalive = -1
    if (transport === 'tcp') {
      if (query.wantsKeepalive) edns.keepalive = settings.keepalive
      this.limit = MAX_MESSAGE
    } else {
      this.limit = Math.min(query.udpPayload, Math.max(settings.edns.payload, MIN_UDP_PAYLOAD))
    }
    this.end = query.hasEdns ? this.limit - optOctets(query, edns, settings.edns) : this.limit
  }

  /**
   * A reply of nothing but a header, for messages whose question could not be read; returns its length.
   * Needs no begin().
   */
  headerOnly(message: Uint8Array, out: Uint8Array, rcode: number): number {
    this.#edns.extendedRcode = 0
    return headerOnly(message, out, rcode)
  }

  /** Ends the reply with an RCODE and, for clients with EDNS, an extended error (RFC 8914). */
  refuse(rcode: number, extendedError = -1): number {
    this.#edns.extendedError = extendedError
    return this.finish(rcode)
  }

  /** Carries this COOKIE option, for which room is kept; its octets have to stay until the reply ends. */
  cookie(option: Uint8Array): void {
    this.#edns.cookie = option
    this.end -= 4 + option.length
  }

  /**
   * Echoes a valid client subnet option with this scope; room for it is kept. It is copied at once, as
   * records may be written over it.
   */
  subnet(message: Uint8Array, at: number, length: number, scope: number): void {
    const { subnet } = this.#edns
    for (let i = 0; i < length; i++) subnet[i] = message[at + i] as number
    subnet[SUBNET_SCOPE_AT] = scope
    this.#edns.subnetLength = length
    this.end -= 4 + length
  }

  /** Answers with a whole record in wire form. */
  answer(record: Uint8Array): void {
    if (this.#append(record)) this.answers++
  }

  /** Ends a reply that denies something: the SOA, owned by the name at `owner`, says for how long. */
  negative(rcode: number, soa: NegativeSoa, owner: number): number {
    const { at, out } = this
    if (this.#append(soa.record)) {
      const { mnamePointerAt, rnamePointerAt, rnameTarget } = soa
      put16(out, at, POINTER | owner)
      if (mnamePointerAt !== 0) put16(out, at + mnamePointerAt, POINTER | owner)
      if (rnamePointerAt !== 0) {
        const target = rnameTarget === 0 ? owner : at + rnameTarget
        put16(out, at + rnamePointerAt, POINTER | target)
      }
      this.authorities++
    }
    return this.finish(rcode)
  }

  #append(record: Uint8Array): boolean {
    const { out, at } = this
    const { length } = record
    if (at + length > this.end) {
      this.truncated = true
      return false
    }
    out.set(record, at)
    this.at = at + length
    return true
  }

  /** No record has to go for it: no room is kept (RFC 8914 §4.4, §4.20). */
  #tellStale(rcode: number): void {
    if (this.at + EXTENDED_ERROR_OCTETS > this.end) return
    this.#edns.extendedError =
      rcode === RCODE.NXDOMAIN ? EXTENDED_ERROR.STALE_NXDOMAIN_ANSWER : EXTENDED_ERROR.STALE_ANSWER
  }

  /** Writes the OPT and the header; returns the length of the reply. */
  finish(rcode: number = RCODE.NOERROR): number {
    const { out } = this
    const message = this.#message
    const query = this.#query
    const settings = this.#settings
    if (query.hasEdns) {
      if (this.stale) this.#tellStale(rcode)
      this.#edns.extendedRcode = rcode >> 4
      this.at = writeOpt(out, this.at, query, this.#edns, settings.edns)
      this.additionals++
    }
    out[2] =
      FLAG.QR |
      ((message[2] as number) & (0x78 | FLAG.RD)) |
      (this.authoritative ? FLAG.AA : 0) |
      (this.truncated && settings.setTruncateBit ? FLAG.TC : 0)
    out[3] =
      (settings.recurseOn ? FLAG.RA : 0) | ((message[3] as number) & FLAG.CD) | (rcode & 0x0f)
    put16(out, 4, query.hasQuestion ? 1 : 0)
    put16(out, 6, this.answers)
    put16(out, 8, this.authorities)
    put16(out, 10, this.additionals)
    return this.at
  }
}

/** Copies the id and the question; the rest of the header is written in the end. */
function copyQuestion(message: Uint8Array, out: Uint8Array, end: number): void {
  out[0] = message[0] as number
  out[1] = message[1] as number
  for (let i = HEADER_OCTETS; i < end; i++) out[i] = message[i] as number
}

/** See Reply.headerOnly(). */
export function headerOnly(message: Uint8Array, out: Uint8Array, rcode: number): number {
  out[0] = message[0] as number
  out[1] = message[1] as number
  out[2] = FLAG.QR | ((message[2] as number) & (0x78 | FLAG.RD))
  out[3] = rcode
  for (let i = 4; i < HEADER_OCTETS; i++) out[i] = 0
  return HEADER_OCTETS
}
