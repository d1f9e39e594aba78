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
  /** What opens the sockets; undefined for those of Node.js. Default: what this machine has. */
  readonly loadSockets?: () => SocketLibrary | undefined
}

/**
 * Opens the sockets of every query thread: each has one of its own for each address, and the system
 * spreads clients over them (SO_REUSEPORT). Because they are opened here, the death of a thread closes
 * none of them. Rejects with a ListenError.
 */
export async function openListeners(options: ListenOptions): Promise<DnsListeners> {
  const { config, log } = options
  const sockets = (options.loadSockets ?? loadSockets)()
  const mode = udpMode(config, sockets)
  const threads = possibleThreads(options.threads, sockets, log)
  const where = await findListenAddresses(config.listener, config.port)
  const opened = openAll(sockets, where, threads, options)
  const overflowCounted = opened.map(({ udp }) => new SharedArrayBuffer(8 * udp.length))
  const localAddresses = LocalAddresses.allocate()
  const addresses = config.listener.map((host) => ({ host, port: where.port }))
  let closed = false
  return {
    address: addresses[0] ?? { host: '', port: where.port },
    addresses,
    mode,
    threads,
    forThread(index) {
      const thread = opened[index]
      const counted = overflowCounted[index]
      if (thread === undefined || counted === undefined) throw new RangeError(`no thread ${index}`)
      return { mode, index, threads, ...thread, localAddresses, overflowCounted: counted }
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
  { config, addresses }: ListenOptions,
): readonly ThreadSockets[] {
  const { hosts, port } = where
  if (sockets === undefined) {
    const unbound = hosts.map((host) => ({ host, port, fd: undefined }))
    return Array.from({ length: threads }, () => ({ udp: unbound, tcp: unbound }))
  }
  const opened: { readonly udp: ListenSocket[]; readonly tcp: ListenSocket[] }[] = []
  const { udpReceiveBuffer: receiveBuffer } = config
  const specific = specificAddresses(hosts, addresses())
  try {
    for (let index = 0; index < threads; index++) {
      const thread: (typeof opened)[number] = { udp: [], tcp: [] }
      opened.push(thread)
      for (const host of hosts) {
        const at = { host, port }
        const udp = { receiveBuffer, localAddresses: isWildcard(host) }
        thread.udp.push(open('udp', at, () => sockets.openUdp(at, udp)))
        thread.tcp.push(open('tcp', at, () => sockets.openTcp(at)))
      }
      for (const host of specific) {
        const at = { host, port }
        thread.udp.push(open('udp', at, () => sockets.openUdp(at, { receiveBuffer })))
      }
    }
    return opened
  } catch (error) {
    for (const thread of opened) closeThread(sockets, thread)
    throw error
  }
}

/** Addresses that get a socket of their own beside the wildcard's: see udp-wildcard.ts. */
function specificAddresses(hosts: readonly string[], addresses: readonly string[]): string[] {
  const present = new Set(addresses)
  return [...present].filter(
    (address) => hosts.includes(address.includes(':') ? '::' : '0.0.0.0') && !isLinkLocal(address),
  )
}

function open(transport: 'udp' | 'tcp', where: HostPort, bind: () => number): ListenSocket {
  try {
    return { ...where, fd: bind() }
  } catch (error) {
    throw new ListenError(LISTENING[transport], where, error)
  }
}

function closeThread(sockets: SocketLibrary | undefined, { udp, tcp }: ThreadSockets): void {
  for (const { fd } of [...udp, ...tcp]) if (fd !== undefined) sockets?.close(fd)
}
