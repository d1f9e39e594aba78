import type { Config } from '../config/index.ts'
import type { HttpApi, HttpApiOptions } from '../http/index.ts'
import type { HostPort } from '../net/address.ts'
import type { Prepared } from './prepared.ts'

/** The REST API, as long as `httpOn` wants it. */
export class HttpService {
  readonly #options: Omit<HttpApiOptions, 'config'>
  #api: HttpApi | undefined
  /** Those that end. */
  readonly #closing = new Set<Promise<void>>()

  constructor(options: Omit<HttpApiOptions, 'config'>) {
    this.#options = options
  }

  /** Where it listens; undefined if it is off. */
  get address(): HostPort | undefined {
    return this.#api?.address
  }

  /** Rejects with a ListenError. */
  async start(config: Config): Promise<void> {
    if (config.httpOn) this.#api = await this.#listen(config)
  }

  async #listen(config: Config): Promise<HttpApi> {
    // Loaded where it is used: it has most of the libraries.
    const { createHttpApi } = await import('../http/index.ts')
    const api = createHttpApi({ ...this.#options, config })
    await api.listen()
    return api
  }

  /**
   * Listens where a configuration says, while requests are answered by the one before. Rejects with a ListenError,
   * and then all is as before.
   */
  async prepare(before: Config, config: Config): Promise<Prepared> {
    const api = this.#api
    if (!config.httpOn) {
      return { commit: () => this.#close(), undo: async () => {} }
    }
    if (api === undefined) {
      const next = await this.#listen(config)
      const commit = () => {
        this.#api = next
      }
      return { commit, undo: () => next.close() }
    }
    const { httpListener, httpPort } = config
    await api.reconfigure({ ...before, httpListener, httpPort })
    return {
      commit: () => {},
      undo: async () => {
        try {
          await api.reconfigure(before)
        } catch (error) {
          this.#options.log.error({ err: error }, 'cannot listen for HTTP where it did before')
        }
      },
    }
  }

  /** Answers by another configuration, for which prepare() has done what can fail. */
  async use(config: Config): Promise<void> {
    await this.#api?.reconfigure(config)
  }

  #close(): void {
    const closing = this.#api?.close()
    this.#api = undefined
    if (closing === undefined) return
    this.#closing.add(closing)
    void closing.then(() => this.#closing.delete(closing))
  }

  /** Lets answers that have begun end, then closes everything. */
  async close(): Promise<void> {
    this.#close()
    await Promise.all(this.#closing)
  }
}
