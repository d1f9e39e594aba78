/** Who asked, as far as forwarding cares. */
export interface ForwardClient {
  readonly transport: 'udp' | 'tcp'
  /** Source address, canonical text form (IPv4-mapped IPv6 already turned into IPv4). */
  readonly address: string
}

/** Answers the names that are not ours by asking upstreams. */
export interface Forwarder {
  /**
   * Takes a well-formed query of one question and resolves to the whole reply for that client: the
   * upstream's answer with the client's id, cut to what the client takes, or REFUSED or SERVFAIL. It
   * never rejects and always settles in bounded time. `query` may be reused by the caller at once.
   */
  forward(query: Uint8Array, client: ForwardClient): Promise<Uint8Array>
  close(): Promise<void>
}
