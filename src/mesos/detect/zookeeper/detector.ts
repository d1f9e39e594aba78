import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { Logger } from '../../../log.ts'
import { formatHostPort, type HostPort } from '../../../net/address.ts'
import type { ZookeeperStatus } from '../../../status.ts'
import { backoffDelay } from '../../backoff.ts'
import type { MasterDetector } from '../detector.ts'
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
import type { Pace } from './read-pace.ts'
import { ReadSchedule } from './read-schedule.ts'

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
  /** Everything is read again after half of this to all of it, should a watch have been lost. */
  readonly auditMs: number
  /** What a watch tells is read after a random part of this: it tells a whole fleet at once. */
  readonly readSpreadMs: number
  /** Of reads that watches ask for. */
  readonly readPace: Pace
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

export interface ZookeeperDetector extends MasterDetector {
  readonly status: ZookeeperStatus
}

const DEFAULT_TIMING: DetectorTiming = {
  sessionTimeoutMs: 10_000,
  connectTimeoutMs: 1_000,
  handshakeTimeoutMs: 2_000,
  backoff: { minMs: 500, maxMs: 10_000 },
  startSpreadMs: 250,
  reconnectSpreadMs: 1_000,
  auditMs: 60_000,
  readSpreadMs: 100,
  readPace: { burst: 10, everyMs: 10_000 },
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
  readonly #reads: ReadSchedule
  readonly #listeners = new Set<() => void>()
  #known: KnownMasters = { masters: [], leader: undefined }
  #status: ZookeeperStatus
  /** What was last found wrong with the znodes, to say it once. */
  #shortcoming: string | undefined
  #remindAt = 0
  #failedReads = 0

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
    this.#reads = new ReadSchedule({
      ...this.#timing,
      read: () => this.#read(),
      clock: this.#clock,
      random: this.#random,
    })
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
        watch: () => this.#reads.watchFired(),
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
    this.#reads.stop()
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
    this.#tell()
    this.#reads.start()
  }

  #onFailed(server: HostPort, error: ZookeeperError, attempts: number): void {
    const lost = this.#status.state === 'connected'
    this.#reads.stop()
    if (this.#setStatus(lost ? 'disconnected' : this.#status.state, error.message)) this.#tell()
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

  /** Resolves to the milliseconds after which to read again although no watch fired. */
  async #read(): Promise<number> {
    const { auditMs, backoff } = this.#timing
    try {
      this.#apply(await readMasters(this.#request, this.#path))
      this.#failedReads = 0
      return backoffDelay(0, { minMs: auditMs, maxMs: auditMs }, this.#random)
    } catch (error) {
      if (!(error instanceof ZookeeperError)) throw error
      // What ends the connection is reported when that happens.
      if (error.failure === 'reply') await this.#onErrorReply(error)
      return Math.min(auditMs, backoffDelay(this.#failedReads++, backoff, this.#random))
    }
  }

  async #onErrorReply(error: ZookeeperError): Promise<void> {
    if (error.reply !== ErrorReply.noNode) {
      if (this.#report(`cannot read the masters: ${error.message}`)) this.#tell()
      return
    }
    const missing = `no znode ${this.#path} in zookeeper; masters make it when they start, so check that the path is theirs`
    if (this.#report(missing)) this.#tell()
    // Unlike the list of children, a znode that is not there can still be watched.
    await this.#request(exists(this.#path, true)).catch(() => {})
  }

  readonly #request: Request = (operation) => this.#client.request(operation)

  #apply(election: Election): void {
    if (!this.#connected) return
    const before = this.#known
    this.#known = learn(before, election)
    const hasNews = this.#report(shortcomingOf(election, this.#path))
    const isSame = sameMasters(before, this.#known)
    if (!isSame) {
      const detail = { leader: this.#leaderName, masters: this.masters.map(formatHostPort) }
      const change = sameAddress(before.leader, this.leader) ? 'masters' : 'leading master'
      this.#log.info(detail, `${change} changed`)
    }
    if (hasNews || !isSame) this.#tell()
  }

  /** True if that is news. */
  #report(shortcoming: string | undefined): boolean {
    const hasNews = this.#setStatus(this.#status.state, shortcoming, this.#status.server)
    if (shortcoming === this.#shortcoming) return hasNews
    this.#shortcoming = shortcoming
    if (shortcoming === undefined) this.#log.info('masters in zookeeper are in order again')
    else this.#log.warn({ leader: this.#leaderName }, `${shortcoming}; keeping known masters`)
    return hasNews
  }

  /** True if that is another one than before. */
  #setStatus(
    state: ZookeeperStatus['state'],
    lastError: string | undefined,
    server?: string,
  ): boolean {
    const before = this.#status
    const since = state === before.state ? before.since : this.#clock.now()
    this.#status = { state, since, lastError, server }
    return state !== before.state || lastError !== before.lastError || server !== before.server
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  get #connected(): boolean {
    return this.#status.state === 'connected'
  }

  get #leaderName(): string | undefined {
    return this.leader && formatHostPort(this.leader)
  }
}
