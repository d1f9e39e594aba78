import { createSocket, type SocketOptions } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { HostPort } from '../net/address.ts'
import { errorCode, ListenError, type Listening, NO_FAMILY } from '../net/listen.ts'
import { isWildcard } from './thread-listeners.ts'

const UDP = { what: 'DNS over UDP', hostKey: 'listener', portKey: 'port' }
const TCP = { what: 'DNS over TCP', hostKey: 'listener', portKey: 'port' }
export const LISTENING = { udp: UDP, tcp: TCP } as const satisfies Record<string, Listening>

/** UDP may get a port that TCP, or another address, then finds taken; another one usually is free. */
const EPHEMERAL_TRIES = 10

export interface ListenAddresses {
  readonly hosts: readonly string[]
  readonly port: number
}

/**
 * The addresses to bind for those configured, and the port. A wildcard means every address of both
 * families, as `0.0.0.0` does in Go; a host without IPv6 does without. Rejects with a ListenError unless
 * the port is free on each of them for UDP and for TCP: later it is bound so that threads can share it,
 * and then nobody would be told that another process has it, too. For port 0 a free one is chosen, or
 * that of `held`: sockets of ours, beside which there is no need to ask.
 */
export async function findListenAddresses(
  listener: readonly string[],
  port: number,
  held: readonly HostPort[] = [],
): Promise<ListenAddresses> {
  const [first] = held
  if (port === 0 && first !== undefined) return await probeAll(listener, first.port, held)
  for (let tries = 1; ; tries++) {
    try {
      return await probeAll(listener, port, held)
    } catch (error) {
      const isTaken = error instanceof ListenError && errorCode(error.cause) === 'EADDRINUSE'
      if (port !== 0 || !isTaken || tries === EPHEMERAL_TRIES) throw error
    }
  }
}

async function probeAll(
  listener: readonly string[],
  wanted: number,
  held: readonly HostPort[],
): Promise<ListenAddresses> {
  const hosts: string[] = []
  let port = wanted
  for (const host of listener) {
    port = isHeld(host, port, held) ? port : await probe(host, port)
    hosts.push(host)
    const other = OTHER_FAMILY[host]
    if (other === undefined) continue
    try {
      if (!isHeld(other, port, held)) await probe(other, port)
      hosts.push(other)
    } catch (error) {
      const isMissing = error instanceof ListenError && NO_FAMILY.includes(errorCode(error.cause))
      if (!isMissing) throw error
    }
  }
  return { hosts, port }
}

/** Whether a socket of ours would be in the way of one that does not share this address. */
function isHeld(host: string, port: number, held: readonly HostPort[]): boolean {
  return held.some((socket) => {
    if (socket.port !== port || socket.host.includes(':') !== host.includes(':')) return false
    return socket.host === host || isWildcard(socket.host) || isWildcard(host)
  })
}

const OTHER_FAMILY: Readonly<Record<string, string>> = { '0.0.0.0': '::', '::': '0.0.0.0' }

/** Binds for a moment without sharing, for UDP and TCP; resolves with the port. */
async function probe(host: string, wanted: number): Promise<number> {
  const udp = createSocket(dgramOf(host))
  const tcp = createServer()
  try {
    const bound = once(udp, 'listening')
    // Without a look-up: `host` is an address.
    udp.bind({ address: host, port: wanted, exclusive: true })
    await bound.catch((error) =>
      Promise.reject(new ListenError(UDP, { host, port: wanted }, error)),
    )
    const { port } = udp.address() as AddressInfo
    tcp.listen({ host, port, ipv6Only: true, exclusive: true })
    await once(tcp, 'listening').catch((error) =>
      Promise.reject(new ListenError(TCP, { host, port }, error)),
    )
    return port
  } finally {
    const closed = [once(udp, 'close')]
    udp.close()
    if (tcp.listening) closed.push(once(tcp, 'close'))
    tcp.close()
    await Promise.all(closed)
  }
}

/** Options for a UDP socket to be bound to this address; IPv6 does not take IPv4's messages. */
export function dgramOf(host: string): SocketOptions {
  return host.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' }
}
