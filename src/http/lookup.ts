import type { RecordType } from '../records/record-set.ts'
import { parseSrv, type Srv } from '../records/srv.ts'
import { type FoundRRset, recordsOf } from '../zone/lookup.ts'
import type { Zone } from '../zone/zone.ts'

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

/** A and AAAA records of `name` (lower case, trailing dot), CNAMEs followed as a resolver would. */
export function addressesOf(zone: Zone, name: string): HostAddresses {
  const { sets, ...found } = find(zone, name, ['A', 'AAAA'])
  return { ...found, addresses: sets.flatMap((set) => set.rdata) }
}

/** SRV records of `name`, in the order of the set. */
export function servicesOf(zone: Zone, name: string): HostServices {
  const { sets, ...found } = find(zone, name, ['SRV'])
  return { ...found, services: sets.flatMap((set) => set.rdata.map(parseSrv)) }
}

function find(
  zone: Zone,
  name: string,
  types: readonly RecordType[],
): Found & { readonly sets: readonly FoundRRset[] } {
  const aliases: FoundRRset[] = []
  let canonicalName = name
  while (aliases.length < MAX_ALIASES) {
    const alias = recordsOf(zone, 'CNAME', canonicalName)
    if (alias?.rdata[0] === undefined) break
    aliases.push(alias)
    canonicalName = alias.rdata[0]
  }
  const sets = types
    .map((type) => recordsOf(zone, type, canonicalName))
    .filter((set) => set !== undefined)
  const ttls = [...aliases, ...sets].map((set) => set.ttl)
  return { canonicalName, sets, ttl: ttls.length === 0 ? undefined : Math.min(...ttls) }
}
