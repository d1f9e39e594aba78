import type { Config } from '../config/schema.ts'
import { CLASS, TYPE } from '../net/dns-numbers.ts'
import type { RecordSet, RRset } from '../records/record-set.ts'
import { hashName } from './name-hash.ts'
import { MAX_NAME_OCTETS, ownerToWire, parentName, writeOwner } from './owner-name.ts'
import { rdataToWire } from './rdata.ts'
import { RECORD_FIXED_OCTETS } from './shard.ts'
import { type GlueOf, ShardBuilder, type ZoneSet } from './shard-builder.ts'
import { shardIndex, Zone } from './zone.ts'

/** The settings that shape the zone apart from its records. */
export type ZoneConfig = Pick<
  Config,
  | 'domain'
  | 'ttl'
  | 'soaMname'
  | 'soaRname'
  | 'soaRefresh'
  | 'soaRetry'
  | 'soaExpire'
  | 'soaMinttl'
  | 'compat'
>

/** Names per shard aimed at. */
const NAMES_PER_SHARD = 4096
const MAX_SHARDS = 1024

/**
 * Makes the zone of a record set. Names that cannot be asked for (raw discovery names with capitals, for
 * instance) stay out; the apex's SOA and NS and the empty non-terminals (RFC 8020) come in.
 */
export function buildZone(records: RecordSet, config: ZoneConfig, serial: number): Zone {
  const apexName = `${config.domain}.`
  const apex = ownerToWire(apexName)
  if (apex === undefined) throw new RangeError(`domain ${config.domain} has no wire form`)

  const nodes = gatherNodes(records, config.ttl, apexName)
  const soa: ZoneSet = { type: 'SOA', ttl: config.ttl, rdata: [soaText(config, serial)] }
  const apexSets = [
    soa,
    { type: 'NS', ttl: config.ttl, rdata: [config.soaMname.toLowerCase()] },
  ] as const

  const wanted = Math.max(1, nodes.size / NAMES_PER_SHARD)
  const shards = Math.min(MAX_SHARDS, 2 ** Math.ceil(Math.log2(wanted)))
  const glueOf: GlueOf = (target) => ({
    a: stableSet(records.get('A', target), config.ttl),
    aaaa: stableSet(records.get('AAAA', target), config.ttl),
  })
  const builders = Array.from({ length: shards }, () => new ShardBuilder(glueOf))
  const wire = new Uint8Array(MAX_NAME_OCTETS)
  let hasReverseNames = false
  for (const [name, sets] of nodes) {
    const length = writeOwner(wire, 0, name)
    const isReverse = !isBelow(name, apexName)
    hasReverseNames ||= isReverse
    // Each reverse name we own is a zone of its own: what lies around it is not ours to deny.
    if (isReverse || name === apexName) sets.push(...apexSets)
    const builder = builders[shardIndex(hashName(wire, length), shards)]
    builder?.add(wire.subarray(0, length), sets)
  }
  return new Zone({
    serial,
    apex,
    negativeSoa: soaRecord(soa.rdata[0] ?? '', Math.min(config.ttl, soaMinimum(config))),
    hasReverseNames,
    shards: builders.map((builder) => builder.build()),
  })
}

/** Sets by owner name, with the apex and every empty non-terminal below it. */
function gatherNodes(records: RecordSet, ttl: number, apexName: string): Map<string, ZoneSet[]> {
  const nodes = new Map<string, ZoneSet[]>([[apexName, []]])
  const scratch = new Uint8Array(MAX_NAME_OCTETS)
  for (const set of records) {
    const { name } = set
    const node = nodes.get(name)
    if (node !== undefined) {
      node.push(stableSet(set, ttl))
      continue
    }
    const inZone = isBelow(name, apexName)
    if ((!inZone && set.type !== 'PTR') || writeOwner(scratch, 0, name) === 0) continue
    nodes.set(name, [stableSet(set, ttl)])
    if (!inZone) continue
    for (let above = parentName(name); !nodes.has(above); above = parentName(above)) {
      nodes.set(above, [])
    }
  }
  return nodes
}

function isBelow(name: string, apexName: string): boolean {
  if (!name.endsWith(apexName)) return false
  return name.length === apexName.length || name.at(-apexName.length - 1) === '.'
}

/** A set with a TTL, and in an order that does not depend on how its records were learned. */
function stableSet(set: RRset, ttl: number): ZoneSet
function stableSet(set: RRset | undefined, ttl: number): ZoneSet | undefined
function stableSet(set: RRset | undefined, ttl: number): ZoneSet | undefined {
  if (set === undefined) return undefined
  const rdata = set.rdata.length === 1 ? set.rdata : [...set.rdata].sort()
  return { type: set.type, ttl: set.ttl ?? ttl, rdata }
}

/** The fifth number of the SOA: how long a negative answer may be cached (RFC 2308 §4). */
export function soaMinimum({ compat, ttl, soaMinttl }: ZoneConfig): number {
  return compat.soaMinimumFromTtl ? ttl : soaMinttl
}

/** Rdata of the SOA in presentation format (RFC 1035 §3.3.13). */
export function soaText(config: ZoneConfig, serial: number): string {
  const { soaMname, soaRname, soaRefresh, soaRetry, soaExpire } = config
  const numbers = [serial, soaRefresh, soaRetry, soaExpire, soaMinimum(config)]
  return [soaMname, soaRname, ...numbers].join(' ')
}

function soaRecord(text: string, ttl: number): Uint8Array {
  const rdata = rdataToWire('SOA', text)
  if (rdata === undefined) throw new RangeError(`SOA ${text} has no wire form`)
  const record = new Uint8Array(RECORD_FIXED_OCTETS + rdata.length)
  const view = new DataView(record.buffer)
  view.setUint16(2, TYPE.SOA)
  view.setUint16(4, CLASS.IN)
  view.setUint32(6, ttl)
  view.setUint16(10, rdata.length)
  record.set(rdata, RECORD_FIXED_OCTETS)
  return record
}
