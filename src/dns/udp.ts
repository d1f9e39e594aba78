import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { ThreadCounters } from '../counters/index.ts'
import { type HostPort, ipToBytes } from '../net/address.ts'
import { clientAddress } from './handler.ts'
import { dgramOf } from './listen-addresses.ts'
import type { DatagramSource } from './source.ts'
import type { ThreadContext } from './thread-context.ts'
import type { PortSharing } from './thread-listeners.ts'

/** The largest reply: `ednsBufferSize` is 4,096 at most. */
const REPLY_OCTETS = 4096

/** A socket, or several, that are being answered. */
export interface UdpService {
  /**
   * Leaves what comes from now on to others that answer on the same socket, where that is possible; replies
   * that come later are still sent. A socket that nobody else has is answered until close().
   */
  leave(): void
  /** Answers what is waiting, as far as that can be known. */
  drain(): void
  close(): Promise<void>
}

/** Where a socket of Node.js's comes from: a descriptor, which becomes its own, or an address to bind. */
export type DgramOrigin =
  | { readonly host: string; readonly fd: number }
  | { readonly where: HostPort; readonly sharing: PortSharing; readonly receiveBuffer: number }

/** Opens a socket. Rejects with the system's error. IPv6 does not take IPv4's messages. */
export async function openDgram(origin: DgramOrigin): Promise<Socket> {
  const bound = 'fd' in origin
  const host = bound ? origin.host : origin.where.host
  const socket = createSocket({
    ...dgramOf(host),
    ...(bound ? {} : origin.sharing),
    // Replies go to addresses, never to names: no look-up is needed.
    lookup: (ip, _options, done) => done(null, ip, ip.includes(':') ? 6 : 4),
  })
  // Without a look-up the event may come before bind() returns.
  const listening = once(socket, 'listening')
  socket.bind(bound ? { fd: origin.fd } : { address: host, port: origin.where.port })
  try {
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  if (!bound) setReceiveBuffer(socket, origin.receiveBuffer)
  return socket
}

/** The system may allow less; some refuse to say so. */
function setReceiveBuffer(socket: Socket, octets: number): void {
  try {
    socket.setRecvBufferSize(octets)
  } catch {}
}

/** Answers datagrams of one socket, one by one. */
export class DgramListener implements UdpService, DatagramSource {
  readonly #socket: Socket
  readonly #context: ThreadContext
  readonly #out = Buffer.alloc(REPLY_OCTETS)
  /** Who sent the message at hand. */
  #from: RemoteInfo = { address: '', family: 'IPv4', port: 0, size: 0 }
  #closed = false

  constructor(socket: Socket, context: ThreadContext) {
    this.#socket = socket
    this.#context = context
    socket.on('message', (message, from) => this.#receive(message, from))
    // A send that failed (ICMP, EMSGSIZE, ENOBUFS) concerns one datagram; the socket goes on.
    socket.on('error', (error) => context.log.debug({ err: error.message }, 'udp socket error'))
  }

  get family(): 4 | 6 {
    return this.#from.family === 'IPv4' ? 4 : 6
  }

  address(): string {
    return clientAddress(this.#from.address)
  }

  addressOctets(): Uint8Array | undefined {
    return ipToBytes(this.address())
  }

  detach(): (reply: Uint8Array) => void {
    const from = this.#from
    return (reply) => this.#send(reply, from)
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    const { handler, counters, activity } = this.#context
    const since = performance.now()
    activity.events++
    // Nothing can be sent to port 0: the system delivers from it, but send() throws.
    if (from.port === 0) {
      counters.dropped('port-0')
      return
    }
    this.#from = from
    const length = handler.datagram(message, message.length, this.#out, this)
    if (length <= 0) return
    // The socket keeps the buffer until the datagram has left.
    this.#send(Buffer.from(this.#out.subarray(0, length)), from)
    counters.latency((performance.now() - since) / 1000, 1)
  }

  #send(reply: Uint8Array, to: RemoteInfo): void {
    const { counters } = this.#context
    if (this.#closed) {
      counters.dropped('closed')
      return
    }
    this.#socket.send(reply, to.port, to.address, (error) => {
      if (error !== null) counters.sendFailed(sendFailure(error))
    })
  }

  /** Not possible: Node.js reads from a socket for as long as it is open. */
  leave(): void {}

  /** Nothing can be done: the event loop brings what is waiting. */
  drain(): void {}

  async close(): Promise<void> {
    this.#closed = true
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}

/** Kinds of errors of a send, by their codes. */
function sendFailure(error: NodeJS.ErrnoException): Parameters<ThreadCounters['sendFailed']>[0] {
  switch (error.code) {
    case 'EAGAIN':
    case 'ENOBUFS':
    case 'ENOMEM':
      return 'no-buffers'
    case 'EMSGSIZE':
      return 'too-long'
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'EPERM':
    case 'EACCES':
      return 'unreachable'
    default:
      return 'other'
  }
}
