import {
  type Config,
  type ConfigSource,
  type ConfigState,
  FileWatch,
  fixedSource,
} from '../config/index.ts'
import type { CountersSnapshot } from '../counters/index.ts'
import type { ListenOptions } from '../dns/index.ts'
import { Freshness } from '../freshness.ts'
import type { ReloadResult, ServerStatus } from '../http/index.ts'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import type { ListingKind } from '../records/listing.ts'
import type { FollowStatus } from '../status.ts'
import type { Notifier } from '../systemd/index.ts'
import { ThreadError } from '../threads/errors.ts'
import type { Published } from '../threads/messages.ts'
import { StateThread } from '../threads/state.ts'
import { FIRST_EPOCH, FIRST_READER, READER_SLOTS, ReaderEpochs } from '../zone/epochs.ts'
import type { Snapshot } from '../zone/snapshot.ts'
import { Zone } from '../zone/zone.ts'
import { HttpService } from './http-service.ts'
import { QueryGenerations } from './query-generations.ts'
import { Reconfiguration } from './reconfiguration.ts'
import { type Applied, Reloads, type Trigger } from './reloads.ts'
import { Staleness } from './staleness.ts'
import { statusText } from './status-text.ts'

/** How often threads are looked after, in milliseconds; their patience is counted in these rounds. */
const ROUND_MS = 2_000

/** How long the state thread may take to finish what it has in hand, in milliseconds. */
const GRACE_MS = 5_000

export interface ServerOptions {
  readonly config: Config
  readonly log: Logger
  /** Of the package. */
  readonly version: string
  /** Where `config` is from, and is read again from. Default: it stays as it is. */
  readonly source?: ConfigSource
  /** Whom to tell how it fares. Default: nobody. */
  readonly notifier?: Notifier
  /** What opens sockets for DNS; undefined for those of Node.js. Default: what this machine has. */
  readonly loadSockets?: ListenOptions['loadSockets']
}

/** The control thread's part: it alone starts and ends the others, and hands the zone on. */
export class Server {
  readonly ready: Promise<void>
  readonly failed: Promise<Error>
  readonly #options: ServerOptions
  readonly #epochs = ReaderEpochs.create(1 + READER_SLOTS)
  readonly #freshness = new Freshness()
  readonly #staleness: Staleness
  readonly #queries: QueryGenerations
  readonly #http: HttpService
  readonly #state: StateThread
  readonly #reconfiguration: Reconfiguration
  readonly #reloads: Reloads
  readonly #watch: FileWatch
  #markStarted: () => void = () => {}
  #markReady: () => void = () => {}
  #fail: (error: Error) => void = () => {}
  #zone: Zone | undefined
  /** When the state behind the zone was received, ms since the epoch. */
  #receivedAt = 0
  #follow: FollowStatus | undefined
  readonly #timers: NodeJS.Timeout[] = []
  #stopping: Promise<void> | undefined

  constructor(options: ServerOptions) {
    const { config, log, version, source = fixedSource(config) } = options
    this.#options = options
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve
    })
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
    this.#epochs.enter(FIRST_READER, FIRST_EPOCH)
    const zone = () => this.#zone
    const shared = { log, version, epochs: this.#epochs, freshness: this.#freshness, zone }
    this.#staleness = new Staleness({ ...shared, config, onChange: () => this.#tell() })
    const { loadSockets } = options
    this.#queries = new QueryGenerations({ ...shared, ...(loadSockets && { loadSockets }) })
    this.#state = new StateThread({
      ...shared,
      config,
      onPublished: (published) => this.#publish(published),
      onStatus: (status) => this.#followed(status),
      onFatal: (error) => this.#fatal(error),
    })
    this.#http = new HttpService({
      log,
      version,
      snapshot: () => this.#snapshot(),
      counters: () => this.counters(),
      status: () => this.status(),
      reload: () => this.reload('http'),
    })
    this.#reconfiguration = new Reconfiguration({
      initial: { config, files: source.files },
      queries: this.#queries,
      http: this.#http,
      state: this.#state,
      take: (published) => this.#take(published),
      onSwitched: (next, published) => this.#switched(next, published),
      onMoved: (next) => this.#logAddresses(next),
    })
    this.#watch = new FileWatch(
      source.files,
      () => source.look(),
      () => this.reload('watch'),
    )
    this.#reloads = new Reloads({
      started: new Promise((resolve) => {
        this.#markStarted = resolve
      }),
      source,
      log,
      apply: (next) => this.#apply(next),
      onBegin: () => options.notifier?.reloading(),
      onEnd: () => options.notifier?.ready(),
      onSettled: () => this.#watch.know(source.files),
    })
  }

  get addresses(): { readonly dns?: HostPort; readonly http?: HostPort } {
    const dns = this.#queries.listeners?.address
    const http = this.#http.address
    return { ...(dns && { dns }), ...(http && { http }) }
  }

  async start(): Promise<void> {
    try {
      await this.#start()
    } finally {
      this.#markStarted()
    }
  }

  async #start(): Promise<void> {
    const { config, notifier } = this.#options
    // Before anything else: a port that is taken is the likeliest reason not to start.
    await this.#queries.listen(this.#reconfiguration.answering)
    await this.#http.start(config)
    // From now on: a thread that hangs while it starts must not hold up the start for ever.
    this.#timers.push(setInterval(() => this.#check(), ROUND_MS))
    await Promise.all([this.#state.start(), this.#queries.start()])
    this.#logAddresses(config)
    this.#watch.everySeconds = config.watchSeconds
    notifier?.ready()
    this.#tell()
    if (notifier?.watchdogMs !== undefined) {
      this.#timers.push(setInterval(() => this.#prove(), notifier.watchdogMs))
    }
  }

  #logAddresses({ domain }: Config): void {
    const { log, version } = this.#options
    log.info({ ...this.addresses, ...this.#queries.ways, domain, version }, 'listening')
  }

  async refresh(): Promise<void> {
    try {
      await this.#state.refresh()
    } catch (error) {
      // The attempt has ended with the thread that made it; the next thread begins with one of its own.
      if (!(error instanceof ThreadError)) throw error
    }
    await this.#queries.sync()
  }

  counters(): CountersSnapshot {
    return this.#queries.counters()
  }

  restarts() {
    return { state: this.#state.restarts, query: this.#queries.restarts }
  }

  status(): ServerStatus {
    const { count, running, restarts } = this.#queries
    const state = this.#state
    return {
      follow: this.#follow,
      freshness: this.#freshness.level,
      draining: this.#stopping !== undefined,
      threads: {
        state: { count: 1, running: state.running ? 1 : 0, restarts: state.restarts },
        query: { count, running, restarts },
      },
      reloads: this.#reloads.status,
    }
  }

  reload(trigger: Trigger): Promise<ReloadResult> {
    return this.#reloads.reload(trigger)
  }

  stop(): Promise<void> {
    if (this.#stopping === undefined) {
      this.#stopping = this.#stop()
      // Once it counts as stopping.
      this.#tell()
    }
    return this.#stopping
  }

  /** HTTP tells that it is about to end until all queries are answered, and needs the state thread to the last. */
  async #stop(): Promise<void> {
    const { notifier } = this.#options
    this.#watch.stop()
    this.#staleness.stop()
    for (const timer of this.#timers) clearInterval(timer)
    notifier?.stopping()
    await this.#queries.stop()
    await this.#http.close()
    await this.#state.stop(GRACE_MS)
    await this.#reloads.settled()
    // What a reload that was under way has come to.
    await this.#http.close()
  }

  #snapshot(): Snapshot | undefined {
    if (this.#zone === undefined) return undefined
    const listing = (kind: ListingKind) => this.#state.listing(kind)
    return { zone: this.#zone, receivedAt: this.#receivedAt, listing }
  }

  #publish(published: Published): void {
    const { update } = published
    if (!this.#take(published)) return
    if (update !== undefined) this.#queries.publish(update)
    this.#published(published)
  }

  /** Switches to a zone; false if it cannot be read. */
  #take({ update }: Published): boolean {
    if (update === undefined) return true
    try {
      this.#zone = Zone.from(this.#zone, update)
    } catch (error) {
      this.#state.replace(error as Error)
      return false
    }
    this.#epochs.acknowledge(FIRST_READER, update.epoch)
    return true
  }

  #published({ changed, receivedAt }: Published): void {
    this.#receivedAt = receivedAt
    this.#staleness.confirmed(receivedAt)
    if (this.#zone === undefined) return
    const { serial, names, records } = this.#zone
    if (changed) this.#options.log.info({ serial, names, records }, 'zone published')
    void this.#queries.sync().then(this.#markReady)
    this.#tell()
  }

  #followed(status: FollowStatus): void {
    this.#follow = status
    if (status.confirmedAt !== undefined) this.#staleness.confirmed(status.confirmedAt)
    this.#tell()
  }

  #fatal(error: Error): void {
    this.#options.log.fatal({ err: error }, 'the state of the cluster cannot be followed')
    this.#fail(error)
  }

  /** Tells the service manager how it fares. */
  #tell(): void {
    this.#options.notifier?.status(statusText(this.status(), this.#zone))
  }

  /** Threads that are gone or hang are replaced; the service manager is to step in when none of them answers. */
  #prove(): void {
    const { count, running } = this.#queries
    if (running > 0 || count === 0) this.#options.notifier?.watchdog()
  }

  #check(): void {
    this.#state.check()
    this.#queries.check()
  }

  async #apply(next: ConfigState): Promise<Applied> {
    if (this.#stopping !== undefined) throw new ThreadError('the server is being stopped')
    return this.#reconfiguration.apply(next)
  }

  #switched(config: Config, published: Published | undefined): void {
    // A reload may end while the server does; nothing of that begins anew.
    if (this.#stopping === undefined) {
      this.#staleness.configure(config)
      this.#watch.everySeconds = config.watchSeconds
    }
    if (published !== undefined) this.#published(published)
  }
}
