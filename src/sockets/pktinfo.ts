import { CMSG, PKTINFO, SOL } from './linux.ts'

/**
 * Ancillary data of one message: a struct cmsghdr with the local address it was sent to. All of these take
 * the word it starts at, in memory seen as 32-bit words and as octets.
 */

/** The address a datagram was sent to, 4 or 16 octets, and the number of the interface it came in by. */
export interface LocalAddress {
  readonly octets: Uint8Array
  readonly interface: number
}

/**
 * Makes what came with a message fit for its reply, which then leaves from the address that was asked;
 * returns its octets, or 0 if there is no such address. The route decides on the interface, which may be
 * another than the message came in by, except for a link-local address, which means nothing without it.
 */
export function prepareReplySource(words: Uint32Array, octets: Uint8Array, at: number): number {
  const level = words[at + PKTINFO.LEVEL]
  const type = words[at + PKTINFO.TYPE]
  if (level === SOL.IP && type === CMSG.IP_PKTINFO) {
    words[at + PKTINFO.IP_INTERFACE] = 0
    return PKTINFO.IP_OCTETS
  }
  if (level !== SOL.IPV6 || type !== CMSG.IPV6_PKTINFO) return 0
  const address = 4 * (at + PKTINFO.IPV6_LOCAL)
  // Nothing is sent from a multicast address.
  if (octets[address] === 0xff) return 0
  if (!isLinkLocal(octets, address)) words[at + PKTINFO.IPV6_INTERFACE] = 0
  return PKTINFO.IPV6_OCTETS
}

/** The local address in data for which prepareReplySource() has not returned 0; the interface is 0 where it means nothing. */
export function localAddress(words: Uint32Array, octets: Uint8Array, at: number): LocalAddress {
  const isIpv4 = words[at + PKTINFO.LEVEL] === SOL.IP
  const start = 4 * (at + (isIpv4 ? PKTINFO.IP_LOCAL : PKTINFO.IPV6_LOCAL))
  return {
    octets: octets.slice(start, start + (isIpv4 ? 4 : 16)),
    interface: isIpv4 ? 0 : (words[at + PKTINFO.IPV6_INTERFACE] as number),
  }
}

/** fe80::/10 */
function isLinkLocal(octets: Uint8Array, at: number): boolean {
  return octets[at] === 0xfe && ((octets[at + 1] as number) & 0xc0) === 0x80
}
