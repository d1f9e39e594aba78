import { u16 } from './query.ts'

/** Octets of an address that count as "the client's subnet": /24 and /64 (ResolvSubnetFirst of the Mesos-DNS fork). */
export const NEAR_OCTETS = { IPV4: 3, IPV6: 8 } as const

/** The fixed part of the option: family, source and scope prefix lengths; then as much of the address as counts. */
export const SUBNET_FIXED_OCTETS = 4
export const SUBNET_SCOPE_AT = 3
export const MAX_SUBNET_OCTETS = SUBNET_FIXED_OCTETS + 16

/**
 * Whether a client subnet option is well formed (RFC 7871 §6): a known family, a prefix that the family
 * has, exactly the octets which that prefix needs, no bits set behind it, and a scope of zero.
 */
export function isValidSubnet(message: Uint8Array, at: number, length: number): boolean {
  if (length < SUBNET_FIXED_OCTETS) return false
  const bits = subnetFamilyOctets(message, at) * 8
  const prefix = message[at + 2] as number
  if (prefix > bits || length !== SUBNET_FIXED_OCTETS + Math.ceil(prefix / 8)) return false
  const lastOctet = prefix % 8 === 0 ? 0 : (message[at + length - 1] as number)
  return (
    bits > 0 && message[at + SUBNET_SCOPE_AT] === 0 && ((lastOctet << (prefix % 8)) & 0xff) === 0
  )
}

/** Octets of an address of the option's family; 0 if it is none we know. */
export function subnetFamilyOctets(message: Uint8Array, at: number): number {
  const family = u16(message, at)
  if (family === 1) return 4
  return family === 2 ? 16 : 0
}
