import { ListenError } from '../net/listen.ts'
import type { SocketLibrary } from '../sockets/index.ts'
import { BatchExchange } from './batch-exchange.ts'
import { LISTENING } from './listen-addresses.ts'
import { LocalAddresses } from './local-addresses.ts'
import type { ThreadContext } from './thread-context.ts'
import {
  hasReusePort,
  isWildcard,
  type ListenSocket,
  type PortSharing,
  type ThreadListeners,
} from './thread-listeners.ts'
import { DgramListener, openDgram, type UdpService } from './udp.ts'
import { BatchListener } from './udp-batch.ts'
import { OVERFLOW_MS, OverflowWatch, readTables } from './udp-overflow.ts'
import { AddressSockets, type SocketAddress } from './udp-wildcard.ts'
import { WildcardBatch } from './wildcard-batch.ts'

export interface UdpOptions {
  readonly listeners: ThreadListeners
  /** Undefined where sockets are those of Node.js. */
  readonly sockets: SocketLibrary | undefined
  /** Octets that the system is to keep for each socket. */
  readonly receiveBuffer: number
  /** Addresses of this host, in canonical form. */
  readonly addresses: () => readonly string[]
}

/** Answers on all UDP sockets of a thread. Rejects with a ListenError. */
export async function openUdp(options: UdpOptions, context: ThreadContext): Promise<UdpService> {
  const service = new ThreadUdp(options, context)
  try {
    await service.start()
    return service
  } catch (error) {
    await service.close()
    throw error
  }
}

class ThreadUdp implements UdpService {
  readonly #options: UdpOptions
  readonly #context: ThreadContext
  /** Undefined in dgram mode. */
  readonly #exchange: BatchExchange | undefined
  readonly #overflow: OverflowWatch
  readonly #addresses: AddressSockets
  readonly #services: UdpService[] = []

  constructor(options: UdpOptions, context: ThreadContext) {
    const { listeners, sockets, addresses } = options
    this.#options = options
    this.#context = context
    if (listeners.mode === 'batch' && sockets !== undefined) {
      this.#exchange = new BatchExchange(sockets, context)
    }
    const everyMs = sockets === undefined ? OVERFLOW_MS.TABLES : OVERFLOW_MS.SOCKETS
    this.#overflow = new OverflowWatch(context.counters, context.log, everyMs)
    this.#addresses = new AddressSockets({
      wildcards: listeners.udp.map(({ host }) => host).filter(isWildcard),
      addresses,
      shared: new LocalAddresses(listeners.localAddresses),
      open: (address) => this.#openAddress(address),
      log: context.log,
    })
    this.#services.push(this.#addresses)
  }

  async start(): Promise<void> {
    const { udp } = this.#options.listeners
    const wildcards: number[] = []
    for (const socket of udp) {
      if (socket.fd !== undefined) {
        this.#watch(socket.fd, new Float64Array(socket.overflowCounted))
      }
      if (isWildcard(socket.host) && this.#exchange !== undefined && socket.fd !== undefined) {
        wildcards.push(socket.fd)
        continue
      }
      const service = await this.#open(socket)
      const isFirst = udp.find(({ host }) => host === socket.host) === socket
      if (isWildcard(socket.host) || !isFirst) this.#services.push(service)
      else this.#addresses.adopt(socket.host, service)
    }
    if (this.#exchange !== undefined) this.#answerWildcards(wildcards, this.#exchange)
    if (udp.some(({ host }) => isWildcard(host))) await this.#addresses.start()
    this.#watchTables()
  }

  #answerWildcards(fds: readonly number[], exchange: BatchExchange): void {
    if (fds.length === 0) return
    const addresses = this.#addresses
    this.#services.push(
      new WildcardBatch(
        fds,
        exchange,
        (address) => addresses.learn(address),
        () => addresses.openLearnt(),
      ),
    )
  }

  /** A socket that the control thread has opened, or has left to be opened here. */
  async #open({ host, port, fd }: ListenSocket): Promise<UdpService> {
    const { sockets, receiveBuffer } = this.#options
    try {
      if (fd !== undefined && sockets !== undefined) {
        return await this.#answer(host, sockets.duplicate(fd))
      }
      const where = { host, port }
      const origin = { where, sharing: this.#sharing(), receiveBuffer }
      return new DgramListener(await openDgram(origin), this.#context)
    } catch (error) {
      throw new ListenError(LISTENING.udp, { host, port }, error)
    }
  }

  /** A socket for one more address beside the wildcard's. */
  async #openAddress({ host, scope = 0 }: SocketAddress): Promise<UdpService> {
    const { sockets, receiveBuffer, listeners } = this.#options
    const port = listeners.udp[0]?.port ?? 0
    if (sockets === undefined) return this.#open({ host, port, fd: undefined })
    const fd = sockets.openUdp({ host, port, scope }, { receiveBuffer })
    const service = await this.#answer(host, fd)
    const unwatch = this.#watch(fd, new Float64Array(1))
    return {
      // Nobody else has it: what comes to it is answered to the end.
      leave: () => {},
      drain: () => service.drain(),
      close: () => {
        unwatch()
        return service.close()
      },
    }
  }

  /** Answers what comes to a descriptor, which is closed with the service. */
  async #answer(host: string, fd: number): Promise<UdpService> {
    if (this.#exchange !== undefined) {
      return BatchListener.open(host, fd, this.#exchange, this.#context)
    }
    return new DgramListener(await openDgram({ host, fd }), this.#context)
  }

  /** Beside a wildcard's, sockets of single addresses have the same port, and so have other threads'. */
  #sharing(): PortSharing {
    const { udp, threads } = this.#options.listeners
    if (threads === 1 && !udp.some(({ host }) => isWildcard(host))) return {}
    const reusePort = hasReusePort(process.versions.node, process.platform)
    return reusePort ? { reusePort: true } : { reuseAddr: true }
  }

  #watch(fd: number, counted: Float64Array): () => void {
    const { sockets } = this.#options
    if (sockets === undefined) return () => {}
    const source = { read: () => sockets.overflowed(fd), counted }
    this.#overflow.add(source)
    return () => this.#overflow.remove(source)
  }

  /** Without descriptors the system's tables tell, for the sockets of all threads at once. */
  #watchTables(): void {
    const { sockets, listeners, addresses } = this.#options
    const { udp, index } = listeners
    if (sockets !== undefined || index !== 0) return
    const port = udp[0]?.port ?? 0
    const hosts = udp.map(({ host }) => host)
    const all = () => (hosts.some(isWildcard) ? [...hosts, ...addresses()] : hosts)
    this.#overflow.add({ read: () => readTables(all, port), counted: new Float64Array(1) })
  }

  leave(): void {
    for (const service of this.#services) service.leave()
  }

  drain(): void {
    for (const service of this.#services) service.drain()
  }

  async close(): Promise<void> {
    this.#overflow.stop()
    await Promise.all(this.#services.map((service) => service.close()))
  }
}
