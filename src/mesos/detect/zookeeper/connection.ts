import type { Socket } from 'node:net'
import { formatHostPort, type HostPort } from '../../../net/address.ts'
import { type DialOptions, dial } from './dial.ts'
import { describeCause, ZookeeperError } from './errors.ts'
import { FrameDecoder } from './frames.ts'
import { JuteReader } from './jute.ts'
import { PendingReplies } from './pending.ts'
import {
  authRequest,
  closeRequest,
  connectRequest,
  ErrorReply,
  type Operation,
  pingRequest,
  readConnectResponse,
  readReplyHeader,
  readWatchEvent,
  requestFrame,
  type Session,
  type WatchEvent,
  Xid,
} from './protocol.ts'

/** Stands for the connect request among those awaiting an answer; xids of requests start at 1. */
const HANDSHAKE = 0
/** A server that agrees to less would have us ping without a pause. */
const MIN_SESSION_TIMEOUT_MS = 300
/** How long the other side may take to close after we said goodbye. */
const CLOSE_GRACE_MS = 1000

export interface ConnectionOptions extends DialOptions {
  /** The session to go on with; a new one if undefined. */
  readonly session: Session | undefined
  readonly lastZxid: bigint
  /** Session timeout to ask for, in milliseconds. */
  readonly sessionTimeoutMs: number
  /** For the server to accept the session, in milliseconds. */
  readonly handshakeTimeoutMs: number
  /** `user:password` for the digest scheme. */
  readonly credentials: string | undefined
  readonly onWatch: (event: WatchEvent) => void
}

/**
 * Connects, agrees on a session and authenticates. Rejects with ZookeeperError: `expired` when the
 * offered session is gone, `auth` when the credentials are refused, else `unreachable` or `malformed`.
 */
export async function openConnection(
  server: HostPort,
  options: ConnectionOptions,
): Promise<Connection> {
  const socket = await dial(server, options)
  const connection = new Connection(server, socket, options)
  await connection.handshake()
  return connection
}

/** One connection to one server, from handshake to the first fault; it does not reconnect. */
export class Connection {
  readonly server: HostPort
  /** Settles with the reason when the connection is over; never rejects. */
  readonly closed: Promise<ZookeeperError>
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #frames = new FrameDecoder()
  readonly #pending: PendingReplies
  readonly #timers = new Map<'ping' | 'silence', () => void>()
  #session: Session | undefined
  #lastZxid: bigint
  #xid = 0
  #over: ZookeeperError | undefined
  #resolveClosed: (error: ZookeeperError) => void = () => {}

  constructor(server: HostPort, socket: Socket, options: ConnectionOptions) {
    this.server = server
    this.#socket = socket
    this.#options = options
    this.#lastZxid = options.lastZxid
    this.#pending = new PendingReplies(options.clock, (what) =>
      this.#unreachable(`no answer to ${what}`),
    )
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('error', (error) => this.#unreachable(describeCause(error)))
    socket.on('close', () =>
      this.#unreachable(
        this.#session === undefined
          ? 'closed without accepting a session; it may have no quorum'
          : 'closed by the server',
      ),
    )
  }

  /** Undefined until the handshake is done. */
  get session(): Session | undefined {
    return this.#session
  }

  /** Newest transaction seen in a reply. */
  get lastZxid(): bigint {
    return this.#lastZxid
  }

  async handshake(): Promise<void> {
    const { session, sessionTimeoutMs, handshakeTimeoutMs, credentials, signal } = this.#options
    const onAbort = () => this.close()
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    try {
      const offered = this.#expect(
        HANDSHAKE,
        'the connect request',
        handshakeTimeoutMs,
        readConnectResponse,
      )
      this.#send(connectRequest(session, sessionTimeoutMs, this.#lastZxid))
      this.#begin(await offered)
      if (credentials !== undefined) await this.#authenticate(credentials, handshakeTimeoutMs)
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  /**
   * Sends a request. Rejects with ZookeeperError: `reply` for an error reply, which leaves the
   * connection as it is; anything else is the end of the connection.
   */
  request<T>(operation: Operation<T>): Promise<T> {
    const xid = this.#nextXid()
    const { description, read } = operation
    const reply = this.#expect(xid, description, this.#readTimeoutMs, read)
    this.#send(requestFrame(xid, operation))
    return reply
  }

  /** Ends the session and the connection. */
  close(): void {
    if (this.#over !== undefined) return
    this.#finish(new ZookeeperError('stopped', 'stopped'))
    this.#socket.end(closeRequest(this.#nextXid()))
    const cancel = this.#options.clock.after(CLOSE_GRACE_MS, () => this.#socket.destroy())
    this.#socket.once('close', cancel)
  }

  #begin(answer: Session): void {
    if (this.#over !== undefined) throw this.#over
    if (answer.timeoutMs <= 0) {
      throw this.#fail('expired', 'the server knows the session no more')
    }
    const { sessionTimeoutMs } = this.#options
    const timeoutMs = Math.max(MIN_SESSION_TIMEOUT_MS, Math.min(answer.timeoutMs, sessionTimeoutMs))
    this.#session = { ...answer, timeoutMs }
    this.#heard()
    this.#pingLater()
  }

  async #authenticate(credentials: string, timeoutMs: number): Promise<void> {
    const answer = this.#expect(Xid.auth, 'the credentials', timeoutMs, () => {})
    this.#send(authRequest(credentials))
    await answer.catch((error: unknown) => {
      if (!(error instanceof ZookeeperError) || error.failure !== 'reply') throw error
      throw this.#fail(
        'auth',
        'the credentials were refused; check user and password of the zk url',
      )
    })
  }

  #expect<T>(
    xid: number,
    what: string,
    timeoutMs: number,
    read: (reader: JuteReader) => T,
  ): Promise<T> {
    if (this.#over !== undefined) return Promise.reject(this.#over)
    return this.#pending.add(xid, what, timeoutMs, read)
  }

  #onData(chunk: Buffer): void {
    try {
      this.#frames.push(chunk)
      while (this.#over === undefined) {
        const frame = this.#frames.next()
        if (frame === undefined) return
        this.#onMessage(new JuteReader(frame))
      }
    } catch (error) {
      this.#fail('malformed', describeCause(error), error)
    }
  }

  #onMessage(reader: JuteReader): void {
    if (this.#pending.has(HANDSHAKE)) {
      this.#pending.settle(HANDSHAKE, reader, 0)
      return
    }
    this.#heard()
    const { xid, zxid, error } = readReplyHeader(reader)
    if (xid === Xid.ping) return
    if (xid === Xid.watchEvent) {
      this.#options.onWatch(readWatchEvent(reader))
    } else if (error === ErrorReply.sessionExpired) {
      this.#fail('expired', 'the session expired')
    } else if (error === ErrorReply.sessionMoved) {
      this.#fail('unreachable', 'the session moved to another server')
    } else {
      this.#pending.settle(xid, reader, error)
      if (xid !== Xid.auth && zxid > this.#lastZxid) this.#lastZxid = zxid
    }
  }

  /** ZooKeeper's own clients ping after a third of the session timeout and give up after two. */
  get #readTimeoutMs(): number {
    return ((this.#session?.timeoutMs ?? this.#options.sessionTimeoutMs) * 2) / 3
  }

  #heard(): void {
    this.#restart('silence', this.#readTimeoutMs, () =>
      this.#unreachable(`silent for ${Math.round(this.#readTimeoutMs)} ms`),
    )
  }

  #pingLater(): void {
    this.#restart('ping', this.#readTimeoutMs / 2, () => {
      this.#send(pingRequest())
      this.#pingLater()
    })
  }

  #restart(timer: 'ping' | 'silence', ms: number, run: () => void): void {
    this.#timers.get(timer)?.()
    this.#timers.set(timer, this.#options.clock.after(ms, run))
  }

  #send(frame: Buffer): void {
    if (this.#over === undefined) this.#socket.write(frame)
  }

  #nextXid(): number {
    this.#xid = this.#xid === 0x7fffffff ? 1 : this.#xid + 1
    return this.#xid
  }

  #unreachable(reason: string): void {
    this.#fail('unreachable', reason)
  }

  /** Ends the connection at once, for a fault; the first one counts. */
  #fail(failure: ZookeeperError['failure'], reason: string, cause?: unknown): ZookeeperError {
    const message = `zookeeper ${formatHostPort(this.server)}: ${reason}`
    const error = this.#finish(new ZookeeperError(failure, message, { cause }))
    this.#socket.destroy()
    return error
  }

  #finish(error: ZookeeperError): ZookeeperError {
    if (this.#over !== undefined) return this.#over
    this.#over = error
    for (const cancel of this.#timers.values()) cancel()
    this.#pending.failAll(error)
    this.#resolveClosed(error)
    return error
  }
}
