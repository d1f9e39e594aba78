import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { formatHostPort, type HostPort } from '../../../net/address.ts'
import { type Backoff, backoffDelay } from '../../backoff.ts'
import type { Clock } from './clock.ts'
import { type Connection, openConnection } from './connection.ts'
import { ZookeeperError } from './errors.ts'
import type { Operation, Session, WatchEvent } from './protocol.ts'
import { shuffled } from './shuffle.ts'

/** A connection that lasted less is one more failed attempt, so that a flapping server is not hammered. */
const STABLE_MS = 1000

/**
 * In every fourth round each server gets four times as long: a slow ensemble is better than none, but a
 * server that swallowed the request while it started up (as real ones do) is soon asked again.
 */
const PATIENT_ROUND = 4
const PATIENCE = 4

/** Durations in milliseconds. */
export interface ClientTiming {
  /** Session timeout to ask for; a server silent for two thirds of it is given up. */
  readonly sessionTimeoutMs: number
  /** For one server to take the connection; longer in some rounds. */
  readonly connectTimeoutMs: number
  /** Likewise for the session, which may cost the ensemble a quorum write. */
  readonly handshakeTimeoutMs: number
  /** Between two rounds over all servers. */
  readonly backoff: Backoff
  /** The first attempt waits a random part of this, for a fleet of servers that is started at once. */
  readonly startSpreadMs: number
  /** Likewise after a connection was lost, as all clients of a server lose theirs when it ends. */
  readonly reconnectSpreadMs: number
}

export interface ClientOptions extends ClientTiming {
  /** At least one. */
  readonly servers: readonly HostPort[]
  /** `user:password` for the digest scheme. */
  readonly credentials: string | undefined
  readonly tls: TlsOptions | undefined
  readonly clock: Clock
  /** [0, 1), for the order of the servers and the jitter. */
  readonly random: () => number
  readonly listener: ClientListener
}

export interface ClientListener {
  /** A session is ready; watches of an earlier connection are gone and must be set anew. */
  connected(server: HostPort, session: Session): void
  /** A connection broke (0 attempts if it had lasted), or the nth attempt in a row failed. */
  failed(server: HostPort, error: ZookeeperError, attempts: number): void
  watch(event: WatchEvent): void
}

/**
 * Keeps a connection to one of the servers, for ever. Servers are tried in a random order fixed at the
 * start; after each round in vain comes a pause. A lost connection's session is taken to the next
 * server, but after a whole round in vain nothing is worth resuming: the client then begins anew and
 * forgets the newest transaction it saw, which an ensemble rebuilt from nothing would for ever fail to
 * have.
 */
export class ZookeeperClient {
  readonly #options: ClientOptions
  readonly #servers: readonly HostPort[]
  readonly #stop = new AbortController()
  #connection: Connection | undefined
  #session: Session | undefined
  #lastZxid = 0n
  #running: Promise<void> | undefined

  constructor(options: ClientOptions) {
    this.#options = options
    this.#servers = shuffled(options.servers, options.random)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  stop(): void {
    this.#stop.abort()
    this.#connection?.close()
  }

  /** Asks the server connected to at the moment; rejects with ZookeeperError, see Connection. */
  request<T>(operation: Operation<T>): Promise<T> {
    return (
      this.#connection?.request(operation) ??
      Promise.reject(new ZookeeperError('unreachable', 'not connected to any zookeeper server'))
    )
  }

  async #run(): Promise<void> {
    const { listener, backoff, random, startSpreadMs, reconnectSpreadMs } = this.#options
    let attempts = 0
    await this.#pause(random() * startSpreadMs)
    for (let turn = 0; !this.#stop.signal.aborted; turn++) {
      const server = this.#servers[turn % this.#servers.length]
      if (server === undefined) return
      const resumed = this.#session
      const { error, lastedMs } = await this.#connectOnce(server, this.#rounds(attempts))
      if (this.#stop.signal.aborted) return
      if (error.failure === 'expired') {
        this.#session = undefined
        if (resumed !== undefined && lastedMs === undefined) {
          turn-- // the server is fine: at once again, with a new session
          continue
        }
      }
      attempts = (lastedMs ?? 0) >= STABLE_MS ? 0 : attempts + 1
      listener.failed(server, error, attempts)
      if (attempts === 0) {
        await this.#pause(random() * reconnectSpreadMs)
      } else if (attempts % this.#servers.length === 0) {
        this.#session = undefined
        this.#lastZxid = 0n
        await this.#pause(backoffDelay(this.#rounds(attempts) - 1, backoff, random))
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return pause(this.#options.clock, ms, this.#stop.signal)
  }

  /** Whole rounds over the servers in that many attempts. */
  #rounds(attempts: number): number {
    return Math.floor(attempts / this.#servers.length)
  }

  /**
   * From the attempt to connect to the end of the connection, which lasted so many milliseconds;
   * undefined if it never came to be. Never rejects.
   */
  async #connectOnce(
    server: HostPort,
    round: number,
  ): Promise<{ error: ZookeeperError; lastedMs: number | undefined }> {
    const { clock, listener, connectTimeoutMs, handshakeTimeoutMs } = this.#options
    const patience = (round + 1) % PATIENT_ROUND === 0 ? PATIENCE : 1
    let connection: Connection
    try {
      connection = await openConnection(server, {
        ...this.#options,
        connectTimeoutMs: connectTimeoutMs * patience,
        handshakeTimeoutMs: handshakeTimeoutMs * patience,
        session: this.#session,
        lastZxid: this.#lastZxid,
        signal: this.#stop.signal,
        onWatch: (event) => listener.watch(event),
      })
    } catch (error) {
      return { error: asZookeeperError(error, server), lastedMs: undefined }
    }
    const since = clock.now()
    this.#connection = connection
    this.#session = connection.session
    if (this.#session !== undefined) listener.connected(server, this.#session)
    const error = await connection.closed
    this.#connection = undefined
    this.#lastZxid = connection.lastZxid
    return { error, lastedMs: clock.now() - since }
  }
}

function asZookeeperError(error: unknown, server: HostPort): ZookeeperError {
  if (error instanceof ZookeeperError) return error
  const message = `zookeeper ${formatHostPort(server)}: ${String(error)}`
  return new ZookeeperError('unreachable', message, { cause: error })
}

/** Resolves after `ms` milliseconds or when the signal aborts. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(ms, done)
    signal.addEventListener('abort', done)
  })
}
