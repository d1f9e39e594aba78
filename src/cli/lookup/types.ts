import { TYPE } from '../../net/dns-numbers.ts'
import { UsageError } from '../errors.ts'

const TYPES: Readonly<Record<string, number>> = TYPE
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
