import { availableParallelism } from 'node:os'
import type { Config } from '../config/index.ts'
import {
  type CountersSnapshot,
  createCounters,
  keepCounters,
  readCounters,
} from '../counters/index.ts'
import { type DnsListeners, type ListenOptions, openListeners } from '../dns/index.ts'
import { formatHostPort } from '../net/address.ts'
import { localAddresses } from '../net/interfaces.ts'
import { ThreadError } from '../threads/errors.ts'
import { type Answering, QueryThreads, type QueryThreadsContext } from '../threads/query-threads.ts'
import { READER_SLOTS } from '../zone/epochs.ts'
import type { ZoneUpdate } from '../zone/zone-update.ts'
import type { Prepared } from './prepared.ts'

/** How long upstreams may take for what they were asked: when others take over, and when the process ends. */
const GRACE_MS = { SUCCEEDED: 10_000, ENDING: 2_000 }

const MOST_THREADS = READER_SLOTS / 2

export interface QueryGenerationsContext
  extends QueryThreadsContext,
    Pick<ListenOptions, 'loadSockets'> {}

/** Query threads and the sockets that they listen on. */
interface Generation {
  /** Of the epochs. */
  readonly firstSlot: number
  readonly listeners: DnsListeners
  readonly threads: QueryThreads
}

/**
 * The query threads. Where they listen, and how many they are, is settled with their start: for a change of
 * that, other threads are started and take over from them.
 */
export class QueryGenerations {
  readonly #context: QueryGenerationsContext
  #current: Generation | undefined
  /** That answers already, but may yet be taken back. */
  #next: Generation | undefined
  /** That has been taken over from, and ends. */
  #past: Generation | undefined
  #ending: Promise<void> = Promise.resolve()
  /** What threads that are no more have counted, and how often they were replaced. */
  readonly #counted = createCounters()
  #restarts = 0
  #stopped = false

  constructor(context: QueryGenerationsContext) {
    this.#context = context
  }

  /** Undefined without DNS. */
  get listeners(): DnsListeners | undefined {
    return this.#current?.listeners
  }

  /** How DNS is served, for the log; nothing without it. */
  get ways(): object {
    if (this.listeners === undefined) return {}
    const { addresses, threads: workers, mode: udp } = this.listeners
    const also = addresses.slice(1).map(formatHostPort)
    return also.length > 0 ? { also, workers, udp } : { workers, udp }
  }

  /** Whether others could take over the sockets that there are. */
  get canBeFollowed(): boolean {
    return this.#current?.listeners.canBeFollowed ?? true
  }

  /** How many threads there are to be. */
  get count(): number {
    return this.#current?.threads.count ?? 0
  }

  get running(): number {
    return this.#current?.threads.running ?? 0
  }

  get restarts(): number {
    return this.#all().reduce((sum, { threads }) => sum + threads.restarts, this.#restarts)
  }

  counters(): CountersSnapshot {
    const others = createCounters()
    keepCounters(others, this.#counted)
    for (const { threads } of this.#all()) {
      if (threads === this.#current?.threads) continue
      for (const counters of threads.counters) keepCounters(others, counters)
    }
    return readCounters(this.#current?.threads.counters ?? [], others)
  }

  #all(): Generation[] {
    return [this.#past, this.#current, this.#next].filter((each) => each !== undefined)
  }

  /**
   * Opens the sockets that a configuration asks for, without threads yet: a port that is taken is the
   * likeliest reason not to start. Rejects with a ListenError.
   */
  async listen(answering: Answering): Promise<void> {
    if (answering.config.dnsOn) this.#current = await this.#open(answering)
  }

  /** Starts the threads for these sockets. */
  async start(): Promise<void> {
    await this.#current?.threads.start()
  }

  async #open(answering: Answering): Promise<Generation> {
    const { config } = answering
    const { log, loadSockets } = this.#context
    const listeners = await openListeners({
      config,
      log,
      ...(loadSockets && { loadSockets }),
      threads: threadsOf(config),
      addresses: localAddresses,
      previous: this.#current?.listeners,
    })
    if (this.#stopped) {
      listeners.close()
      throw new ThreadError('the server is being stopped')
    }
    // The other half than that of those who answer meanwhile.
    const firstSlot = this.#current?.firstSlot === 1 ? 1 + MOST_THREADS : 1
    return {
      firstSlot,
      listeners,
      threads: new QueryThreads({ ...this.#context, answering, listeners, firstSlot }),
    }
  }

  /**
   * Has other threads answer, beside those that there are, as `answering` says and where it says: sockets at the
   * same address are shared. Rejects with a ListenError, or if threads cannot be started; then all is as before.
   */
  async prepare(answering: Answering): Promise<Prepared> {
    await this.#ending
    if (answering.config.dnsOn) {
      const next = await this.#open(answering)
      this.#next = next
      try {
        await next.threads.start()
      } catch (error) {
        await this.#takeBack(next)
        throw error
      }
    }
    const next = this.#next
    return {
      commit: () => this.#takeOver(next),
      undo: async () => {
        if (next !== undefined) await this.#takeBack(next)
      },
    }
  }

  #takeOver(next: Generation | undefined): void {
    this.#past = this.#current
    this.#current = next
    this.#next = undefined
    this.#ending = this.#endPast(next !== undefined)
  }

  async #endPast(successor: boolean): Promise<void> {
    const past = this.#past
    if (past === undefined) return
    await past.threads.stop({ successor, graceMs: GRACE_MS.SUCCEEDED })
    past.listeners.close()
    this.#keep(past)
    this.#past = undefined
  }

  async #takeBack(next: Generation): Promise<void> {
    await next.threads.stop({ successor: true, graceMs: GRACE_MS.SUCCEEDED })
    next.listeners.close()
    this.#keep(next)
    this.#next = undefined
  }

  #keep({ threads }: Generation): void {
    for (const counters of threads.counters) keepCounters(this.#counted, counters)
    this.#restarts += threads.restarts
  }

  /** Has them answer by other settings, and if there is an update, from the zone it leads to. */
  configure(answering: Answering, update: ZoneUpdate | undefined): void {
    for (const { threads } of this.#all()) threads.configure(answering, update)
  }

  /** Hands on what the zone of the context has just become. */
  publish(update: ZoneUpdate): void {
    for (const { threads } of this.#all()) threads.publish(update)
  }

  /** Resolves when all threads answer from what has been published. */
  async sync(): Promise<void> {
    await Promise.all(this.#all().map(({ threads }) => threads.sync()))
  }

  /** One round of supervision. */
  check(): void {
    for (const { threads } of this.#all()) threads.check()
  }

  /** Answers what was received, and ends all threads. */
  async stop(): Promise<void> {
    this.#stopped = true
    const all = this.#all()
    await Promise.all(all.map(({ threads }) => threads.stop({ graceMs: GRACE_MS.ENDING })))
    await this.#ending
    for (const { listeners } of all) listeners.close()
  }
}

function threadsOf({ workers }: Config): number {
  return workers === 'auto' ? Math.min(availableParallelism(), MOST_THREADS) : workers
}
