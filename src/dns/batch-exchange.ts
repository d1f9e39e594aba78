import type { RemoteInfo } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import type { DatagramBatch, SocketLibrary } from '../sockets/index.ts'
import type { DatagramSource } from './source.ts'
import type { ThreadContext } from './thread-context.ts'

/** One socket as the batch sees it. */
export interface BatchSocket {
  fd: number
  /** False once the descriptor may be another's. */
  open: boolean
  /** Is told of each message before it is answered. */
  readonly observe?: (batch: DatagramBatch, slot: number) => void
}

const NO_SOCKET: BatchSocket = { fd: -1, open: false }

/** Receives, answers and sends many datagrams at once, for all sockets of a thread. */
export class BatchExchange implements DatagramSource {
  readonly #sockets: SocketLibrary
  readonly #batch: DatagramBatch
  readonly #context: ThreadContext
  /** The message at hand. */
  #slot = 0
  #socket = NO_SOCKET

  constructor(sockets: SocketLibrary, context: ThreadContext) {
    this.#sockets = sockets
    this.#batch = sockets.createBatch((failure) => context.counters.sendFailed(failure))
    this.#context = context
  }

  get family(): 4 | 6 {
    return this.#batch.familyOf(this.#slot)
  }

  address(): string {
    return this.#batch.addressOf(this.#slot)
  }

  addressOctets(): Uint8Array {
    return this.#batch.addressOctetsOf(this.#slot)
  }

  detach(): (reply: Uint8Array) => void {
    const socket = this.#socket
    const peer = this.#batch.peerOf(this.#slot)
    return (reply) => {
      if (socket.open) this.#batch.sendTo(socket.fd, reply, peer)
      else this.#context.counters.dropped('closed')
    }
  }

  /** Gives the socket a descriptor of its own, so that its present one can be closed. Throws a SystemCallError. */
  keep(socket: BatchSocket): void {
    socket.fd = this.#sockets.duplicate(socket.fd)
  }

  /** Closes the descriptor that keep() made. */
  release(socket: BatchSocket): void {
    socket.open = false
    this.#sockets.close(socket.fd)
  }

  /** One round: a system call that receives, the answers, a system call that sends. Returns how many came. */
  round(socket: BatchSocket): number {
    return this.#round(socket, 0)
  }

  /** The same with a message that Node.js has received before. */
  roundAfter(message: Uint8Array, from: RemoteInfo, socket: BatchSocket): number {
    const { address, port } = from
    const zone = address.indexOf('%')
    if (zone < 0) this.#batch.put(0, message, address, port)
    else this.#batch.put(0, message, address.slice(0, zone), port, scopeOf(address.slice(zone + 1)))
    return this.#round(socket, 1)
  }

  #round(socket: BatchSocket, first: number): number {
    const since = performance.now()
    const batch = this.#batch
    const { counters, activity, handler } = this.#context
    const count = batch.receive(socket.fd, first)
    const end = first + count
    if (end === 0) return 0
    this.#socket = socket
    handler.expect(batch.messages, 0, end)
    for (let slot = 0; slot < end; slot++) {
      socket.observe?.(batch, slot)
      this.#answer(slot)
    }
    batch.send(socket.fd)
    counters.latency((performance.now() - since) / 1000, end)
    activity.events += end
    return count
  }

  #answer(slot: number): void {
    const batch = this.#batch
    const { handler, counters } = this.#context
    // The system delivers from port 0, but nothing can be sent there.
    if (batch.portOf(slot) === 0) {
      counters.dropped('port-0')
      return
    }
    this.#slot = slot
    const message = batch.messages[slot] as Uint8Array
    const octets = handler.datagram(message, batch.lengthOf(slot), message, this)
    if (octets > 0) batch.reply(slot, octets)
  }
}

/** Number of the network interface of that name, as link-local addresses carry it; 0 if it is gone. */
function scopeOf(name: string): number {
  for (const address of networkInterfaces()[name] ?? []) {
    if (address.family === 'IPv6' && address.scopeid > 0) return address.scopeid
  }
  return 0
}
