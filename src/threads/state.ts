import type { Config } from '../config/schema.ts'
import type { Logger, LogLevel } from '../log.ts'
import type { ListingKind } from '../records/listing.ts'
import type { ReaderEpochs } from '../zone/epochs.ts'
import type { Zone } from '../zone/zone.ts'
import type { PublishedMessage, StateThreadData, ToStateThread } from './messages.ts'
import { spawnThread } from './spawn.ts'
import { SupervisedThread } from './supervised-thread.ts'

/** In rounds of supervision; a state of a big cluster keeps the thread busy for some seconds. */
const PATIENCE = { starting: 30, running: 30 }

/** Megabytes; with 24, which is near V8's own choice, an idle server keeps 10 more. */
const YOUNG_GENERATION_MB = 6

/**
 * Megabytes; 100,000 tasks need 100, and 100 more while all are replaced. From 2048 on V8 lets garbage grow to three
 * times what is alive before it collects it, below that to once as much (its MaxGrowingFactor).
 */
const OLD_GENERATION_MB = 2000

export interface StateThreadOptions {
  readonly config: Config
  readonly log: Logger
  /** Of the package. */
  readonly version: string
  readonly epochs: ReaderEpochs
  /** The newest zone that this thread has. */
  readonly zone: () => Zone | undefined
  readonly onPublished: (message: PublishedMessage) => void
}

/** The thread that follows the cluster's state and makes the zone from it, as the control thread sees it. */
export class StateThread {
  readonly #thread: SupervisedThread<ToStateThread, PublishedMessage>

  constructor(options: StateThreadOptions) {
    const { config, log, version, epochs, zone, onPublished } = options
    this.#thread = new SupervisedThread({
      name: 'state',
      log,
      patience: PATIENCE,
      spawn: () =>
        spawnThread({
          entry: 'state-thread',
          name: 'state',
          youngGenerationMb: YOUNG_GENERATION_MB,
          oldGenerationMb: OLD_GENERATION_MB,
          workerData: {
            config,
            version,
            logLevel: log.level as LogLevel,
            epochs: epochs.buffer,
            present: factsOf(zone()),
          } satisfies StateThreadData,
        }),
      onMessage: onPublished,
    })
  }

  /** How many times it has been replaced. */
  get restarts(): number {
    return this.#thread.restarts
  }

  /** Begins to follow the state. Rejects with a ConfigError where a certificate or key is unusable. */
  start(): Promise<void> {
    return this.#thread.start()
  }

  /** Asks the masters now; resolves when that attempt has ended. */
  async refresh(): Promise<void> {
    await this.#thread.request((id) => ({ kind: 'refresh', id }))
  }

  /** A document of all records, in pieces. */
  async listing(listing: ListingKind): Promise<readonly Uint8Array[]> {
    const pieces = await this.#thread.request((id) => ({ kind: 'listing', id, listing }))
    return pieces as readonly Uint8Array[]
  }

  /** One round of supervision. */
  check(): void {
    this.#thread.check()
  }

  /** The zone it sent cannot be read; another one sends a whole one. */
  replace(fault: Error): void {
    this.#thread.replace(fault)
  }

  stop(graceMs: number): Promise<void> {
    return this.#thread.stop(graceMs)
  }
}

function factsOf(zone: Zone | undefined): StateThreadData['present'] {
  return zone && { serial: zone.serial, epoch: zone.epoch, digest: zone.digest }
}
