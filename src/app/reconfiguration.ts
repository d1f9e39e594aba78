import {
  type Config,
  type ConfigState,
  changedFields,
  type Field,
  fieldsThatTake,
  settings,
  takes,
  withFields,
} from '../config/index.ts'
import { cookieSecret } from '../dns/index.ts'
import type { Published } from '../threads/messages.ts'
import type { Answering } from '../threads/query-threads.ts'
import type { StateThread } from '../threads/state.ts'
import type { HttpService } from './http-service.ts'
import type { Prepared } from './prepared.ts'
import type { QueryGenerations } from './query-generations.ts'
import type { Applied } from './reloads.ts'

export interface ReconfigurationOptions {
  /** What the parts are started with. */
  readonly initial: ConfigState
  readonly queries: QueryGenerations
  readonly http: HttpService
  readonly state: StateThread
  /** Switches the control thread to a zone; false if it cannot be read. */
  readonly take: (published: Published) => boolean
  /** Another configuration is in effect, and if there is one, a zone that was made by it. */
  readonly onSwitched: (config: Config, published: Published | undefined) => void
  /** Others listen, or elsewhere. */
  readonly onMoved: (config: Config) => void
}

/** The configuration in effect, and how the parts of a running server go over to another one. */
export class Reconfiguration {
  readonly #options: ReconfigurationOptions
  #settings: ConfigState
  #answering: Answering

  constructor(options: ReconfigurationOptions) {
    const { initial } = options
    this.#options = options
    this.#settings = initial
    this.#answering = { config: initial.config, cookieSecret: cookieSecret(initial.config) }
  }

  /** What query threads answer by. */
  get answering(): Answering {
    return this.#answering
  }

  /**
   * First what may fail and can be undone, then the state thread, which takes all or nothing, and from there on
   * what cannot fail. Rejects if something did, and nothing has changed then.
   */
  async apply(next: ConfigState): Promise<Applied> {
    const { queries, http, onMoved } = this.#options
    const before = this.#settings
    const differing = changedFields(before, next)
    const needsRestart = queries.canBeFollowed ? [] : fieldsThatTake('sockets', differing)
    const changed = differing.filter((field) => !needsRestart.includes(field))
    const config = withFields(next.config, needsRestart, before.config)
    const prepared: Prepared[] = []
    try {
      if (takes('sockets', changed)) prepared.push(await this.#prepareQueries(config))
      if (takes('http', changed)) prepared.push(await http.prepare(before.config, config))
      await this.#configureState(config, changed, (published) => {
        this.#switchTo({ config, files: next.files }, published)
        for (const each of prepared) each.commit()
      })
    } catch (error) {
      for (const each of prepared.reverse()) await each.undo()
      throw error
    }
    if (prepared.length > 0) onMoved(config)
    await http.use(config)
    await queries.sync()
    return { changed: changed.map(keyOf), needsRestart: needsRestart.map(keyOf) }
  }

  /** Others listen where the new settings say; they answer as it is answered until all has been prepared. */
  #prepareQueries(config: Config): Promise<Prepared> {
    const { config: before, cookieSecret } = this.#answering
    const sockets = fieldsThatTake('sockets', Object.keys(settings) as Field[])
    return this.#options.queries.prepare({
      config: withFields(before, sockets, config),
      cookieSecret,
    })
  }

  async #configureState(
    config: Config,
    changed: readonly Field[],
    onConfigured: (published: Published | undefined) => void,
  ): Promise<void> {
    const { state } = this.#options
    if (takes('source', changed) || takes('guard', changed) || takes('zone', changed)) {
      return state.configure(config, changed, onConfigured)
    }
    state.config = config
    onConfigured(undefined)
  }

  /** In one turn: a thread that is being replaced starts with what was before, or with all of this. */
  #switchTo(settings: ConfigState, published: Published | undefined): void {
    const { queries, take, onSwitched } = this.#options
    const { config } = settings
    this.#settings = settings
    this.#answering = { config, cookieSecret: this.#cookieSecretFor(config) }
    const taken = published !== undefined && take(published) ? published : undefined
    queries.configure(this.#answering, taken?.update)
    onSwitched(config, taken)
  }

  /** A random one stays, or clients would have to ask twice. */
  #cookieSecretFor(config: Config): Uint8Array {
    const before = this.#answering
    const isSame = config.cookieSecret === before.config.cookieSecret
    return isSame ? before.cookieSecret : cookieSecret(config)
  }
}

function keyOf(field: Field): string {
  return settings[field].key
}
