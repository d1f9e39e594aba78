import { isIPv6 } from 'node:net'
import { bytesToIp, ipToBytes } from '../net/address.ts'

/**
 * A network in its one text form: `10.1.2.3/8` gives `10.0.0.0/8`, a plain address its /32 or /128,
 * IPv4-mapped IPv6 the IPv4 network. Undefined for anything else.
 */
export function parseNetwork(text: string): string | undefined {
  const parts = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text)
  const address = parts?.[1] ?? ''
  const bytes = ipToBytes(address)
  if (bytes === undefined) return undefined
  const mapped = bytes.length === 4 && isIPv6(address) ? 96 : 0
  const bits = bytes.length * 8
  const prefix = parts?.[2] === undefined ? bits : Number(parts[2]) - mapped
  if (prefix < 0 || prefix > bits) return undefined
  const network = bytes.map(
    (octet, i) => octet & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))),
  )
  return `${bytesToIp(network)}/${prefix}`
}
