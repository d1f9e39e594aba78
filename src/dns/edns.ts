import * as numbers from '../net/dns-numbers.ts'
import type { Query } from './query.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { EXTENDED_ERROR, OPTION, TYPE } = numbers

/** Octets of an OPT record without options: root owner, type, size, TTL field, rdlength. */
const OPT_FIXED_OCTETS = 11
const OPTION_HEADER_OCTETS = 4
/** An extended DNS error without a text. */
export const EXTENDED_ERROR_OCTETS = OPTION_HEADER_OCTETS + 2

const EXPIRED_TEXT = new TextEncoder().encode('no word from a leading master')
const NO_TEXT = new Uint8Array(0)

/** What goes into the OPT of a reply; filled per query, nothing allocated. */
export interface EdnsReply {
  /** Upper eight bits of the extended RCODE (RFC 6891 §6.1.3). */
  extendedRcode: number
  /** INFO-CODE of RFC 8914, or -1. */
  extendedError: number
  /** Idle timeout in units of 100 ms for edns-tcp-keepalive (RFC 7828), or -1. */
  keepalive: number
  /** Length of the client subnet option to echo (RFC 7871 §7.2.1), 0 if there is none to. */
  subnetLength: number
  /** Its octets, the scope already set. */
  readonly subnet: Uint8Array
  /** The COOKIE option, client and server cookie (RFC 7873 §4), or undefined. */
  cookie: Uint8Array | undefined
}

export interface EdnsSettings {
  /** Payload size we offer. */
  readonly payload: number
  /** NSID of this replica (RFC 5001), sent to who asks; empty turns it off. */
  readonly nsid: Uint8Array
}

/** Octets that writeOpt() will write for this query and reply. */
export function optOctets(query: Query, reply: EdnsReply, settings: EdnsSettings): number {
  let octets = OPT_FIXED_OCTETS
  if (query.wantsNsid && settings.nsid.length > 0)
    octets += OPTION_HEADER_OCTETS + settings.nsid.length
  if (reply.extendedError >= 0) {
    octets += EXTENDED_ERROR_OCTETS + extraTextOf(reply.extendedError).length
  }
  if (reply.keepalive >= 0) octets += OPTION_HEADER_OCTETS + 2
  if (reply.subnetLength > 0) octets += OPTION_HEADER_OCTETS + reply.subnetLength
  if (reply.cookie !== undefined) octets += OPTION_HEADER_OCTETS + reply.cookie.length
  return octets
}

/** Writes the OPT record of a reply at `start`; returns where it ends. */
export function writeOpt(
  out: Uint8Array,
  start: number,
  query: Query,
  reply: EdnsReply,
  settings: EdnsSettings,
): number {
  out[start] = 0
  put16(out, start + 1, TYPE.OPT)
  put16(out, start + 3, settings.payload)
  out[start + 5] = reply.extendedRcode
  out[start + 6] = 0
  // DO is copied (RFC 3225 §3), the other flags are zero.
  put16(out, start + 7, query.dnssecOk ? 0x8000 : 0)
  let at = start + OPT_FIXED_OCTETS
  if (query.wantsNsid && settings.nsid.length > 0) {
    at = putOptionHeader(out, at, OPTION.NSID, settings.nsid.length)
    out.set(settings.nsid, at)
    at += settings.nsid.length
  }
  if (reply.extendedError >= 0) {
    const text = extraTextOf(reply.extendedError)
    at = putOptionHeader(out, at, OPTION.EXTENDED_ERROR, 2 + text.length)
    at = put16(out, at, reply.extendedError)
    out.set(text, at)
    at += text.length
  }
  if (reply.keepalive >= 0) {
    at = put16(out, putOptionHeader(out, at, OPTION.TCP_KEEPALIVE, 2), reply.keepalive)
  }
  if (reply.subnetLength > 0) {
    at = putOptionHeader(out, at, OPTION.CLIENT_SUBNET, reply.subnetLength)
    for (let i = 0; i < reply.subnetLength; i++) out[at + i] = reply.subnet[i] as number
    at += reply.subnetLength
  }
  if (reply.cookie !== undefined) {
    at = putOptionHeader(out, at, OPTION.COOKIE, reply.cookie.length)
    out.set(reply.cookie, at)
    at += reply.cookie.length
  }
  put16(out, start + 9, at - start - OPT_FIXED_OCTETS)
  return at
}

/** EXTRA-TEXT of an extended error: with all other options, too, a reply without records stays below 512 octets. */
function extraTextOf(extendedError: number): Uint8Array {
  return extendedError === EXTENDED_ERROR.NO_REACHABLE_AUTHORITY ? EXPIRED_TEXT : NO_TEXT
}

function putOptionHeader(out: Uint8Array, at: number, code: number, octets: number): number {
  return put16(out, put16(out, at, code), octets)
}

/** Writes 16 bits in network order; returns the place behind them. */
export function put16(out: Uint8Array, at: number, value: number): number {
  out[at] = value >> 8
  out[at + 1] = value
  return at + 2
}
