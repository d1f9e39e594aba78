import type { Config } from '../config/schema.ts'
import { type CountersSnapshot, createCounters, readCounters } from '../counters/index.ts'
import type { DnsListeners } from '../dns/index.ts'
import type { Logger, LogLevel } from '../log.ts'
import { FIRST_EPOCH, type ReaderEpochs } from '../zone/epochs.ts'
import type { Zone } from '../zone/zone.ts'
import type { ZoneUpdate } from '../zone/zone-update.ts'
import type { QueryThreadData, ToQueryThread } from './messages.ts'
import { spawnThread } from './spawn.ts'
import { SupervisedThread } from './supervised-thread.ts'

/** In rounds of supervision. */
const PATIENCE = { starting: 30, running: 5 }

/** Megabytes; answering makes next to no garbage. */
const YOUNG_GENERATION_MB = 4

export interface QueryThreadsOptions {
  readonly config: Config
  readonly log: Logger
  /** Of the package. */
  readonly version: string
  /** 16 octets that DNS cookies are made from. */
  readonly cookieSecret: Uint8Array
  /** Sockets for so many threads. */
  readonly listeners: DnsListeners
  /** Slots from 1 on belong to these threads. */
  readonly epochs: ReaderEpochs
  /** The newest zone that this thread has. */
  readonly zone: () => Zone | undefined
}

/** The threads that answer queries, as the control thread sees them. */
export class QueryThreads {
  readonly #options: QueryThreadsOptions
  readonly #threads: readonly SupervisedThread<ToQueryThread, never>[]
  /** Memory of each thread's counters; it outlives the thread. */
  readonly #counters: readonly SharedArrayBuffer[]

  constructor(options: QueryThreadsOptions) {
    this.#options = options
    this.#counters = Array.from({ length: options.listeners.threads }, createCounters)
    this.#threads = this.#counters.map((counters, index) => this.#threadOf(index, counters))
  }

  #threadOf(index: number, counters: SharedArrayBuffer): SupervisedThread<ToQueryThread, never> {
    const { log, listeners, epochs } = this.#options
    const slot = index + 1
    const name = `query-${slot}`
    return new SupervisedThread({
      name,
      log,
      // With one thread it goes without saying which it was.
      logContext: listeners.threads > 1 ? { thread: name } : {},
      patience: PATIENCE,
      spawn: () => this.#spawn(index, name, counters),
      onMessage: () => {},
      onEnd: () => epochs.leave(slot),
    })
  }

  #spawn(index: number, name: string, counters: SharedArrayBuffer) {
    const { config, log, version, cookieSecret, listeners, epochs } = this.#options
    const zone = this.#options.zone()
    const slot = index + 1
    // Before it has the zone: from now on the memory of this epoch is kept for it.
    epochs.enter(slot, zone?.epoch ?? FIRST_EPOCH)
    return spawnThread({
      entry: 'query-thread',
      name,
      youngGenerationMb: YOUNG_GENERATION_MB,
      workerData: {
        config,
        version,
        logLevel: log.level as LogLevel,
        cookieSecret,
        listeners: listeners.forThread(index),
        epochs: epochs.buffer,
        slot,
        counters,
        zone: zone?.toUpdate(),
      } satisfies QueryThreadData,
    })
  }

  /** How many times threads have been replaced. */
  get restarts(): number {
    return this.#threads.reduce((sum, { restarts }) => sum + restarts, 0)
  }

  /** Starts them. Rejects if one cannot be started. */
  async start(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.start()))
  }

  /** Hands on what the zone of the options has just become. */
  publish(update: ZoneUpdate): void {
    for (const thread of this.#threads) thread.post({ kind: 'zone', update })
  }

  /** Resolves when all of them answer from what has been published. */
  async sync(): Promise<void> {
    const requests = this.#threads.map((thread) => thread.request((id) => ({ kind: 'sync', id })))
    // One that has ended has nothing to wait for: its replacement starts with the newest zone.
    await Promise.allSettled(requests)
  }

  /** What they have counted since the start. */
  counters(): CountersSnapshot {
    return readCounters(this.#counters)
  }

  /** One round of supervision. */
  check(): void {
    for (const thread of this.#threads) thread.check()
  }

  /** Answers what was received, and ends them. */
  async stop(graceMs: number): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.stop(graceMs)))
  }
}
