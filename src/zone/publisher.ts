import type { Config } from '../config/schema.ts'
import { enumerate } from '../records/enumerate.ts'
import { generateRecords } from '../records/generate.ts'
import type { RecordsInput } from '../records/input.ts'
import type { Problem } from '../report.ts'
import { type HostResolver, hostsToResolve } from '../state/host-resolver.ts'
import type { StateUpdate } from '../state/update.ts'
import { buildZone } from './build.ts'
import { contentHash } from './content-hash.ts'
import { nextSerial } from './serial.ts'
import type { Snapshot } from './snapshot.ts'

/** What came of an update. */
export interface Publication {
  readonly snapshot: Snapshot
  /** False if the records were the same as before; the zone and the serial then are, too. */
  readonly changed: boolean
  readonly problems: readonly Problem[]
}

export interface PublisherOptions {
  readonly config: Config
  readonly resolver: HostResolver
  /** Addresses of the name server's own name, asked for at each update: interfaces come and go. */
  readonly listenerAddresses: () => readonly string[]
  readonly onPublish: (publication: Publication) => void
  /** Called with what a failed update threw; the last snapshot stays. */
  readonly onError: (error: unknown) => void
}

/**
 * Turns states into snapshots: host names to addresses, state to records, records to a zone. Updates are
 * worked on one at a time, and one that a newer one has overtaken is skipped.
 */
export class Publisher {
  readonly #options: PublisherOptions
  #next: StateUpdate | undefined
  #working: Promise<void> | undefined
  #snapshot: Snapshot | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot
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
        await this.#publish(update)
      } catch (error) {
        this.#options.onError(error)
      }
    }
    // Not a turn later: an update that came in between would wait for the next one.
    this.#working = undefined
  }

  async #publish(update: StateUpdate): Promise<void> {
    const { config, resolver, listenerAddresses, onPublish } = this.#options
    const { state, masters, report, receivedAt } = update
    const hosts = await resolver.resolve(hostsToResolve(state, masters))
    const input: RecordsInput = {
      state,
      masters,
      hosts,
      listenerAddresses: listenerAddresses(),
      config,
      report,
    }
    const records = generateRecords(input)
    const hash = contentHash(records)
    const previous = this.#snapshot
    const changed = previous?.contentHash !== hash
    const serial = changed
      ? nextSerial(previous?.serial, receivedAt / 1000)
      : (previous?.serial as number)
    this.#snapshot = {
      records,
      serial,
      contentHash: hash,
      receivedAt,
      zone: changed ? buildZone(records, config, serial) : (previous as Snapshot).zone,
      enumerate: () => enumerate(input),
    }
    onPublish({ snapshot: this.#snapshot, changed, problems: report.problems })
  }
}
