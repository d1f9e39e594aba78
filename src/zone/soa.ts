import type { Config } from '../config/schema.ts'
import { CLASS, TYPE } from '../net/dns-numbers.ts'
import { rdataToWire } from './rdata.ts'
import { RECORD_FIXED_OCTETS } from './shard.ts'

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

/** Whether two configurations give the same SOA and NS, but for the serial. */
export function isSameApex(one: ZoneConfig, other: ZoneConfig): boolean {
  const text = (config: ZoneConfig) => `${config.domain}. ${config.ttl} ${soaText(config, 0)}`
  return text(one) === text(other)
}

/**
 * The SOA record of negative answers, whose TTL is the lesser of its own and the minimum (RFC 2308 §3).
 * The two octets of its owner are left for a compression pointer.
 */
export function negativeSoa(config: ZoneConfig, serial: number): Uint8Array {
  const text = soaText(config, serial)
  const rdata = rdataToWire('SOA', text)
  if (rdata === undefined) throw new RangeError(`SOA ${text} has no wire form`)
  const record = new Uint8Array(RECORD_FIXED_OCTETS + rdata.length)
  const view = new DataView(record.buffer)
  view.setUint16(2, TYPE.SOA)
  view.setUint16(4, CLASS.IN)
  view.setUint32(6, Math.min(config.ttl, soaMinimum(config)))
  view.setUint16(10, rdata.length)
  record.set(rdata, RECORD_FIXED_OCTETS)
  return record
}
