import { bytesToIp, ipToBytes } from '../net/address.ts'
import { AF, SOCKADDR_OCTETS } from './linux.ts'

/** Offsets in struct sockaddr_in and sockaddr_in6; the port is big-endian, family and scope are not. */
const AT = { FAMILY: 0, PORT: 2, INET_ADDRESS: 4, INET6_ADDRESS: 8, INET6_SCOPE: 24 } as const

const ZERO = 0x30
const NINE = 0x39
const DOT = 0x2e

/** An address of one family, as the system wants it. */
export type Family = 4 | 6

/**
 * Writes a struct sockaddr of an IP address at an offset; `scope` is the number of the interface that a
 * link-local address belongs to. Returns its length, or 0 if `host` is no address.
 */
export function writeSockaddr(
  octets: Uint8Array,
  at: number,
  host: string,
  port: number,
  scope = 0,
): number {
  const isIpv6 = host.includes(':')
  const length = isIpv6 ? SOCKADDR_OCTETS.INET6 : SOCKADDR_OCTETS.INET
  octets.fill(0, at, at + length)
  octets[at + AT.FAMILY] = isIpv6 ? AF.INET6 : AF.INET
  octets[at + AT.PORT] = port >> 8
  octets[at + AT.PORT + 1] = port & 0xff
  if (!isIpv6) return writeIpv4(octets, at + AT.INET_ADDRESS, host) ? length : 0
  const address = ipToBytes(host)
  if (address?.length !== 16) return 0
  octets.set(address, at + AT.INET6_ADDRESS)
  for (let i = 0; i < 4; i++) octets[at + AT.INET6_SCOPE + i] = (scope >>> (8 * i)) & 0xff
  return length
}

/** Without the arrays that ipToBytes() makes: Node.js names the first client of every burst as text. */
function writeIpv4(octets: Uint8Array, at: number, host: string): boolean {
  let part = 0
  let value = 0
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i)
    if (code >= ZERO && code <= NINE) {
      value = value * 10 + code - ZERO
    } else if (code === DOT && part < 3) {
      octets[at + part++] = value
      value = 0
    } else {
      return false
    }
  }
  octets[at + part] = value
  return part === 3
}

/** The family of the address; an IPv4-mapped one counts as IPv4. */
export function familyAt(octets: Uint8Array, at: number): Family {
  return octets[at + AT.FAMILY] === AF.INET || isMapped(octets, at) ? 4 : 6
}

export function portAt(octets: Uint8Array, at: number): number {
  return ((octets[at + AT.PORT] as number) << 8) | (octets[at + AT.PORT + 1] as number)
}

/** Where the 4 or 16 octets of the address start, the last 4 of an IPv4-mapped one. */
export function addressStart(octets: Uint8Array, at: number): number {
  if (octets[at + AT.FAMILY] === AF.INET) return at + AT.INET_ADDRESS
  return at + AT.INET6_ADDRESS + (isMapped(octets, at) ? 12 : 0)
}

/** The address as text, without a scope. */
export function addressAt(octets: Uint8Array, at: number): string {
  const start = addressStart(octets, at)
  return bytesToIp(octets.subarray(start, start + (familyAt(octets, at) === 4 ? 4 : 16)))
}

function isMapped(octets: Uint8Array, at: number): boolean {
  const address = at + AT.INET6_ADDRESS
  if (octets[address + 10] !== 0xff || octets[address + 11] !== 0xff) return false
  for (let i = 0; i < 10; i++) if (octets[address + i] !== 0) return false
  return true
}
