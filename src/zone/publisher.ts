import type { Config } from '../config/schema.ts'
import { conflictProblem } from '../records/conflicts.ts'
import { IncrementalRecords } from '../records/incremental.ts'
import type { RecordsInput } from '../records/input.ts'
import { distinctProblems } from '../records/problem-tally.ts'
import type { Problem } from '../report.ts'
import { type HostResolver, hostsToResolve } from '../state/host-resolver.ts'
import type { StateUpdate } from '../state/update.ts'
import type { Commit, ZoneStore } from './zone-store.ts'

/** What came of a state; plain data that crosses threads. */
export interface Publication extends Commit {
  /** When the state was received, ms since the epoch. */
  readonly receivedAt: number
  /** All that was odd in the state or could not become records as it stands, each once for its kind and object. */
  readonly problems: readonly Problem[]
}

export interface PublisherOptions {
  readonly config: Config
  readonly resolver: HostResolver
  /** Addresses of the name server's own name, asked for at each update: interfaces come and go. */
  readonly listenerAddresses: (config: Config) => readonly string[]
  /** What later stores, for other configurations, go on from; nobody else contributes to it. */
  readonly store: ZoneStore
  /** Makes a store for another configuration. */
  readonly nextStore: (config: Config, before: ZoneStore) => ZoneStore
  readonly onPublish: (publication: Publication) => void
  /** Called with what a failed update threw; the last zone stays. */
  readonly onError: (error: unknown) => void
}

/** What makes zones by one configuration. */
interface Maker {
  readonly config: Config
  readonly store: ZoneStore
  readonly incremental: IncrementalRecords
}

/** Another configuration that is to be taken in. */
interface Reconfiguration {
  readonly config: Config
  readonly onMade: (publication: Publication | undefined) => void
  resolve(): void
  reject(error: unknown): void
}

/**
 * Turns states into zones: host names to addresses, and what differs from the last state to records that
 * come and go. Updates are worked on one at a time, and one that a newer one has overtaken is skipped.
 */
export class Publisher {
  readonly #options: PublisherOptions
  #maker: Maker
  #next: StateUpdate | undefined
  readonly #reconfigurations: Reconfiguration[] = []
  #working: Promise<void> | undefined
  /** What the zone was made from. */
  #last: { readonly update: StateUpdate; readonly input: RecordsInput } | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#maker = makerOf(options.config, options.store)
  }

  /** What the zone was made from, for what lists all of its records; undefined before the first state. */
  get input(): RecordsInput | undefined {
    return this.#last?.input
  }

  /** Takes an update in; resolves when it, or a newer one, has been worked on. Never rejects. */
  update(update: StateUpdate): Promise<void> {
    this.#next = update
    return this.#wake()
  }

  /**
   * Makes records by another configuration from now on, and the zone anew from the state that it was made from.
   * `onMade` gets what comes of it in the place of `onPublish`, before anything newer is published; without
   * a state there is nothing to publish. Rejects if there can be no such zone, and then nothing has changed.
   */
  reconfigure(
    config: Config,
    onMade: (publication: Publication | undefined) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#reconfigurations.push({ config, onMade, resolve, reject })
      void this.#wake()
    })
  }

  #wake(): Promise<void> {
    this.#working ??= this.#work()
    return this.#working
  }

  async #work(): Promise<void> {
    for (;;) {
      const reconfiguration = this.#reconfigurations.shift()
      if (reconfiguration !== undefined) {
        await this.#reconfigure(reconfiguration)
        continue
      }
      const update = this.#next
      if (update === undefined) break
      this.#next = undefined
      try {
        this.#options.onPublish(await this.#publish(update, this.#maker))
      } catch (error) {
        this.#options.onError(error)
      }
    }
    // Not a turn later: an update that came in between would wait for the next one.
    this.#working = undefined
  }

  async #reconfigure({ config, onMade, resolve, reject }: Reconfiguration): Promise<void> {
    try {
      const maker = makerOf(config, this.#options.nextStore(config, this.#maker.store))
      const update = this.#last?.update
      const publication = update && (await this.#publish(update, maker))
      this.#maker = maker
      onMade(publication)
      resolve()
    } catch (error) {
      reject(error)
    }
  }

  async #publish(update: StateUpdate, maker: Maker): Promise<Publication> {
    const { resolver, listenerAddresses } = this.#options
    const { state, masters, report, receivedAt } = update
    const { config, store, incremental } = maker
    const hosts = await resolver.resolve(hostsToResolve(state, masters))
    const addresses = listenerAddresses(config)
    const input = { state, masters, hosts, listenerAddresses: addresses, config, report }
    const commit = commitTo(maker, input, receivedAt)
    this.#last = { update, input }
    const conflicts = Array.from(store.conflicts, ([name, kind]) =>
      conflictProblem(kind, name, config.staticRecords),
    )
    const problems = [...report.problems, ...incremental.problems, ...conflicts]
    return { ...commit, receivedAt, problems: distinctProblems(problems) }
  }
}

function makerOf(config: Config, store: ZoneStore): Maker {
  return { config, store, incremental: new IncrementalRecords(config, store) }
}

/** All of it, or nothing if it throws. */
function commitTo({ store, incremental }: Maker, input: RecordsInput, receivedAt: number): Commit {
  try {
    incremental.update(input)
    const commit = store.commit({ receivedAt })
    incremental.commit()
    return commit
  } catch (error) {
    store.discard()
    incremental.discard()
    throw error
  }
}
