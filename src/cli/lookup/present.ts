import type { Packet } from 'dns2'
import { canonicalIp } from '../../net/address.ts'
import { className, typeName } from './types.ts'

type Resource = Packet['answers'][number]

/** `web.marathon.mesos.  60  IN  A  10.0.0.1`, separated by tabs. */
export function presentRecord(record: Resource): string {
  const { name, ttl, type } = record
  const columns = [presentName(name), ttl, className(record.class), typeName(type)]
  return `${columns.join('\t')}\t${presentRdata(record)}`
}

/** Rdata in presentation format; that of an unknown type as RFC 3597 §5 writes it. */
export function presentRdata(record: Resource): string {
  switch (typeName(record.type)) {
    case 'A':
      return record.address ?? ''
    case 'AAAA':
      return canonicalIp(record.address ?? '') ?? ''
    case 'SRV':
      return `${record.priority} ${record.weight} ${record.port} ${presentName(record.target)}`
    case 'MX':
      return `${record.priority} ${presentName(record.exchange)}`
    case 'NS':
      return presentName(record.ns)
    case 'CNAME':
    case 'PTR':
      return presentName(record.domain)
    case 'SOA': {
      const { primary, admin, serial, refresh, retry, expiration, minimum } = record
      const numbers = [serial, refresh, retry, expiration, minimum].join(' ')
      return `${presentName(primary)} ${presentName(admin)} ${numbers}`
    }
    case 'TXT':
      return [record.data ?? []].flat().map(presentString).join(' ')
    case 'CAA':
      return `${record.flags} ${record.tag} ${presentString(record.value ?? '')}`
    default:
      return presentUnknown(record.data)
  }
}

/** A name as dns2 gives it (one character an octet, no dot at the end) in presentation format. */
function presentName(name: string | undefined): string {
  const escaped = (name ?? '').replace(/[^\x21-\x7e]|["();@\\$]/g, (character) => {
    const octet = character.charCodeAt(0)
    return octet > 0x20 && octet < 0x7f ? `\\${character}` : `\\${String(octet).padStart(3, '0')}`
  })
  return `${escaped}.`
}

function presentString(text: string): string {
  const octets = Array.from(Buffer.from(text), (octet) => {
    if (octet < 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`
    return octet === 0x22 || octet === 0x5c
      ? `\\${String.fromCharCode(octet)}`
      : String.fromCharCode(octet)
  })
  return `"${octets.join('')}"`
}

function presentUnknown(data: unknown): string {
  const octets = Buffer.isBuffer(data) ? data : Buffer.alloc(0)
  return octets.length === 0 ? '\\# 0' : `\\# ${octets.length} ${octets.toString('hex')}`
}
