import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Config } from '../config/schema.ts'
import type { HostPort } from '../net/address.ts'
import { ListenError } from '../net/listen.ts'
import type { SocketLibrary } from '../sockets/index.ts'
import { clientAddress } from './handler.ts'
import { LISTENING } from './listen-addresses.ts'
import { TcpConnection } from './tcp-connection.ts'
import type { ThreadContext } from './thread-context.ts'
import { hasReusePort, type ListenSocket, type ThreadListeners } from './thread-listeners.ts'

export type TcpSettings = Pick<
  Config,
  'tcpIdleTimeout' | 'tcpMaxConnections' | 'tcpMaxConnectionsPerClient'
>

type LimitSettings = Omit<TcpSettings, 'tcpIdleTimeout'>

/** Connections the system completes before they are accepted. */
const BACKLOG = 511

/** All TCP sockets of a thread that are being answered. */
export interface TcpService {
  /** Holds new connections to other limits, and those there are to another idle timeout. */
  configure(settings: TcpSettings): void
  /** Accepts no more connections, and leaves them to others that listen on the same sockets. */
  leave(): void
  /** Stops accepting, lets connections finish what they have in hand, then ends them. */
  close(): Promise<void>
}

/** Listens on all TCP sockets of a thread. Rejects with a ListenError. */
export async function openTcp(
  listeners: ThreadListeners,
  sockets: SocketLibrary | undefined,
  settings: TcpSettings,
  context: ThreadContext,
): Promise<TcpService> {
  const limits = new ConnectionLimits(settings, listeners.threads)
  const opened: TcpListener[] = []
  try {
    for (const socket of listeners.tcp) {
      const { host, port } = socket
      try {
        const server = await listen(socket, sockets, listeners.threads)
        const { fd } = socket
        const stop = fd === undefined ? undefined : () => sockets?.stopListening(fd)
        opened.push(new TcpListener(server, stop, limits, settings, context))
      } catch (error) {
        throw new ListenError(LISTENING.tcp, { host, port }, error)
      }
    }
    return {
      configure(changed) {
        limits.configure(changed)
        for (const listener of opened) listener.configure(changed)
      },
      leave() {
        for (const listener of opened) listener.leave()
      },
      async close() {
        await Promise.all(opened.map((listener) => listener.close()))
      },
    }
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()))
    throw error
  }
}

/** Rejects with the system's error. IPv6 does not take IPv4's connections. */
async function listen(
  { host, port, fd }: ListenSocket,
  sockets: SocketLibrary | undefined,
  threads: number,
): Promise<Server> {
  // A client may close its side after its last query and still wants the answers.
  const server = createServer({ allowHalfOpen: true, noDelay: true })
  if (fd !== undefined && sockets !== undefined) {
    server.listen({ fd: sockets.duplicate(fd), backlog: BACKLOG })
  } else {
    const shared = threads > 1 && hasReusePort(process.versions.node, process.platform)
    const where: HostPort = { host, port }
    server.listen({
      ...where,
      ...(shared && { reusePort: true }),
      ipv6Only: true,
      backlog: BACKLOG,
    })
  }
  await once(server, 'listening')
  return server
}

/**
 * Counts connections, so many in all and from one client (RFC 7766 §6.2, RFC 9210 §4). Each thread has
 * its share of all connections. A client's are not divided: the system may have given one thread all of
 * them.
 */
export class ConnectionLimits {
  readonly #threads: number
  #most = 0
  #mostPerClient = 0
  readonly #clients = new Map<string, number>()
  #open = 0

  constructor(settings: LimitSettings, threads: number) {
    this.#threads = threads
    this.configure(settings)
  }

  /** Connections that are open stay, however many. */
  configure({ tcpMaxConnections, tcpMaxConnectionsPerClient }: LimitSettings): void {
    this.#most = Math.ceil(tcpMaxConnections / this.#threads)
    this.#mostPerClient = tcpMaxConnectionsPerClient
  }

  /** Lets one more in, unless that is too many. */
  enter(client: string): boolean {
    const fromClient = this.#clients.get(client) ?? 0
    if (this.#open >= this.#most || fromClient >= this.#mostPerClient) return false
    this.#open++
    this.#clients.set(client, fromClient + 1)
    return true
  }

  leave(client: string): void {
    this.#open--
    const left = (this.#clients.get(client) ?? 1) - 1
    if (left === 0) this.#clients.delete(client)
    else this.#clients.set(client, left)
  }
}

/** Accepts the connections of one socket. */
export class TcpListener {
  readonly #server: Server
  readonly #stopListening: (() => void) | undefined
  readonly #limits: ConnectionLimits
  #idleMs: number
  readonly #context: ThreadContext
  readonly #connections = new Set<TcpConnection>()
  #closed: Promise<unknown> | undefined

  /** `stopListening` has the system refuse connections, whoever else holds the socket; undefined if nobody can. */
  constructor(
    server: Server,
    stopListening: (() => void) | undefined,
    limits: ConnectionLimits,
    { tcpIdleTimeout }: TcpSettings,
    context: ThreadContext,
  ) {
    this.#server = server
    this.#stopListening = stopListening
    this.#limits = limits
    this.#idleMs = tcpIdleTimeout * 1000
    this.#context = context
    server.on('connection', (socket) => this.#accept(socket))
    // Such as EMFILE on accept: the listener goes on.
    server.on('error', (error) => context.log.warn({ err: error.message }, 'tcp listener error'))
  }

  configure({ tcpIdleTimeout }: TcpSettings): void {
    const idleMs = tcpIdleTimeout * 1000
    if (idleMs === this.#idleMs) return
    this.#idleMs = idleMs
    for (const connection of this.#connections) connection.idleMs = idleMs
  }

  #accept(socket: Socket): void {
    const { handler, counters, activity } = this.#context
    activity.events++
    const client = clientAddress(socket.remoteAddress ?? '')
    if (!this.#limits.enter(client)) {
      counters.connectionRefused()
      socket.on('error', () => {})
      socket.destroy()
      return
    }
    counters.connectionOpened()
    const connection = new TcpConnection(socket, handler, this.#idleMs, activity)
    this.#connections.add(connection)
    socket.once('close', () => {
      this.#connections.delete(connection)
      this.#limits.leave(client)
      counters.connectionClosed()
    })
  }

  /** Accepts no more, if the socket goes on listening for others who have it. */
  leave(): void {
    if (this.#stopListening !== undefined) this.#stop()
  }

  #stop(): void {
    if (this.#closed !== undefined) return
    this.#closed = once(this.#server, 'close')
    this.#server.close()
  }

  /** Stops accepting, lets connections finish what they have in hand, then ends them. */
  async close(): Promise<void> {
    if (this.#closed === undefined) this.#stopListening?.()
    this.#stop()
    for (const connection of this.#connections) connection.finish()
    await this.#closed
  }
}
