import type { Worker } from 'node:worker_threads'
import type { Config, Field } from '../config/schema.ts'
import type { Logger, LogLevel } from '../log.ts'
import type { ListingKind } from '../records/listing.ts'
import type { FollowStatus } from '../status.ts'
import type { ReaderEpochs } from '../zone/epochs.ts'
import type { Zone } from '../zone/zone.ts'
import { ThreadError } from './errors.ts'
import type { FromStateThread, Published, StateThreadData, ToStateThread } from './messages.ts'
import { revivedError } from './plain-error.ts'
import { spawnThread } from './spawn.ts'
import { SupervisedThread } from './supervised-thread.ts'

/** In rounds of supervision; a state of a big cluster keeps the thread busy for some seconds. */
const PATIENCE = { starting: 30, running: 30 }

/** Megabytes; with 24, which is near V8's own choice, an idle server keeps 10 more. */
const YOUNG_GENERATION_MB = 6

/** How long a reload waits for a thread that is being replaced, in milliseconds. */
const REPLACEMENT_MS = 15_000

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
  readonly onPublished: (published: Published) => void
  readonly onStatus: (status: FollowStatus) => void
  /** The process is to end for this. */
  readonly onFatal: (error: Error) => void
}

/** A configuration on its way to the thread. */
interface Configuring {
  readonly config: Config
  readonly onConfigured: (published: Published | undefined) => void
}

/** The thread that follows the cluster's state and makes the zone from it, as the control thread sees it. */
export class StateThread {
  readonly #options: StateThreadOptions
  readonly #thread: SupervisedThread<ToStateThread, FromStateThread>
  readonly #configuring = new Map<number, Configuring>()
  /** What a replacement starts with. */
  #config: Config
  #lastLeader: string | undefined

  constructor(options: StateThreadOptions) {
    this.#options = options
    this.#config = options.config
    this.#thread = new SupervisedThread({
      name: 'state',
      log: options.log,
      patience: PATIENCE,
      spawn: () => this.#spawn(),
      onMessage: (message) => this.#receive(message),
    })
  }

  #spawn(): Worker {
    const { log, version, epochs, zone } = this.#options
    return spawnThread({
      entry: 'state-thread',
      name: 'state',
      youngGenerationMb: YOUNG_GENERATION_MB,
      oldGenerationMb: OLD_GENERATION_MB,
      workerData: {
        config: this.#config,
        version,
        logLevel: log.level as LogLevel,
        epochs: epochs.buffer,
        present: factsOf(zone()),
        lastLeader: this.#lastLeader,
      } satisfies StateThreadData,
    })
  }

  #receive(message: FromStateThread): void {
    const { onPublished, onStatus, onFatal } = this.#options
    if (message.kind === 'published') onPublished(message)
    else if (message.kind === 'status') {
      this.#lastLeader = message.status.leader ?? this.#lastLeader
      onStatus(message.status)
    } else if (message.kind === 'fatal') onFatal(revivedError(message.error))
    else this.#configured(message.id, message.published)
  }

  #configured(id: number, published: Published | undefined): void {
    const configuring = this.#configuring.get(id)
    if (configuring === undefined) return
    this.#configuring.delete(id)
    this.#config = configuring.config
    configuring.onConfigured(published)
  }

  /** Whether there is a thread that does its work. */
  get running(): boolean {
    return this.#thread.running
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

  /** What a replacement starts with, where the thread there is does not have to know. */
  set config(config: Config) {
    this.#config = config
  }

  /**
   * Has the thread go on by another configuration, of which `changed` differs. `onConfigured` is called once that is
   * in effect, before anything is published that came after it. Rejects if that failed, with a ConfigError where
   * a file is unusable, and if the thread has ended and no other one is there in time: nothing has changed then.
   */
  async configure(
    config: Config,
    changed: readonly Field[],
    onConfigured: Configuring['onConfigured'],
  ): Promise<void> {
    if (!(await this.#thread.whenRunning(REPLACEMENT_MS))) {
      throw new ThreadError('the state thread has ended and is being replaced; try again')
    }
    let sent = 0
    try {
      await this.#thread.request((id) => {
        sent = id
        this.#configuring.set(id, { config, onConfigured })
        return { kind: 'configure', id, config, changed }
      })
    } catch (error) {
      // What it did before it ended counts.
      if (this.#configuring.delete(sent)) throw error
    }
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
