import { TYPE } from '../net/dns-numbers.ts'
import type { RecordType } from '../records/record-set.ts'
import { hashName } from './name-hash.ts'
import { OctetWriter } from './octet-writer.ts'

/** Octets of SRV rdata before the target (RFC 2782): priority, weight, port. */
export const SRV_FIXED_OCTETS = 6

/** Longest character-string (RFC 1035 §3.3). */
const MAX_STRING_OCTETS = 255

/** What a zone holds: the types of records, and those of its apex. */
export type ZoneType = RecordType | 'NS' | 'SOA'

/**
 * Writes rdata given in presentation format (see RRset.rdata); names are never compressed (RFC 2782,
 * RFC 3597 §4). False, and nothing written, when it has no wire form, such as a target that is no name.
 */
export function writeRdata(out: OctetWriter, type: ZoneType, rdata: string): boolean {
  switch (type) {
    case 'A':
      return out.address(rdata, 4)
    case 'AAAA':
      return out.address(rdata, 16)
    case 'SRV':
      return writeSrv(out, rdata)
    case 'TXT':
      return writeText(out, rdata)
    case 'SOA':
      return writeSoa(out, rdata)
    default:
      return out.name(rdata.toLowerCase())
  }
}

/** Wire form of rdata in presentation format, or undefined when it has none. */
export function rdataToWire(type: ZoneType, rdata: string): Uint8Array | undefined {
  const out = new OctetWriter()
  return writeRdata(out, type, rdata) ? out.octets.slice(0, out.length) : undefined
}

/**
 * Hash of the name whose addresses belong into the additional section (RFC 2782, RFC 1035 §3.3.11), for
 * rdata in wire form; 0 for types that have none.
 */
export function targetHash(type: number, octets: Uint8Array, at: number, length: number): number {
  if (type === TYPE.SRV) return hashName(octets, length - SRV_FIXED_OCTETS, at + SRV_FIXED_OCTETS)
  return type === TYPE.NS ? hashName(octets, length, at) : 0
}

const SPACE = 0x20
const MINUS = 0x2d
const ZERO = 0x30

/** Port numbers are masked to 16 bits: Mesos lets any integer pass, and Mesos-DNS sent it like that. */
function writeSrv(out: OctetWriter, rdata: string): boolean {
  const start = out.length
  let at = 0
  for (let field = 0; field < 3; field++) {
    let value = 0
    const isNegative = rdata.charCodeAt(at) === MINUS
    if (isNegative) at++
    for (; at < rdata.length; at++) {
      const code = rdata.charCodeAt(at)
      if (code === SPACE) break
      value = (value * 10 + code - ZERO) & 0xffff
    }
    at++
    out.u16(isNegative ? -value : value)
  }
  if (out.name(rdata, at)) return true
  out.length = start
  return false
}

/** As many character-strings as the text needs; readers join them without spaces (RFC 7208 §3.3). */
function writeText(out: OctetWriter, text: string): boolean {
  const octets = new TextEncoder().encode(text)
  for (let at = 0; at === 0 || at < octets.length; at += MAX_STRING_OCTETS) {
    const piece = octets.subarray(at, at + MAX_STRING_OCTETS)
    out.bytes(Uint8Array.of(piece.length))
    out.bytes(piece)
  }
  return true
}

function writeSoa(out: OctetWriter, rdata: string): boolean {
  const [mname = '', rname = '', ...numbers] = rdata.split(' ')
  const start = out.length
  if (!out.name(mname.toLowerCase()) || !out.name(rname.toLowerCase())) {
    out.length = start
    return false
  }
  for (const number of numbers) out.u32(Number(number))
  return true
}

export const TYPE_NUMBER: Readonly<Record<ZoneType, number>> = {
  A: TYPE.A,
  AAAA: TYPE.AAAA,
  SRV: TYPE.SRV,
  PTR: TYPE.PTR,
  CNAME: TYPE.CNAME,
  TXT: TYPE.TXT,
  NS: TYPE.NS,
  SOA: TYPE.SOA,
}
