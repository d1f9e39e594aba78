import { ipToBytes } from '../net/address.ts'
import { TYPE } from '../net/dns-numbers.ts'
import type { RecordType } from '../records/record-set.ts'
import { hostToWire } from './owner-name.ts'

/** Octets of SRV rdata before the target (RFC 2782): priority, weight, port. */
export const SRV_FIXED_OCTETS = 6

/** Longest character-string (RFC 1035 §3.3). */
const MAX_STRING_OCTETS = 255

export const TYPE_NUMBER: Readonly<Record<RecordType, number>> = {
  A: TYPE.A,
  AAAA: TYPE.AAAA,
  SRV: TYPE.SRV,
  PTR: TYPE.PTR,
  CNAME: TYPE.CNAME,
  TXT: TYPE.TXT,
}

/**
 * Wire form of rdata in the presentation format of RRset.rdata; names are never compressed
 * (RFC 2782, RFC 3597 §4). Undefined when it has none, such as a target that is no host name.
 */
export function rdataToWire(type: RecordType, rdata: string): Uint8Array | undefined {
  switch (type) {
    case 'A':
    case 'AAAA': {
      const address = ipToBytes(rdata)
      return address?.length === (type === 'A' ? 4 : 16) ? address : undefined
    }
    case 'SRV':
      return srvToWire(rdata)
    case 'TXT':
      return textToWire(rdata)
    default:
      return hostToWire(rdata)
  }
}

/** The target of SRV rdata in presentation format. */
export function srvTarget(rdata: string): string {
  return rdata.slice(rdata.lastIndexOf(' ') + 1)
}

/** Port numbers are masked to 16 bits: Mesos lets any integer pass, and Mesos-DNS sent it like that. */
function srvToWire(rdata: string): Uint8Array | undefined {
  const [priority, weight, port, target = ''] = rdata.split(' ')
  const name = hostToWire(target)
  if (name === undefined) return undefined
  const wire = new Uint8Array(SRV_FIXED_OCTETS + name.length)
  const numbers = new DataView(wire.buffer)
  numbers.setUint16(0, Number(priority))
  numbers.setUint16(2, Number(weight))
  numbers.setUint16(4, Number(port))
  wire.set(name, SRV_FIXED_OCTETS)
  return wire
}

/** As many character-strings as the text needs (RFC 7208 §3.3: readers join them without spaces). */
function textToWire(text: string): Uint8Array {
  const octets = new TextEncoder().encode(text)
  const strings = Math.max(1, Math.ceil(octets.length / MAX_STRING_OCTETS))
  const wire = new Uint8Array(octets.length + strings)
  for (let i = 0; i < strings; i++) {
    const piece = octets.subarray(i * MAX_STRING_OCTETS, (i + 1) * MAX_STRING_OCTETS)
    wire[i * (MAX_STRING_OCTETS + 1)] = piece.length
    wire.set(piece, i * (MAX_STRING_OCTETS + 1) + 1)
  }
  return wire
}
