import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { canonicalIp } from '../net/address.ts'
import { ForwardConfigError } from './errors.ts'

/** Whether a client at this address (text form) may have other names looked up. */
export type Acl = (address: string) => boolean

/**
 * Accepts clients inside any of the networks (CIDR, or an address for itself alone). IPv4 and IPv6 are
 * kept apart, so that `::/0` says nothing about IPv4; IPv4-mapped IPv6 counts as IPv4 on both sides.
 * Throws ForwardConfigError for what is no network.
 */
export function createAcl(networks: readonly string[]): Acl {
  const ipv4 = new BlockList()
  const ipv6 = new BlockList()
  for (const network of networks) {
    const { address, prefix } = parseNetwork(network)
    if (isIPv4(address)) ipv4.addSubnet(address, prefix, 'ipv4')
    else ipv6.addSubnet(address, prefix, 'ipv6')
  }
  return (text) => {
    const address = canonicalIp(withoutScope(text))
    if (address === undefined) return false
    return isIPv4(address) ? ipv4.check(address, 'ipv4') : ipv6.check(address, 'ipv6')
  }
}

/** The address without its zone identifier: sockets report link-local clients as `fe80::1%eth0`. */
export function withoutScope(address: string): string {
  const scope = address.indexOf('%')
  return scope === -1 ? address : address.slice(0, scope)
}

function parseNetwork(text: string): { readonly address: string; readonly prefix: number } {
  const [, written = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = canonicalIp(written)
  const bits = isIPv6(written) ? 128 : 32
  const length = digits === undefined ? bits : Number(digits)
  const mapped = bits === 128 && address !== undefined && isIPv4(address)
  const prefix = mapped ? length - 96 : length
  if (address === undefined || length > bits || prefix < 0) {
    throw new ForwardConfigError(
      `allowRecursion: "${text}" is not a network; write an address with a prefix length, such as 10.0.0.0/8 or fd00::/8`,
    )
  }
  return { address, prefix }
}
