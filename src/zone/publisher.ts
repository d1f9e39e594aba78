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
  readonly listenerAddresses: () => readonly string[]
  /** Nobody else contributes to it. */
  readonly store: ZoneStore
  readonly onPublish: (publication: Publication) => void
  /** Called with what a failed update threw; the last zone stays. */
  readonly onError: (error: unknown) => void
}

/**
 * Turns states into zones: host names to addresses, and what differs from the last state to records that
 * come and go. Updates are worked on one at a time, and one that a newer one has overtaken is skipped.
 */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #incremental: IncrementalRecords
  #next: StateUpdate | undefined
  #working: Promise<void> | undefined
  #input: RecordsInput | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#incremental = new IncrementalRecords(options.config, options.store)
  }

  /** What the zone was made from, for what lists all of its records; undefined before the first state. */
  get input(): RecordsInput | undefined {
    return this.#input
  }

  /** Takes an update in; resolves when it, or a newer one, has been worked on. Never rejects. */
  update(update: StateUpdate): Promise<void> {
    this.#next = update
    this.#working ??= this.#work()
    return this.#working
  }

  async #work(): Promise<void> {
    for (let update = this.#next; update !== undefined; update = this.#next) {
      this.#next = undefined
      try {
        this.#options.onPublish(await this.#publish(update))
      } catch (error) {
        this.#options.onError(error)
      }
    }
    // Not a turn later: an update that came in between would wait for the next one.
    this.#working = undefined
  }

  async #publish({ state, masters, report, receivedAt }: StateUpdate): Promise<Publication> {
    const { config, resolver, listenerAddresses, store } = this.#options
    const hosts = await resolver.resolve(hostsToResolve(state, masters))
    const input = { state, masters, hosts, listenerAddresses: listenerAddresses(), config, report }
    const commit = this.#commit(input, receivedAt)
    const conflicts = Array.from(store.conflicts, ([name, kind]) =>
      conflictProblem(kind, name, config.staticRecords),
    )
    const problems = [...report.problems, ...this.#incremental.problems, ...conflicts]
    return { ...commit, receivedAt, problems: distinctProblems(problems) }
  }

  /** All of it, or nothing if it throws. */
  #commit(input: RecordsInput, receivedAt: number): Commit {
    const { store } = this.#options
    try {
      this.#incremental.update(input)
      const commit = store.commit({ receivedAt })
      this.#incremental.commit()
      this.#input = input
      return commit
    } catch (error) {
      store.discard()
      this.#incremental.discard()
      throw error
    }
  }
}
