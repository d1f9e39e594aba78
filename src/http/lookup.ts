import type { RecordSet, RecordType, RRset } from '../records/record-set.ts'
import { parseSrv, type Srv } from '../records/srv.ts'

/** A chain of CNAMEs longer than this is a loop or a mistake (BIND follows 16, NSD 10). */
const MAX_ALIASES = 10

/** The addresses a name comes to. */
export interface HostAddresses extends Found {
  /** IPv4 first, then IPv6. */
  readonly addresses: readonly string[]
}

/** The SRV records a name comes to. */
export interface HostServices extends Found {
  readonly services: readonly Srv[]
}

interface Found {
  /** The name itself, or the end of its CNAMEs. */
  readonly canonicalName: string
  /** Seconds: the smallest TTL of the sets involved; undefined if there are none. */
  readonly ttl: number | undefined
}

/**
 * A and AAAA records of `name` (lower case, trailing dot), CNAMEs followed as a resolver would.
 * `defaultTtl` is the TTL of sets without one of their own.
 */
export function addressesOf(records: RecordSet, name: string, defaultTtl: number): HostAddresses {
  const { sets, ...found } = find(records, name, ['A', 'AAAA'], defaultTtl)
  return { ...found, addresses: sets.flatMap((set) => set.rdata) }
}

/** SRV records of `name`, in the order of the set. */
export function servicesOf(records: RecordSet, name: string, defaultTtl: number): HostServices {
  const { sets, ...found } = find(records, name, ['SRV'], defaultTtl)
  return { ...found, services: sets.flatMap((set) => set.rdata.map(parseSrv)) }
}

function find(
  records: RecordSet,
  name: string,
  types: readonly RecordType[],
  defaultTtl: number,
): Found & { readonly sets: readonly RRset[] } {
  const aliases: RRset[] = []
  let canonicalName = name
  while (aliases.length < MAX_ALIASES) {
    const alias = records.get('CNAME', canonicalName)
    if (alias?.rdata[0] === undefined) break
    aliases.push(alias)
    canonicalName = alias.rdata[0].toLowerCase()
  }
  const sets = types
    .map((type) => records.get(type, canonicalName))
    .filter((set) => set !== undefined)
  const ttls = [...aliases, ...sets].map((set) => set.ttl ?? defaultTtl)
  return { canonicalName, sets, ttl: ttls.length === 0 ? undefined : Math.min(...ttls) }
}

const TYPES: readonly RecordType[] = ['A', 'AAAA', 'SRV', 'CNAME', 'TXT', 'PTR']

/** The types a name has records of; none if it does not exist. */
export function typesOf(records: RecordSet, name: string): RecordType[] {
  return TYPES.filter((type) => records.get(type, name) !== undefined)
}
