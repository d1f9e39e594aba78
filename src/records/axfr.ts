import type { RecordSet, RecordType } from './record-set.ts'
import { srvHostPort } from './srv.ts'

/** What `/v1/axfr` says about the zone apart from its records. */
export interface AxfrZone {
  /** Seconds. */
  readonly ttl: number
  readonly serial: number
  readonly refreshSeconds: number
  /** With a trailing dot. */
  readonly mname: string
  /** With a trailing dot. */
  readonly rname: string
  /** Without one. */
  readonly domain: string
}

/** The body of `/v1/axfr`, keys in the order in which Mesos-DNS writes them. */
export interface AxfrBody {
  readonly TTL: number
  readonly Serial: number
  readonly RefreshSeconds: number
  readonly Mname: string
  readonly Rname: string
  readonly Domain: string
  readonly Records: {
    readonly As: AxfrRecords
    readonly AAAAs: AxfrRecords
    readonly SRVs: AxfrRecords
  }
}

/** Owner → values; an SRV value is `target.:port`. */
export type AxfrRecords = Readonly<Record<string, readonly string[]>>

/** All A, AAAA and SRV records in the form that consumers of Mesos-DNS read; it has no other types. */
export function axfrBody(records: RecordSet, zone: AxfrZone): AxfrBody {
  return {
    TTL: zone.ttl,
    Serial: zone.serial,
    RefreshSeconds: zone.refreshSeconds,
    Mname: zone.mname,
    Rname: zone.rname,
    Domain: zone.domain,
    Records: {
      As: byName(records, 'A', (rdata) => rdata),
      AAAAs: byName(records, 'AAAA', (rdata) => rdata),
      SRVs: byName(records, 'SRV', (rdata) => rdata.map(srvHostPort)),
    },
  }
}

function byName(
  records: RecordSet,
  type: RecordType,
  values: (rdata: readonly string[]) => readonly string[],
): AxfrRecords {
  const sorted = sortByOctets(Array.from(records.ofType(type), ({ name }) => name))
  const body: Record<string, readonly string[]> = {}
  for (const name of sorted) body[name] = values(records.get(type, name)?.rdata ?? [])
  return body
}

/** Sorts in place as Go does, by UTF-8; UTF-16 gives the same order but for surrogate pairs. */
function sortByOctets(names: string[]): string[] {
  if (!names.some((name) => /[\ud800-\udfff]/.test(name))) return names.sort()
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
