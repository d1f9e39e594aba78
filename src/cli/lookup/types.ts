import { UsageError } from '../errors.ts'

/** Types that `lookup` knows by name (IANA, DNS parameters). */
const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  SVCB: 64,
  HTTPS: 65,
  ANY: 255,
  CAA: 257,
}

const NAMES = new Map(Object.entries(TYPES).map(([name, number]) => [number, name]))

/** Response codes by number. */
const RCODES: readonly string[] = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
]

/** Number of a type written as `srv`, `SRV` or `TYPE33` (RFC 3597 §5). Throws a UsageError. */
export function parseType(text: string): number {
  const upper = text.toUpperCase()
  const number = TYPES[upper] ?? Number(/^TYPE(\d{1,5})$/.exec(upper)?.[1])
  if (number <= 0xffff) return number
  throw new UsageError(
    `${JSON.stringify(text)} is no record type; use one of ${Object.keys(TYPES).join(', ')} or TYPEnumber`,
  )
}

export function typeName(number: number): string {
  return NAMES.get(number) ?? `TYPE${number}`
}

export function className(number: number): string {
  return { 1: 'IN', 3: 'CH', 4: 'HS', 255: 'ANY' }[number] ?? `CLASS${number}`
}

export function rcodeName(rcode: number): string {
  return RCODES[rcode] ?? `RCODE${rcode}`
}
