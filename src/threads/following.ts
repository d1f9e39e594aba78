import { setImmediate } from 'node:timers/promises'
import { takes } from '../config/reload/applying.ts'
import type { Config, Field } from '../config/schema.ts'
import type { MesosNsError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { createStateSource, type StateSource } from '../mesos/index.ts'
import { parseHostPort } from '../net/address.ts'
import { reachableAddresses } from '../net/interfaces.ts'
import { ProblemLog } from '../problem-log.ts'
import { type ListingKind, listing } from '../records/listing.ts'
import type { Problem } from '../report.ts'
import { createHostResolver } from '../state/host-resolver.ts'
import { ClusterStore } from '../state/live/index.ts'
import type { FollowStatus } from '../status.ts'
import type { ReaderEpochs } from '../zone/epochs.ts'
import { type Publication, Publisher } from '../zone/publisher.ts'
import { isSameApex } from '../zone/soa.ts'
import { ZoneStore } from '../zone/zone-store.ts'
import { ThreadError } from './errors.ts'
import type { Published, StateThreadData } from './messages.ts'

export interface FollowingOptions {
  readonly config: Config
  readonly log: Logger
  /** Of the package. */
  readonly version: string
  readonly epochs: ReaderEpochs
  readonly present: StateThreadData['present']
  readonly lastLeader: StateThreadData['lastLeader']
  readonly onPublished: (published: Published) => void
  readonly onStatus: (status: FollowStatus) => void
  readonly onGiveUp: (error: MesosNsError) => void
}

/** Follows the state of the cluster and makes the zone from it, by one configuration after another. */
export class Following {
  readonly #options: FollowingOptions
  readonly #resolver = createHostResolver()
  readonly #problemLog: ProblemLog
  /** Outlives the sources: what is known of the cluster stays known. */
  readonly #cluster: ClusterStore
  readonly #publisher: Publisher
  #config: Config
  #source: StateSource
  #serial: number

  /** Throws a ConfigError where a certificate, key or account file is unusable. */
  constructor(options: FollowingOptions) {
    const { config, log, epochs, present } = options
    this.#options = options
    this.#config = config
    this.#serial = present?.serial ?? 0
    this.#problemLog = new ProblemLog(log)
    this.#cluster = new ClusterStore(config)
    this.#publisher = new Publisher({
      config,
      resolver: this.#resolver,
      listenerAddresses: ({ listener }) => reachableAddresses(listener),
      store: new ZoneStore({ config, epochs, ...present }),
      nextStore: (next, before) => this.#nextStore(next, before),
      onPublish: (publication) => options.onPublished(this.#take(publication)),
      onError: (error) => log.error({ err: error }, 'state could not be made into records'),
    })
    this.#source = this.#createSource(config)
  }

  start(): void {
    this.#source.start()
  }

  close(): Promise<void> {
    return this.#source.stop()
  }

  /** Asks the masters now; resolves when that attempt has ended. */
  refresh(): Promise<void> {
    return this.#source.refresh()
  }

  /** A document of all records, in pieces. Rejects as long as there are none. */
  async listing(kind: ListingKind): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    const { input } = this.#publisher
    if (input === undefined) throw new ThreadError('no state of the cluster yet; try again')
    const pieces: Uint8Array<ArrayBuffer>[] = []
    for (const piece of listing(kind, input, this.#config, this.#serial)) {
      pieces.push(piece)
      // The next state, and pings, do not wait for a long document.
      await setImmediate()
    }
    return pieces
  }

  /**
   * Goes on by another configuration, of which `changed` differs from the one there is. `onConfigured` is told in
   * the moment in which that is so, with what became of the zone. Rejects, with a ConfigError where a file is
   * unusable, and then nothing has changed: the source that there is goes on meanwhile.
   */
  async configure(
    config: Config,
    changed: readonly Field[],
    onConfigured: (published: Published | undefined) => void,
  ): Promise<void> {
    const source = takes('source', changed) ? this.#createSource(config) : undefined
    const switchOver = (publication?: Publication) => {
      this.#config = config
      this.#cluster.configure(config)
      onConfigured(publication && this.#take(publication))
      if (source !== undefined) this.#replaceSource(source)
    }
    try {
      if (takes('zone', changed)) await this.#reconfigureZone(config, switchOver)
      else switchOver()
    } catch (error) {
      await source?.stop()
      throw error
    }
  }

  async #reconfigureZone(
    config: Config,
    onMade: (publication?: Publication) => void,
  ): Promise<void> {
    // Answers come from a zone that an earlier thread made of a state that this one does not have.
    if (this.#options.present !== undefined && this.#publisher.input === undefined) {
      throw new ThreadError(
        'no state of the cluster yet since the state thread was replaced; try again',
      )
    }
    await this.#publisher.reconfigure(config, onMade)
  }

  /** Serial and epoch go on; the serial moves if anything that can be asked for does. */
  #nextStore(config: Config, before: ZoneStore): ZoneStore {
    const { epochs, present: first } = this.#options
    const { digest, ...present } = before.present ?? first ?? {}
    const kept = isSameApex(config, this.#config) ? { digest } : {}
    return new ZoneStore({ config, epochs, ...present, ...kept, predecessor: before })
  }

  #createSource(config: Config): StateSource {
    const { log, version, present, onStatus, onGiveUp } = this.#options
    const isCurrent = () => this.#source === source
    const isFirst = this.#source === undefined
    const source: StateSource = createStateSource({
      config,
      log,
      version,
      resolver: this.#resolver,
      store: this.#cluster,
      lastKnown: this.#lastKnown(config),
      hasPredecessor: present !== undefined && this.#publisher.input === undefined,
      onUpdate: (update) => (isCurrent() ? this.#publisher.update(update) : undefined),
      onStatus: (status) => {
        if (isCurrent()) onStatus(status)
      },
      onGiveUp: (error) => {
        // A zone that an earlier thread has made tells that a leader was known, and so does a state after a reload.
        const isKnown = present !== undefined || (!isFirst && this.#publisher.input !== undefined)
        if (isCurrent() && !isKnown) onGiveUp(error)
      },
    })
    return source
  }

  /** ZooKeeper may be away when a source begins, and then nobody else could be asked. */
  #lastKnown(config: Config): StateSource['detected'] | undefined {
    if (config.zk !== this.#config.zk) return undefined
    if (this.#source !== undefined) return this.#source.detected
    const { lastLeader } = this.#options
    const leader = lastLeader === undefined ? undefined : parseHostPort(lastLeader)
    return leader && { masters: [leader], leader }
  }

  #replaceSource(source: StateSource): void {
    const before = this.#source
    this.#source = source
    source.start()
    void before.stop()
  }

  #take({ update, changed, receivedAt, problems, serial }: Publication): Published {
    this.#serial = serial
    this.#problemLog.update(problems)
    return { update, changed, receivedAt, problems: countByKind(problems) }
  }
}

function countByKind(problems: readonly Problem[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of problems) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
