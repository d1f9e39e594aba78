import type { HostPort } from '../net/address.ts'

/** How datagrams are received and sent: see `udp` of the configuration. */
export type UdpMode = 'batch' | 'dgram'

/** Where one socket listens. IPv6 wildcards take IPv6 alone. */
export interface ListenSocket extends HostPort {
  /** A descriptor that stays the control thread's; undefined where the thread has to bind by itself. */
  readonly fd: number | undefined
}

/** One of UDP. */
export interface UdpListenSocket extends ListenSocket {
  /** A 64-bit float: the overflow that has been counted. It outlives the thread. */
  readonly overflowCounted: SharedArrayBuffer
}

/** What one query thread listens on; plain, so that it can be handed to the thread. */
export interface ThreadListeners {
  readonly mode: UdpMode
  /** Number of the thread, from 0, and how many there are. */
  readonly index: number
  readonly threads: number
  readonly udp: readonly UdpListenSocket[]
  readonly tcp: readonly ListenSocket[]
  /** Memory of the LocalAddresses that all threads share. */
  readonly localAddresses: SharedArrayBuffer
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

/** Bound only together with an interface. */
export function isLinkLocal(host: string): boolean {
  return /^fe[89ab]/.test(host)
}

/** What sockets of Node.js's own are to share their port by. */
export interface PortSharing {
  readonly reuseAddr?: true
  readonly reusePort?: true
}

const FIRST_REUSE_PORT: Readonly<Record<string, number>> = { 22: 12, 23: 1 }

/** Whether this version of Node.js can share a port between threads by itself (`reusePort`), on Linux. */
export function hasReusePort(version: string, platform: NodeJS.Platform): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return platform === 'linux' && (major > 23 || minor >= (FIRST_REUSE_PORT[major] ?? Infinity))
}
