import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { Logger } from '../../../log.ts'
import { formatHostPort, type HostPort } from '../../../net/address.ts'
import type { MasterDetector } from '../detector.ts'
import { backoffDelay } from './backoff.ts'
import { type ClientTiming, ZookeeperClient } from './client.ts'
import { type Clock, systemClock } from './clock.ts'
import { ZookeeperError } from './errors.ts'
import {
  type KnownMasters,
  learn,
  sameAddress,
  sameMasters,
  shortcomingOf,
} from './known-masters.ts'
import { ErrorReply, exists, type Session } from './protocol.ts'
import { type Election, normalizePath, type Request, readMasters } from './read-masters.ts'

/** `zk://[auth@]hosts/path`, taken apart. */
export interface ZookeeperUrl {
  readonly hosts: readonly HostPort[]
  /** Where the masters stand for election; a trailing slash does no harm. */
  readonly path: string
  /** For the digest scheme. */
  readonly auth?: { readonly user: string; readonly password: string }
}

/** Durations in milliseconds. */
export interface DetectorTiming extends ClientTiming {
  /** Everything is read again that often, should a watch have been lost. */
  readonly auditMs: number
}

export interface ZookeeperDetectorOptions {
  readonly url: ZookeeperUrl
  readonly log: Logger
  /** Present: TLS to the servers, with these settings. */
  readonly tls?: TlsOptions | undefined
  readonly clock?: Clock
  readonly random?: () => number
  readonly timing?: Partial<DetectorTiming>
}

/** How detection itself fares; the masters stay known whatever it says. */
export interface ZookeeperStatus {
  readonly state: 'connecting' | 'connected' | 'disconnected'
  /** When that state began, in milliseconds since the epoch. */
  readonly since: number
  /** What keeps masters or leader from being up to date; undefined when they are. */
  readonly lastError: string | undefined
  /** `host:port` connected to. */
  readonly server: string | undefined
}

export interface ZookeeperDetector extends MasterDetector {
  readonly status: ZookeeperStatus
}

const DEFAULT_TIMING: DetectorTiming = {
  sessionTimeoutMs: 10_000,
  connectTimeoutMs: 1_000,
  handshakeTimeoutMs: 2_000,
  backoff: { minMs: 500, maxMs: 10_000 },
  auditMs: 60_000,
}

/** While ZooKeeper stays out of reach, a warning comes no more often than this. */
const REMIND_MS = 60_000

/**
 * Watches the election of Mesos masters in ZooKeeper. What was once known stays known: only a
 * successful read replaces masters and leader, so ZooKeeper may be away, slow or wrong without harm.
 */
export function createZookeeperDetector(options: ZookeeperDetectorOptions): ZookeeperDetector {
  return new Detector(options)
}

class Detector implements ZookeeperDetector {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #random: () => number
  readonly #timing: DetectorTiming
  readonly #path: string
  readonly #client: ZookeeperClient
  readonly #listeners = new Set<() => void>()
  #known: KnownMasters = { masters: [], leader: undefined }
  #status: ZookeeperStatus
  /** What was last found wrong with the znodes, to say it once. */
  #shortcoming: string | undefined
  #remindAt = 0
  #reading = false
  #readAgain = false
  #failedReads = 0
  #cancelNextRead: () => void = () => {}

  constructor({ url, log, tls, clock, random, timing }: ZookeeperDetectorOptions) {
    this.#log = log
    this.#clock = clock ?? systemClock
    this.#random = random ?? Math.random
    this.#timing = { ...DEFAULT_TIMING, ...timing }
    this.#path = normalizePath(url.path)
    this.#status = {
      state: 'connecting',
      since: this.#clock.now(),
      lastError: undefined,
      server: undefined,
    }
    this.#client = new ZookeeperClient({
      ...this.#timing,
      servers: url.hosts,
      credentials: url.auth && `${url.auth.user}:${url.auth.password}`,
      tls,
      clock: this.#clock,
      random: this.#random,
      listener: {
        connected: (server, session) => this.#onConnected(server, session),
        failed: (server, error, attempts) => this.#onFailed(server, error, attempts),
        watch: () => this.#read(),
      },
    })
  }

  get masters(): readonly HostPort[] {
    return this.#known.masters
  }

  get leader(): HostPort | undefined {
    return this.#known.leader
  }

  get status(): ZookeeperStatus {
    return this.#status
  }

  start(): void {
    this.#client.start()
  }

  stop(): void {
    this.#setStatus('disconnected', 'stopped')
    this.#cancelNextRead()
    this.#client.stop()
  }

  onChange(listener: () => void): () => void {
    const own = () => listener() // so that a function given twice is two listeners
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  #onConnected(server: HostPort, { id, timeoutMs }: Session): void {
    const name = formatHostPort(server)
    const session = BigInt.asUintN(64, id).toString(16)
    this.#setStatus('connected', this.#status.lastError, name)
    this.#log.info({ server: name, session, timeoutMs }, 'connected to zookeeper')
    this.#read()
  }

  #onFailed(server: HostPort, error: ZookeeperError, attempts: number): void {
    const lost = this.#status.state === 'connected'
    this.#cancelNextRead()
    this.#setStatus(lost ? 'disconnected' : this.#status.state, error.message)
    const detail = { server: formatHostPort(server), error: error.message, attempts }
    const now = this.#clock.now()
    if (!lost && now < this.#remindAt) {
      this.#log.debug(detail, 'no connection to zookeeper')
      return
    }
    this.#remindAt = now + REMIND_MS
    const kept = { ...detail, leader: this.#leaderName }
    this.#log.warn(kept, `${lost ? 'lost' : 'no'} connection to zookeeper, keeping known masters`)
  }

  /** Reads now, or once more after the read that is under way. */
  #read(): void {
    this.#readAgain = true
    if (!this.#reading) void this.#readWhileAsked()
  }

  async #readWhileAsked(): Promise<void> {
    this.#reading = true
    while (this.#readAgain && this.#connected) {
      this.#readAgain = false
      this.#cancelNextRead()
      const nextMs = await this.#readOnce()
      if (this.#connected) this.#cancelNextRead = this.#clock.after(nextMs, () => this.#read())
    }
    this.#reading = false
  }

  /** Resolves to the milliseconds after which to read again although no watch fired. */
  async #readOnce(): Promise<number> {
    const { auditMs, backoff } = this.#timing
    try {
      this.#apply(await readMasters(this.#request, this.#path))
      this.#failedReads = 0
      return auditMs
    } catch (error) {
      if (!(error instanceof ZookeeperError)) throw error
      // What ends the connection is reported when that happens.
      if (error.failure === 'reply') await this.#onErrorReply(error)
      return Math.min(auditMs, backoffDelay(this.#failedReads++, backoff, this.#random))
    }
  }

  async #onErrorReply(error: ZookeeperError): Promise<void> {
    if (error.reply !== ErrorReply.noNode) {
      this.#report(`cannot read the masters: ${error.message}`)
      return
    }
    this.#report(
      `no znode ${this.#path} in zookeeper; masters make it when they start, so check that the path is theirs`,
    )
    // Unlike the list of children, a znode that is not there can still be watched.
    await this.#request(exists(this.#path, true)).catch(() => {})
  }

  readonly #request: Request = (operation) => this.#client.request(operation)

  #apply(election: Election): void {
    if (!this.#connected) return
    const before = this.#known
    this.#known = learn(before, election)
    this.#report(shortcomingOf(election, this.#path))
    if (sameMasters(before, this.#known)) return
    const detail = { leader: this.#leaderName, masters: this.masters.map(formatHostPort) }
    const change = sameAddress(before.leader, this.leader) ? 'masters' : 'leading master'
    this.#log.info(detail, `${change} changed`)
    for (const listener of [...this.#listeners]) listener()
  }

  #report(shortcoming: string | undefined): void {
    this.#setStatus(this.#status.state, shortcoming, this.#status.server)
    if (shortcoming === this.#shortcoming) return
    this.#shortcoming = shortcoming
    if (shortcoming === undefined) this.#log.info('masters in zookeeper are in order again')
    else this.#log.warn({ leader: this.#leaderName }, `${shortcoming}; keeping known masters`)
  }

  #setStatus(state: ZookeeperStatus['state'], lastError: string | undefined, server?: string) {
    const since = state === this.#status.state ? this.#status.since : this.#clock.now()
    this.#status = { state, since, lastError, server }
  }

  get #connected(): boolean {
    return this.#status.state === 'connected'
  }

  get #leaderName(): string | undefined {
    return this.leader && formatHostPort(this.leader)
  }
}
