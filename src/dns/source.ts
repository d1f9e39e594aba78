/** Where a datagram came from. Its address is only made for the few replies that depend on it. */
export interface DatagramSource {
  /** Family of the client's address; an IPv4-mapped one counts as IPv4. */
  readonly family: 4 | 6
  /** The address as text, without a scope, an IPv4-mapped one as IPv4. */
  address(): string
  /** The same as 4 or 16 octets, valid until the next call; undefined if it has none. */
  addressOctets(): Uint8Array | undefined
  /**
   * Remembers the peer, and where to send from, for a reply that comes later. The function it returns sends
   * it, once; it is harmless after the socket was closed.
   */
  detach(): (reply: Uint8Array) => void
}
