import type { Config } from '../config/schema.ts'
import { ipToBytes } from '../net/address.ts'
import { CLASS, TYPE } from '../net/dns-numbers.ts'
import type { RecordSet, RRset } from '../records/record-set.ts'
import { hashName } from './name-hash.ts'
import { hostToWire, ownerToWire, parentName } from './owner-name.ts'
import { rdataToWire, srvTarget, TYPE_NUMBER } from './rdata.ts'
import { RECORD_FIXED_OCTETS } from './shard.ts'
import { type Glue, ShardBuilder, type WireRRset } from './shard-builder.ts'
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

  const nodes = gatherNodes(records, config, apexName)
  const soa = soaRdata(config, serial)
  const apexSets = [single(TYPE.SOA, config.ttl, soa), nsRRset(records, config)]

  const shardCount = Math.min(
    MAX_SHARDS,
    2 ** Math.ceil(Math.log2(Math.max(1, nodes.size / NAMES_PER_SHARD))),
  )
  const builders = Array.from({ length: shardCount }, () => new ShardBuilder())
  let hasReverseNames = false
  for (const [name, rrsets] of nodes) {
    const wire = ownerToWire(name)
    if (wire === undefined) continue
    const isReverse = !isBelow(name, apexName)
    hasReverseNames ||= isReverse
    // Each reverse name we own is a zone of its own: what lies around it is not ours to deny.
    if (isReverse || name === apexName) rrsets.push(...apexSets)
    builders[shardIndex(hashName(wire, wire.length), shardCount)]?.add(wire, rrsets)
  }
  return new Zone({
    serial,
    apex,
    negativeSoa: soaRecord(soa, Math.min(config.ttl, soaMinimum(config))),
    hasReverseNames,
    shards: builders.map((builder) => builder.build()),
  })
}

/** RRsets by owner name, with the apex and every empty non-terminal below it. */
function gatherNodes(
  records: RecordSet,
  config: ZoneConfig,
  apexName: string,
): Map<string, WireRRset[]> {
  const nodes = new Map<string, WireRRset[]>([[apexName, []]])
  for (const set of records) {
    const inZone = isBelow(set.name, apexName)
    if ((!inZone && set.type !== 'PTR') || ownerToWire(set.name) === undefined) continue
    const rrset = wireRRset(set, records, config.ttl)
    if (rrset.rdata.length === 0) continue
    const node = nodes.get(set.name)
    if (node !== undefined) {
      node.push(rrset)
      continue
    }
    nodes.set(set.name, [rrset])
    if (!inZone) continue
    for (let name = parentName(set.name); !nodes.has(name); name = parentName(name)) {
      nodes.set(name, [])
    }
  }
  return nodes
}

function isBelow(name: string, apexName: string): boolean {
  return (
    name.endsWith(apexName) &&
    (name.length === apexName.length || name.at(-apexName.length - 1) === '.')
  )
}

function wireRRset(set: RRset, records: RecordSet, defaultTtl: number): WireRRset {
  const stable = [...set.rdata].sort()
  const rdata: Uint8Array[] = []
  const glueOf: number[] = []
  const targets = new Map<string, number>()
  for (const text of stable) {
    const wire = rdataToWire(set.type, text)
    if (wire === undefined) continue
    rdata.push(wire)
    if (set.type !== 'SRV') continue
    const target = srvTarget(text)
    if (!targets.has(target)) targets.set(target, targets.size)
    glueOf.push(targets.get(target) as number)
  }
  const glue = [...targets.keys()].map((target) => glueFor(target, records, defaultTtl))
  return { type: TYPE_NUMBER[set.type], ttl: set.ttl ?? defaultTtl, rdata, glueOf, glue }
}

function glueFor(target: string, records: RecordSet, defaultTtl: number): Glue {
  const a = records.get('A', target)
  const aaaa = records.get('AAAA', target)
  return {
    a: addresses(a),
    aaaa: addresses(aaaa),
    aTtl: a?.ttl ?? defaultTtl,
    aaaaTtl: aaaa?.ttl ?? defaultTtl,
  }
}

function addresses(set: RRset | undefined): Uint8Array[] {
  return [...(set?.rdata ?? [])].sort().flatMap((text) => ipToBytes(text) ?? [])
}

function single(type: number, ttl: number, rdata: Uint8Array): WireRRset {
  return { type, ttl, rdata: [rdata], glueOf: [], glue: [] }
}

function nsRRset(records: RecordSet, config: ZoneConfig): WireRRset {
  const name = hostToWire(config.soaMname) ?? new Uint8Array(1)
  return {
    type: TYPE.NS,
    ttl: config.ttl,
    rdata: [name],
    glueOf: [0],
    glue: [glueFor(config.soaMname.toLowerCase(), records, config.ttl)],
  }
}

/** The fifth number of the SOA: how long a negative answer may be cached (RFC 2308 §4). */
export function soaMinimum({ compat, ttl, soaMinttl }: ZoneConfig): number {
  return compat.soaMinimumFromTtl ? ttl : soaMinttl
}

function soaRdata(config: ZoneConfig, serial: number): Uint8Array {
  const mname = hostToWire(config.soaMname) ?? new Uint8Array(1)
  const rname = hostToWire(config.soaRname) ?? new Uint8Array(1)
  const rdata = new Uint8Array(mname.length + rname.length + 20)
  rdata.set(mname)
  rdata.set(rname, mname.length)
  const { soaRefresh, soaRetry, soaExpire } = config
  const view = new DataView(rdata.buffer, mname.length + rname.length)
  ;[serial, soaRefresh, soaRetry, soaExpire, soaMinimum(config)].forEach((number, i) => {
    view.setUint32(i * 4, number)
  })
  return rdata
}

function soaRecord(rdata: Uint8Array, ttl: number): Uint8Array {
  const record = new Uint8Array(RECORD_FIXED_OCTETS + rdata.length)
  const view = new DataView(record.buffer)
  view.setUint16(2, TYPE.SOA)
  view.setUint16(4, CLASS.IN)
  view.setUint32(6, ttl)
  view.setUint16(10, rdata.length)
  record.set(rdata, RECORD_FIXED_OCTETS)
  return record
}
