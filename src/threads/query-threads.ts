import { createCounters } from '../counters/index.ts'
import type { CloseOptions, DnsListeners } from '../dns/index.ts'
import type { Freshness } from '../freshness.ts'
import type { Logger, LogLevel } from '../log.ts'
import { FIRST_EPOCH, type ReaderEpochs } from '../zone/epochs.ts'
import type { Zone } from '../zone/zone.ts'
import type { ZoneUpdate } from '../zone/zone-update.ts'
import type { QueryConfiguration, QueryThreadData, ToQueryThread } from './messages.ts'
import { spawnThread } from './spawn.ts'
import { SupervisedThread } from './supervised-thread.ts'

/** In rounds of supervision. */
const PATIENCE = { starting: 30, running: 5 }

/** Megabytes; answering makes next to no garbage. */
const YOUNG_GENERATION_MB = 4

/** How long a thread may take to end beyond what upstreams are given, in milliseconds. */
const ENDING_MS = 5_000

/** What all query threads have in common, whatever they listen on. */
export interface QueryThreadsContext {
  readonly log: Logger
  /** Of the package. */
  readonly version: string
  readonly epochs: ReaderEpochs
  readonly freshness: Freshness
  /** The newest zone that this thread has. */
  readonly zone: () => Zone | undefined
}

/** The settings that threads answer by. */
export type Answering = Pick<QueryConfiguration, 'config' | 'cookieSecret'>

export interface QueryThreadsOptions extends QueryThreadsContext {
  readonly answering: Answering
  /** Sockets for so many threads. */
  readonly listeners: DnsListeners
  /** Slots of the epochs from this one on belong to these threads. */
  readonly firstSlot: number
}

/** Threads that answer queries, as the control thread sees them. */
export class QueryThreads {
  readonly #options: QueryThreadsOptions
  readonly #threads: readonly SupervisedThread<ToQueryThread, never>[]
  /** Memory of each thread's counters; it outlives the thread. */
  readonly counters: readonly SharedArrayBuffer[]
  /** What a replacement starts with. */
  #answering: Answering

  constructor(options: QueryThreadsOptions) {
    this.#options = options
    this.#answering = options.answering
    this.counters = Array.from({ length: options.listeners.threads }, createCounters)
    this.#threads = this.counters.map((counters, index) => this.#threadOf(index, counters))
  }

  #threadOf(index: number, counters: SharedArrayBuffer): SupervisedThread<ToQueryThread, never> {
    const { log, listeners, epochs, firstSlot } = this.#options
    const name = `query-${index + 1}`
    return new SupervisedThread({
      name,
      log,
      // With one thread it goes without saying which it was.
      logContext: listeners.threads > 1 ? { thread: name } : {},
      patience: PATIENCE,
      spawn: () => this.#spawn(index, name, counters),
      onMessage: () => {},
      onEnd: () => epochs.leave(firstSlot + index),
    })
  }

  #spawn(index: number, name: string, counters: SharedArrayBuffer) {
    const { log, version, listeners, epochs, freshness, firstSlot } = this.#options
    const zone = this.#options.zone()
    const slot = firstSlot + index
    // Before it has the zone: from now on the memory of this epoch is kept for it.
    epochs.enter(slot, zone?.epoch ?? FIRST_EPOCH)
    return spawnThread({
      entry: 'query-thread',
      name,
      youngGenerationMb: YOUNG_GENERATION_MB,
      workerData: {
        ...this.#answering,
        version,
        logLevel: log.level as LogLevel,
        listeners: listeners.forThread(index),
        epochs: epochs.buffer,
        slot,
        freshness: freshness.buffer,
        counters,
        zone: zone?.toUpdate(),
      } satisfies QueryThreadData,
    })
  }

  /** How many there are to be. */
  get count(): number {
    return this.#threads.length
  }

  /** How many do their work. */
  get running(): number {
    return this.#threads.filter(({ running }) => running).length
  }

  /** How many times threads have been replaced. */
  get restarts(): number {
    return this.#threads.reduce((sum, { restarts }) => sum + restarts, 0)
  }

  /** Starts them. Rejects if one cannot be started, and then none is left. */
  async start(): Promise<void> {
    const started = await Promise.allSettled(this.#threads.map((thread) => thread.start()))
    const failed = started.find(({ status }) => status === 'rejected')
    if (failed === undefined) return
    await this.stop({ successor: true })
    throw (failed as PromiseRejectedResult).reason
  }

  /** Hands on what the zone of the options has just become. */
  publish(update: ZoneUpdate): void {
    for (const thread of this.#threads) thread.post({ kind: 'zone', update })
  }

  /** Has them answer by other settings, and if there is an update, from the zone it leads to. */
  configure(answering: Answering, update: ZoneUpdate | undefined): void {
    this.#answering = answering
    for (const thread of this.#threads) thread.post({ kind: 'configure', ...answering, update })
  }

  /** Resolves when all of them answer from what has been published. */
  async sync(): Promise<void> {
    const requests = this.#threads.map((thread) => thread.request((id) => ({ kind: 'sync', id })))
    // One that has ended has nothing to wait for: its replacement starts with the newest zone.
    await Promise.allSettled(requests)
  }

  /** One round of supervision. */
  check(): void {
    for (const thread of this.#threads) thread.check()
  }

  /** Answers what was received, as the options say, and ends them. Safe to call twice. */
  async stop(options: CloseOptions): Promise<void> {
    const { graceMs = 0 } = options
    const stop = (thread: SupervisedThread<ToQueryThread, never>) => {
      thread.post({ kind: 'ending', options })
      return thread.stop(graceMs + ENDING_MS)
    }
    await Promise.all(this.#threads.map(stop))
  }
}
