import type { RecordSet, RRset } from '../records/record-set.ts'
import { ownerToWire } from './owner-name.ts'
import { rdataToWire } from './rdata.ts'
import { soaMinimum, type ZoneConfig } from './soa.ts'

/** Longest character-string of a TXT record in octets (RFC 1035 §3.3). */
const MAX_STRING_OCTETS = 255

/**
 * The zone as a master file (RFC 1035 §5) that any name server loads: one line after the other, each
 * with its newline. It has the names that can be asked for over DNS and no others; reverse names, which
 * belong to other zones, are comments at the end.
 */
export function* zoneFile(
  records: RecordSet,
  config: ZoneConfig,
  serial: number,
): Generator<string, void> {
  const origin = `${config.domain}.`
  yield `$ORIGIN ${origin}\n$TTL ${config.ttl}\n`
  yield `@\tIN\tSOA\t${soa(config, serial)}\n`
  yield `@\tIN\tNS\t${hostName(config.soaMname)}\n`

  const reverse: RRset[] = []
  const inZone: RRset[] = []
  let leftOut = 0
  for (const set of records) {
    if (isBelow(set.name, origin)) {
      if (isLoadable(set.name)) inZone.push(set)
      else leftOut++
    } else if (set.type === 'PTR') reverse.push(set)
    else leftOut++
  }
  for (const set of inZone.sort(byName)) yield* lines(set, ownerBelow(set.name, origin))
  for (const set of reverse.sort(byName)) {
    for (const line of lines(set, set.name)) yield `; ${line}`
  }
  if (leftOut > 0) {
    yield `; left out: ${leftOut} sets of names outside ${origin} or that nobody can ask for over DNS\n`
  }
}

function soa(config: ZoneConfig, serial: number): string {
  const { soaMname, soaRname, soaRefresh, soaRetry, soaExpire } = config
  const numbers = [serial, soaRefresh, soaRetry, soaExpire, soaMinimum(config)]
  return `${hostName(soaMname)} ${hostName(soaRname)} ${numbers.join(' ')}`
}

function* lines({ type, ttl, rdata }: RRset, owner: string): Generator<string> {
  const head = `${owner}\t${ttl === undefined ? '' : `${ttl}\t`}IN\t${type}\t`
  const texts = new Set<string>()
  for (const value of rdata) {
    if (rdataToWire(type, value) !== undefined) texts.add(present(type, value))
  }
  for (const text of [...texts].sort()) yield `${head}${text}\n`
}

/** Rdata as a master file has it. */
function present(type: RRset['type'], rdata: string): string {
  switch (type) {
    case 'TXT':
      return quote(rdata)
    case 'SRV': {
      const [priority, weight, port, target = ''] = rdata.split(' ')
      // Mesos lets any integer pass for a port; on the wire it has 16 bits.
      return `${priority} ${weight} ${Number(port) & 0xffff} ${hostName(target)}`
    }
    case 'CNAME':
    case 'PTR':
      return hostName(rdata)
    default:
      return rdata
  }
}

/** Character-strings of at most 255 octets, everything but plain characters escaped (RFC 1035 §5.1). */
function quote(text: string): string {
  const octets = Buffer.from(text)
  const strings: string[] = []
  for (let at = 0; at === 0 || at < octets.length; at += MAX_STRING_OCTETS) {
    const piece = Array.from(octets.subarray(at, at + MAX_STRING_OCTETS), presentOctet)
    strings.push(`"${piece.join('')}"`)
  }
  return strings.join(' ')
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

function presentOctet(octet: number): string {
  if (octet < 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`
  const character = String.fromCharCode(octet)
  return octet === QUOTE || octet === BACKSLASH ? `\\${character}` : character
}

/** Whether the name can be asked for; a first label `*` would be a wildcard where the file is loaded. */
function isLoadable(name: string): boolean {
  return ownerToWire(name) !== undefined && !name.startsWith('*.')
}

function isBelow(name: string, origin: string): boolean {
  return name === origin || name.endsWith(`.${origin}`)
}

function ownerBelow(name: string, origin: string): string {
  return name === origin ? '@' : hostName(name.slice(0, -origin.length - 1))
}

/** `$` begins a directive; the other marks of master files are in no name that can be asked for. */
function hostName(name: string): string {
  return name.replaceAll('$', '\\$')
}

function byName(a: RRset, b: RRset): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
