import { TYPE } from '../net/dns-numbers.ts'
import type { RecordType } from '../records/record-set.ts'
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

/** The target of SRV rdata in presentation format. */
export function srvTarget(rdata: string): string {
  return rdata.slice(rdata.lastIndexOf(' ') + 1)
}

/** Port numbers are masked to 16 bits: Mesos lets any integer pass, and Mesos-DNS sent it like that. */
function writeSrv(out: OctetWriter, rdata: string): boolean {
  const start = out.length
  const weightAt = rdata.indexOf(' ') + 1
  const portAt = rdata.indexOf(' ', weightAt) + 1
  out.u16(Number(rdata.slice(0, weightAt)))
  out.u16(Number(rdata.slice(weightAt, portAt)))
  out.u16(Number(rdata.slice(portAt, rdata.lastIndexOf(' '))))
  if (out.name(srvTarget(rdata))) return true
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
