/** Who asked, as far as forwarding cares. */
export interface ForwardClient {
  readonly transport: 'udp' | 'tcp'
  /** Source address, canonical text form (IPv4-mapped IPv6 already turned into IPv4). */
  readonly address: string
}
