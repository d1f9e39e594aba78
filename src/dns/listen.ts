import type { Config } from '../config/schema.ts'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import { ListenError } from '../net/listen.ts'
import { loadSockets, type SocketLibrary } from '../sockets/index.ts'
import { findListenAddresses, LISTENING, type ListenAddresses } from './listen-addresses.ts'
import { LocalAddresses } from './local-addresses.ts'
import {
  hasReusePort,
  isLinkLocal,
  isWildcard,
  type ListenSocket,
  type ThreadListeners,
  type UdpListenSocket,
  type UdpMode,
} from './thread-listeners.ts'

/** The sockets of all query threads, kept by the control thread. */
export interface DnsListeners {
  /** The first of `addresses`. */
  readonly address: HostPort
  /** Where it listens, as configured; the port is the real one where 0 was configured. */
  readonly addresses: readonly HostPort[]
  readonly mode: UdpMode
  /** How many threads can share the port: as many as were asked for, or one. */
  readonly threads: number
  /** Whether others can follow these while they are in use: see ListenOptions.previous. */
  readonly canBeFollowed: boolean
  /**
   * What a thread listens on, from 0; for a thread that replaces one that died, the same sockets with what
   * waits in them.
   */
  forThread(index: number): ThreadListeners
  /** Closes the sockets. Threads must have ended before, or have closed their service. */
  close(): void
}

export interface ListenOptions {
  readonly config: Pick<Config, 'listener' | 'port' | 'udp' | 'udpReceiveBuffer'>
  readonly threads: number
  readonly log: Logger
  /** Addresses of this host, in canonical form. */
  readonly addresses: () => readonly string[]
  /**
   * Listeners that these are to follow. Sockets at an address and port that both have are the same ones, with
   * what waits in them; so both have to be closed, in any order. Port 0 means the port that they have. Default:
   * none.
   */
  readonly previous?: DnsListeners | undefined
  /** What opens the sockets; undefined for those of Node.js. Default: what this machine has. */
  readonly loadSockets?: () => SocketLibrary | undefined
}

/**
 * Opens the sockets of every query thread: each has one of its own for each address, and the system
 * spreads clients over them (SO_REUSEPORT). Because they are opened here, the death of a thread closes
 * none of them. Rejects with a ListenError.
 */
export async function openListeners(options: ListenOptions): Promise<DnsListeners> {
  const { config, log, previous } = options
  const sockets = (options.loadSockets ?? loadSockets)()
  const mode = udpMode(config, sockets)
  const threads = possibleThreads(options.threads, sockets, log)
  const held = previous?.forThread(0).tcp ?? []
  const where = await findListenAddresses(config.listener, config.port, held)
  const opened = openAll(sockets, where, threads, options)
  const localAddresses = previous?.forThread(0).localAddresses ?? LocalAddresses.allocate()
  const addresses = config.listener.map((host) => ({ host, port: where.port }))
  let closed = false
  return {
    address: addresses[0] ?? { host: '', port: where.port },
    addresses,
    mode,
    threads,
    canBeFollowed: sockets !== undefined,
    forThread(index) {
      const thread = opened[index]
      if (thread === undefined) throw new RangeError(`no thread ${index}`)
      return { mode, index, threads, ...thread, localAddresses }
    },
    close() {
      if (!closed) for (const thread of opened) closeThread(sockets, thread)
      closed = true
    },
  }
}

function udpMode(
  { udp, listener, port }: ListenOptions['config'],
  sockets: SocketLibrary | undefined,
): UdpMode {
  if (udp === 'batch' && sockets === undefined) {
    const where = { host: listener[0] ?? '', port }
    const reason =
      'udp is "batch", which takes Linux on x64, arm64, riscv64 or loong64 and the optional ' +
      'dependency koffi, and koffi does not load here; install it, or set udp to "auto" or "dgram"'
    throw new ListenError(LISTENING.udp, where, undefined, reason)
  }
  return udp === 'dgram' || sockets === undefined ? 'dgram' : 'batch'
}

function possibleThreads(wanted: number, sockets: SocketLibrary | undefined, log: Logger): number {
  if (wanted === 1 || sockets !== undefined) return wanted
  if (hasReusePort(process.versions.node, process.platform)) return wanted
  log.warn(
    { workers: wanted },
    'only one query thread: several can share a port on Linux, with koffi installed or Node.js 22.12 or later',
  )
  return 1
}

type ThreadSockets = Pick<ThreadListeners, 'udp' | 'tcp'>

function openAll(
  sockets: SocketLibrary | undefined,
  where: ListenAddresses,
  threads: number,
  { config, addresses, previous }: ListenOptions,
): readonly ThreadSockets[] {
  const { hosts, port } = where
  if (sockets === undefined) {
    const tcp = hosts.map((host) => ({ host, port, fd: undefined }))
    return Array.from({ length: threads }, () => ({
      udp: tcp.map((unbound) => ({ ...unbound, overflowCounted: new SharedArrayBuffer(8) })),
      tcp,
    }))
  }
  const opened = Array.from({ length: threads }, () => ({
    udp: [] as UdpListenSocket[],
    tcp: [] as ListenSocket[],
  }))
  const { udpReceiveBuffer: receiveBuffer } = config
  const specific = specificAddresses(hosts, addresses())
  const before = Array.from({ length: previous?.threads ?? 0 }, (_, i) => previous?.forThread(i))
  try {
    for (const host of [...hosts, ...specific]) {
      const at = { host, port }
      const held = before.flatMap((thread) => heldAt(thread?.udp ?? [], at))
      forEachThread(opened, held, ({ udp }, same) => {
        udp.push(openUdp(sockets, at, receiveBuffer, same))
      })
    }
    for (const host of hosts) {
      const at = { host, port }
      const held = before.flatMap((thread) => heldAt(thread?.tcp ?? [], at))
      forEachThread(opened, held, ({ tcp }, same) => tcp.push(openTcp(sockets, at, same)))
    }
    return opened
  } catch (error) {
    for (const thread of opened) closeThread(sockets, thread)
    throw error
  }
}

/**
 * Has a socket opened for each thread, or one taken over that is held already. All of those are: what waits in
 * one that nobody took over would be lost.
 */
function forEachThread<Thread, Socket>(
  threads: readonly Thread[],
  held: readonly Socket[],
  open: (thread: Thread, held: Socket | undefined) => void,
): void {
  const sockets = Math.max(threads.length, held.length)
  for (let i = 0; i < sockets; i++) open(threads[i % threads.length] as Thread, held[i])
}

/** Addresses that get a socket of their own beside the wildcard's: see udp-wildcard.ts. */
function specificAddresses(hosts: readonly string[], addresses: readonly string[]): string[] {
  const present = new Set(addresses)
  return [...present].filter(
    (address) => hosts.includes(address.includes(':') ? '::' : '0.0.0.0') && !isLinkLocal(address),
  )
}

/** A socket at this address and port, or the one that is held there once more. */
function openUdp(
  sockets: SocketLibrary,
  where: HostPort,
  receiveBuffer: number,
  held: Held<UdpListenSocket> | undefined,
): UdpListenSocket {
  try {
    if (held === undefined) {
      const fd = sockets.openUdp(where, { receiveBuffer, localAddresses: isWildcard(where.host) })
      return { ...where, fd, overflowCounted: new SharedArrayBuffer(8) }
    }
    const fd = sockets.duplicate(held.fd)
    sockets.setReceiveBuffer(fd, receiveBuffer)
    return { ...where, fd, overflowCounted: held.overflowCounted }
  } catch (error) {
    throw new ListenError(LISTENING.udp, where, error)
  }
}

function openTcp(
  sockets: SocketLibrary,
  where: HostPort,
  held: Held<ListenSocket> | undefined,
): ListenSocket {
  try {
    const fd = held === undefined ? sockets.openTcp(where) : sockets.duplicate(held.fd)
    return { ...where, fd }
  } catch (error) {
    throw new ListenError(LISTENING.tcp, where, error)
  }
}

type Held<Socket extends ListenSocket> = Socket & { readonly fd: number }

function heldAt<Socket extends ListenSocket>(
  held: readonly Socket[],
  { host, port }: HostPort,
): Held<Socket>[] {
  return held.filter(
    (socket): socket is Held<Socket> =>
      socket.fd !== undefined && socket.host === host && socket.port === port,
  )
}

function closeThread(sockets: SocketLibrary | undefined, { udp, tcp }: ThreadSockets): void {
  for (const { fd } of [...udp, ...tcp]) if (fd !== undefined) sockets?.close(fd)
}
