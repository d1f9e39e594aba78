import { createSocket, type SocketOptions } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { errorCode, ListenError, type Listening, NO_FAMILY } from '../net/listen.ts'

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
 * and then nobody would be told that another process has it, too. For port 0 a free one is chosen.
 */
export async function findListenAddresses(
  listener: readonly string[],
  port: number,
): Promise<ListenAddresses> {
  for (let tries = 1; ; tries++) {
    try {
      return await probeAll(listener, port)
    } catch (error) {
      const isTaken = error instanceof ListenError && errorCode(error.cause) === 'EADDRINUSE'
      if (port !== 0 || !isTaken || tries === EPHEMERAL_TRIES) throw error
    }
  }
}

async function probeAll(listener: readonly string[], wanted: number): Promise<ListenAddresses> {
  const hosts: string[] = []
  let port = wanted
  for (const host of listener) {
    port = await probe(host, port)
    hosts.push(host)
    const other = OTHER_FAMILY[host]
    if (other === undefined) continue
    try {
      await probe(other, port)
      hosts.push(other)
    } catch (error) {
      const isMissing = error instanceof ListenError && NO_FAMILY.includes(errorCode(error.cause))
      if (!isMissing) throw error
    }
  }
  return { hosts, port }
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
