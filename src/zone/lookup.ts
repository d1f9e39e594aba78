import { bytesToIp } from '../net/address.ts'
import type { RecordType, RRset } from '../records/record-set.ts'
import { hashName } from './name-hash.ts'
import { viewOf } from './octet-view.ts'
import { MAX_NAME_OCTETS, wireToName, writeOwner } from './owner-name.ts'
import { SRV_FIXED_OCTETS, TYPE_NUMBER } from './rdata.ts'
import { RECORD_FIXED_OCTETS, RRSET, type Shard } from './shard.ts'
import type { Zone } from './zone.ts'

/** An RRset whose TTL is known, as every one of a zone is. */
export interface FoundRRset extends RRset {
  /** Seconds. */
  readonly ttl: number
}

const RECORD_TYPES: readonly RecordType[] = ['A', 'AAAA', 'SRV', 'CNAME', 'TXT', 'PTR']

/** Where the TTL and the length of the rdata stand in a record. */
const TTL_AT = 6
const RDLENGTH_AT = 10

/**
 * The records of a name (lower case, trailing dot) as RRset has them, in the stable order of the zone;
 * undefined if there are none.
 */
export function recordsOf(zone: Zone, type: RecordType, name: string): FoundRRset | undefined {
  const place = placeOf(zone, name)
  const rrset = place?.shard.rrset(place.node, TYPE_NUMBER[type]) ?? 0
  if (place === undefined || rrset === 0) return undefined
  const { words, octets } = place.shard
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  const first = words[rrset + RRSET.AT] as number
  const rdata: string[] = []
  let at = first
  for (let left = words[rrset + RRSET.COUNT] as number; left > 0; left--) {
    const start = at + RECORD_FIXED_OCTETS
    at = start + view.getUint16(at + RDLENGTH_AT)
    rdata.push(present(type, octets.slice(start, at)))
  }
  return { name, type, ttl: view.getUint32(first + TTL_AT), rdata }
}

/** The types a name has records of; none if it does not exist. */
export function typesOf(zone: Zone, name: string): RecordType[] {
  const place = placeOf(zone, name)
  if (place === undefined) return []
  return RECORD_TYPES.filter((type) => place.shard.rrset(place.node, TYPE_NUMBER[type]) !== 0)
}

function placeOf(zone: Zone, name: string): { shard: Shard; node: number } | undefined {
  const wire = new Uint8Array(MAX_NAME_OCTETS)
  const length = writeOwner(wire, 0, name)
  if (length === 0) return undefined
  const hash = hashName(wire, length)
  const shard = shardFor(zone, hash, wire.subarray(0, length))
  const node = shard?.find(hash, viewOf(wire), 0, length) ?? 0
  return shard === undefined || node === 0 ? undefined : { shard, node }
}

function shardFor(zone: Zone, hash: number, name: Uint8Array): Shard | undefined {
  if (isAtOrBelow(name, zone.apex)) return zone.shardOf(hash)
  return zone.hasReverseNames ? zone.reverseShardOf(hash) : undefined
}

/** Whether a name is `apex` or lies below it, both lower-cased and in wire form. */
function isAtOrBelow(name: Uint8Array, apex: Uint8Array): boolean {
  let at = 0
  while (name.length - at > apex.length) at += 1 + (name[at] as number)
  return apex.every((octet, i) => name[at + i] === octet)
}

function present(type: RecordType, rdata: Uint8Array): string {
  switch (type) {
    case 'A':
    case 'AAAA':
      return bytesToIp(rdata)
    case 'SRV': {
      const view = new DataView(rdata.buffer)
      const numbers = [view.getUint16(0), view.getUint16(2), view.getUint16(4)]
      return `${numbers.join(' ')} ${wireToName(rdata, SRV_FIXED_OCTETS)}`
    }
    case 'TXT':
      return joinStrings(rdata)
    default:
      return wireToName(rdata)
  }
}

/** The character-strings of a TXT record as one text; a character may lie in two of them. */
function joinStrings(rdata: Uint8Array): string {
  const strings: Uint8Array[] = []
  for (let at = 0; at < rdata.length; at += 1 + (rdata[at] as number)) {
    strings.push(rdata.subarray(at + 1, at + 1 + (rdata[at] as number)))
  }
  return Buffer.concat(strings).toString()
}
