import { availableParallelism } from 'node:os'
import type { Config } from './config/index.ts'
import { type CountersSnapshot, readCounters } from './counters/index.ts'
import { cookieSecret, type DnsListeners, openListeners } from './dns/index.ts'
import type { HttpApi } from './http/index.ts'
import type { Logger } from './log.ts'
import { formatHostPort, type HostPort } from './net/address.ts'
import { localAddresses } from './net/interfaces.ts'
import type { ListingKind } from './records/listing.ts'
import { ThreadError } from './threads/errors.ts'
import type { PublishedMessage } from './threads/messages.ts'
import { QueryThreads } from './threads/query-threads.ts'
import { StateThread } from './threads/state.ts'
import { FIRST_EPOCH, FIRST_READER, ReaderEpochs } from './zone/epochs.ts'
import type { Snapshot } from './zone/snapshot.ts'
import { Zone } from './zone/zone.ts'

/** How often threads are looked after, in milliseconds; their patience is counted in these rounds. */
const ROUND_MS = 2_000

/** How long a thread may take to finish what it has in hand, in milliseconds. */
const GRACE_MS = 5_000

export interface RunningServer {
  /** Where it listens, with the real ports where 0 was configured; the first address of several. */
  readonly addresses: { readonly dns?: HostPort; readonly http?: HostPort }
  /** Resolves when the first state has become the zone that is served. */
  readonly ready: Promise<void>
  /** Asks the masters for their state now; resolves when that attempt has ended, and its state is served. */
  refresh(): Promise<void>
  /** What the query threads have counted since the start. */
  counters(): CountersSnapshot
  /** How many times threads have been replaced. */
  restarts(): { readonly state: number; readonly query: number }
  /** Stops listening, answers what was received, and frees everything. Safe to call twice. */
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly config: Config
  readonly log: Logger
  /** Of the package. */
  readonly version: string
}

/**
 * Starts everything the configuration turns on. DNS and HTTP listen when it resolves, whether or not a
 * master can be reached. Rejects with a ListenError or ConfigError, and then nothing is left running.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = new Server(options)
  try {
    await server.start()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** What the control thread starts, in the order in which it does. */
interface Parts {
  listeners?: DnsListeners
  http?: HttpApi
  state?: StateThread
  queries?: QueryThreads
}

/** The control thread's part: it alone starts and ends the others, and hands the zone on. */
class Server implements RunningServer {
  readonly addresses: { dns?: HostPort; http?: HostPort } = {}
  readonly ready: Promise<void>
  readonly #options: ServerOptions
  readonly #parts: Parts = {}
  #markReady: () => void = () => {}
  #epochs = ReaderEpochs.create(1)
  #zone: Zone | undefined
  /** When the state behind the zone was received, ms since the epoch. */
  #receivedAt = 0
  #rounds: NodeJS.Timeout | undefined
  #stopping: Promise<void> | undefined

  constructor(options: ServerOptions) {
    this.#options = options
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve
    })
  }

  async start(): Promise<void> {
    const { config, log, version } = this.#options
    const parts = this.#parts
    // Before anything else: a port that is taken is the likeliest reason not to start.
    if (config.dnsOn) parts.listeners = await this.#listen()
    if (config.httpOn) await this.#serveHttp()

    const { listeners } = parts
    const readers = 1 + (listeners?.threads ?? 0)
    const shared = { config, log, version, epochs: this.#enter(readers), zone: () => this.#zone }
    parts.state = new StateThread({
      ...shared,
      onPublished: (message) => this.#publish(message),
    })
    if (listeners !== undefined) {
      parts.queries = new QueryThreads({
        ...shared,
        listeners,
        cookieSecret: cookieSecret(config),
      })
    }
    // From now on: a thread that hangs while it starts must not hold up the start for ever.
    this.#rounds = setInterval(() => this.#check(), ROUND_MS)
    await Promise.all([parts.state.start(), parts.queries?.start()])
    log.info(
      { ...this.addresses, ...waysOf(listeners), domain: config.domain, version },
      'listening',
    )
  }

  async refresh(): Promise<void> {
    const { state, queries } = this.#parts
    try {
      await state?.refresh()
    } catch (error) {
      // The attempt has ended with the thread that made it; the next thread begins with one of its own.
      if (!(error instanceof ThreadError)) throw error
    }
    await queries?.sync()
  }

  counters(): CountersSnapshot {
    return this.#parts.queries?.counters() ?? readCounters([])
  }

  restarts() {
    const { state, queries } = this.#parts
    return { state: state?.restarts ?? 0, query: queries?.restarts ?? 0 }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** HTTP and queries first, while what they may still need is there. */
  async #stop(): Promise<void> {
    clearInterval(this.#rounds)
    const { listeners, http, state, queries } = this.#parts
    await Promise.all([http?.close(), queries?.stop(GRACE_MS)])
    listeners?.close()
    await state?.stop(GRACE_MS)
  }

  async #listen(): Promise<DnsListeners> {
    const { config, log } = this.#options
    const { workers } = config
    const threads = workers === 'auto' ? availableParallelism() : workers
    const listeners = await openListeners({ config, log, threads, addresses: localAddresses })
    this.addresses.dns = listeners.address
    return listeners
  }

  async #serveHttp(): Promise<void> {
    const { config, log, version } = this.#options
    // Loaded where it is used: it has most of the libraries.
    const { createHttpApi } = await import('./http/index.ts')
    const http = createHttpApi({
      config,
      log,
      version,
      snapshot: () => this.#snapshot(),
      counters: () => this.counters(),
    })
    this.addresses.http = await http.listen()
    this.#parts.http = http
  }

  #enter(readers: number): ReaderEpochs {
    this.#epochs = ReaderEpochs.create(readers)
    this.#epochs.enter(FIRST_READER, FIRST_EPOCH)
    return this.#epochs
  }

  #snapshot(): Snapshot | undefined {
    const { state } = this.#parts
    if (this.#zone === undefined || state === undefined) return undefined
    const listing = (kind: ListingKind) => state.listing(kind)
    return { zone: this.#zone, receivedAt: this.#receivedAt, listing }
  }

  #publish({ update, changed, receivedAt }: PublishedMessage): void {
    const { state, queries } = this.#parts
    if (update !== undefined) {
      try {
        this.#zone = Zone.from(this.#zone, update)
      } catch (error) {
        state?.replace(error as Error)
        return
      }
      this.#epochs.acknowledge(FIRST_READER, update.epoch)
      queries?.publish(update)
    }
    this.#receivedAt = receivedAt
    if (this.#zone === undefined) return
    const { serial, names, records } = this.#zone
    if (changed) this.#options.log.info({ serial, names, records }, 'zone published')
    void Promise.resolve(queries?.sync()).then(this.#markReady)
  }

  #check(): void {
    this.#parts.state?.check()
    this.#parts.queries?.check()
  }
}

/** How DNS is served, for the log. */
function waysOf(listeners: DnsListeners | undefined) {
  if (listeners === undefined) return {}
  const { addresses, threads: workers, mode: udp } = listeners
  const also = addresses.slice(1).map(formatHostPort)
  return also.length > 0 ? { also, workers, udp } : { workers, udp }
}
