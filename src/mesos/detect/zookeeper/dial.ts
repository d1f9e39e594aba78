import { connect, type LookupFunction, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { formatHostPort, type HostPort, isIp } from '../../../net/address.ts'
import type { Clock } from './clock.ts'
import { describeCause, ZookeeperError } from './errors.ts'
import { shufflingLookup } from './lookup.ts'

export interface DialOptions {
  /** For the name lookup, TCP and TLS together, in milliseconds. */
  readonly connectTimeoutMs: number
  /** Present: TLS, with these settings (`ca`, `cert`, `key`, …). */
  readonly tls: ConnectionOptions | undefined
  readonly clock: Clock
  /** [0, 1), for the order of a name's addresses. */
  readonly random: () => number
  /** Gives the attempt up. */
  readonly signal: AbortSignal
}

/** Opens a TCP or TLS connection; rejects with ZookeeperError within the time limit. */
export function dial(server: HostPort, options: DialOptions): Promise<Socket> {
  const { connectTimeoutMs, tls, clock, random, signal } = options
  const name = formatHostPort(server)
  if (signal.aborted) return Promise.reject(stopped())
  return new Promise((resolve, reject) => {
    const socket = open(server, tls, shufflingLookup(random))
    const giveUp = (error: ZookeeperError) => {
      settled()
      socket.on('error', () => {}) // of a socket nobody waits for any more
      socket.destroy()
      reject(error)
    }
    const onError = (cause: Error) =>
      giveUp(unreachable(`cannot connect to zookeeper ${name}: ${describeCause(cause)}`, cause))
    const onAbort = () => giveUp(stopped())
    const onConnect = () => {
      settled()
      socket.setNoDelay(true)
      resolve(socket)
    }
    const cancelTimer = clock.after(connectTimeoutMs, () =>
      giveUp(unreachable(`no connection to zookeeper ${name} within ${connectTimeoutMs} ms`)),
    )
    const ready = tls === undefined ? 'connect' : 'secureConnect'
    const settled = () => {
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError).off(ready, onConnect)
    }
    socket.once('error', onError).once(ready, onConnect)
    signal.addEventListener('abort', onAbort)
  })
}

function open(
  { host, port }: HostPort,
  tls: ConnectionOptions | undefined,
  lookup: LookupFunction,
): Socket {
  if (tls === undefined) return connect({ host, port, lookup })
  // SNI carries names only (RFC 6066 §3).
  const servername = isIp(host) ? {} : { servername: host }
  return connectTls({ ...tls, host, port, lookup, ...servername })
}

function unreachable(message: string, cause?: unknown): ZookeeperError {
  return new ZookeeperError('unreachable', message, { cause })
}

function stopped(): ZookeeperError {
  return new ZookeeperError('stopped', 'stopped while connecting')
}
