const IN_ADDR_ARPA = Uint8Array.from([7, ...Buffer.from('in-addr'), 4, ...Buffer.from('arpa'), 0])
const IP6_ARPA = Uint8Array.from([3, ...Buffer.from('ip6'), 4, ...Buffer.from('arpa'), 0])

/** Octets of the longest reverse name: 32 nibbles and `ip6.arpa.` */
export const MAX_REVERSE_OCTETS = 64 + 10

const ZERO = 0x30
const HEX = Buffer.from('0123456789abcdef')

/**
 * Writes the wire form of the name below `in-addr.arpa.` (RFC 1035 §3.5) or `ip6.arpa.` (RFC 3596 §2.5)
 * that stands for an address of `length` octets, 4 or 16; returns the length of the name.
 */
export function writeReverseName(
  out: Uint8Array,
  address: Uint8Array,
  at: number,
  length: number,
): number {
  return length === 4 ? writeInAddr(out, address, at) : writeIp6(out, address, at)
}

function writeInAddr(out: Uint8Array, address: Uint8Array, at: number): number {
  let end = 0
  for (let i = at + 3; i >= at; i--) {
    const octet = address[i] as number
    const digits = octet > 99 ? 3 : octet > 9 ? 2 : 1
    out[end] = digits
    for (let digit = digits, rest = octet; digit > 0; digit--, rest = Math.floor(rest / 10)) {
      out[end + digit] = ZERO + (rest % 10)
    }
    end += 1 + digits
  }
  out.set(IN_ADDR_ARPA, end)
  return end + IN_ADDR_ARPA.length
}

function writeIp6(out: Uint8Array, address: Uint8Array, at: number): number {
  let end = 0
  for (let i = at + 15; i >= at; i--) {
    const octet = address[i] as number
    out[end] = 1
    out[end + 1] = HEX[octet & 15] as number
    out[end + 2] = 1
    out[end + 3] = HEX[octet >> 4] as number
    end += 4
  }
  out.set(IP6_ARPA, end)
  return end + IP6_ARPA.length
}

/** Whether the address, loopback or unspecified, means another host to everybody who asks. */
export function isEveryones(address: Uint8Array, at: number, length: number): boolean {
  if (length === 4) {
    const first = address[at]
    if (first === 127) return true
    return first === 0 && address[at + 1] === 0 && address[at + 2] === 0 && address[at + 3] === 0
  }
  for (let i = 0; i < 15; i++) if (address[at + i] !== 0) return false
  return (address[at + 15] as number) <= 1
}
