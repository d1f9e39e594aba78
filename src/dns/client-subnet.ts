import { u16 } from './query.ts'

/** Prefix lengths that count as "the client's subnet" (ResolvSubnetFirst of the Mesos-DNS fork). */
export const NEAR_PREFIX = { IPV4: 24, IPV6: 64 } as const

/** The fixed part of the option: family, source and scope prefix lengths. */
const FIXED_OCTETS = 4

/**
 * Whether a client subnet option is well formed (RFC 7871 §6): a known family, a prefix that the family
 * has, exactly the octets which that prefix needs, no bits set behind it, and a scope of zero.
 */
export function isValidSubnet(message: Uint8Array, at: number, length: number): boolean {
  if (length < FIXED_OCTETS) return false
  const bits = familyBits(message, at)
  const prefix = message[at + 2] as number
  if (prefix > bits || length !== FIXED_OCTETS + Math.ceil(prefix / 8)) return false
  const lastOctet = prefix % 8 === 0 ? 0 : (message[at + length - 1] as number)
  return bits > 0 && message[at + 3] === 0 && ((lastOctet << (prefix % 8)) & 0xff) === 0
}

/** The address of a valid option, missing octets zero: 4 or 16 octets. */
export function subnetAddress(message: Uint8Array, at: number, length: number): Uint8Array {
  const address = new Uint8Array(familyBits(message, at) / 8)
  address.set(message.subarray(at + FIXED_OCTETS, at + length))
  return address
}

function familyBits(message: Uint8Array, at: number): number {
  const family = u16(message, at)
  if (family === 1) return 32
  return family === 2 ? 128 : 0
}
