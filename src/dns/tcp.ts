import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Config } from '../config/schema.ts'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import { clientAddress, type Handler } from './handler.ts'
import { TcpConnection } from './tcp-connection.ts'

export type TcpSettings = Pick<
  Config,
  'tcpIdleTimeout' | 'tcpMaxConnections' | 'tcpMaxConnectionsPerClient'
>

/** Accepts TCP connections, so many in all and from one address (RFC 7766 §6.2, RFC 9210 §4). */
export class TcpListener {
  readonly #server: Server
  readonly #handler: Handler
  readonly #settings: TcpSettings
  readonly #connections = new Set<TcpConnection>()
  readonly #perClient = new Map<string, number>()

  private constructor(server: Server, handler: Handler, settings: TcpSettings, log: Logger) {
    this.#server = server
    this.#handler = handler
    this.#settings = settings
    server.on('connection', (socket) => this.#accept(socket))
    // Such as EMFILE on accept: the listener goes on.
    server.on('error', (error) => log.warn({ err: error.message }, 'tcp listener error'))
  }

  /** Binds; `::` takes IPv4 too. Rejects with the system's error. */
  static async bind(
    { host, port }: HostPort,
    handler: Handler,
    settings: TcpSettings,
    log: Logger,
  ): Promise<TcpListener> {
    // A client may close its side after its last query and still wants the answers.
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    server.listen({ host, port, ipv6Only: false, backlog: 511 })
    await once(server, 'listening')
    return new TcpListener(server, handler, settings, log)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections open now. */
  get connections(): number {
    return this.#connections.size
  }

  #accept(socket: Socket): void {
    const client = clientAddress(socket.remoteAddress ?? '')
    const fromClient = this.#perClient.get(client) ?? 0
    const { tcpMaxConnections, tcpMaxConnectionsPerClient, tcpIdleTimeout } = this.#settings
    if (this.#connections.size >= tcpMaxConnections || fromClient >= tcpMaxConnectionsPerClient) {
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    const connection = new TcpConnection(socket, this.#handler, tcpIdleTimeout * 1000)
    this.#connections.add(connection)
    this.#perClient.set(client, fromClient + 1)
    socket.once('close', () => {
      this.#connections.delete(connection)
      const left = (this.#perClient.get(client) ?? 1) - 1
      if (left === 0) this.#perClient.delete(client)
      else this.#perClient.set(client, left)
    })
  }

  /** Stops accepting, lets connections finish what they have in hand, then ends them. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const connection of this.#connections) connection.finish()
    await closed
  }
}
