import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import type { Handler } from './handler.ts'

/** Answers datagrams of one socket. */
export class UdpListener {
  readonly #socket: Socket
  readonly #handler: Handler
  readonly #log: Logger
  #closed = false

  private constructor(socket: Socket, handler: Handler, log: Logger) {
    this.#socket = socket
    this.#handler = handler
    this.#log = log
    socket.on('message', (message, from) => this.#receive(message, from))
    // A send that failed (ICMP, EMSGSIZE, ENOBUFS) concerns one datagram; the socket goes on.
    socket.on('error', (error) => this.#log.debug({ err: error.message }, 'udp socket error'))
  }

  /**
   * Binds a socket; `::` takes IPv4 too. Rejects with the system's error. A `shared` one may be bound
   * besides others of more or less specific addresses on the same port.
   */
  static async bind(
    { host, port }: HostPort,
    handler: Handler,
    log: Logger,
    { shared }: { readonly shared: boolean },
  ): Promise<UdpListener> {
    const socket = createSocket({
      type: host.includes(':') ? 'udp6' : 'udp4',
      reuseAddr: shared,
      ipv6Only: false,
      // Replies go to addresses, never to names: no look-up is needed.
      lookup: (ip, _options, done) => done(null, ip, ip.includes(':') ? 6 : 4),
    })
    // Without a look-up the event may come before bind() returns.
    const listening = once(socket, 'listening')
    socket.bind({ address: host, port })
    try {
      await listening
    } catch (error) {
      socket.close()
      throw error
    }
    return new UdpListener(socket, handler, log)
  }

  get port(): number {
    return this.#socket.address().port
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    // Nothing can be sent to port 0: the system delivers from it, but send() throws.
    if (from.port === 0) return
    const reply = this.#handler.handle(message, { transport: 'udp', address: from.address })
    if (reply === undefined) return
    if (reply instanceof Promise) {
      reply.then((octets) => this.#send(octets, from))
    } else {
      // The socket keeps the buffer until the datagram has left; the handler reuses its own.
      this.#send(Buffer.from(reply), from)
    }
  }

  #send(reply: Uint8Array, to: RemoteInfo): void {
    if (this.#closed) return
    this.#socket.send(reply, to.port, to.address, (error) => {
      if (error !== null) this.#log.debug({ err: error.message, to: to.address }, 'reply not sent')
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}
