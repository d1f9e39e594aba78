import type { RequestListener } from 'node:http'
import type { Config } from '../config/schema.ts'
import type { CountersSnapshot } from '../counters/index.ts'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import type { Snapshot } from '../zone/snapshot.ts'
import { createApp } from './app.ts'
import { createFailureLog } from './failure-log.ts'
import { Listener } from './listener.ts'
import { createMetrics } from './metrics/index.ts'
import { allRoutes } from './routes.ts'
import type { ReloadResult, ServerStatus } from './server-status.ts'

export type {
  LastReload,
  ReloadResult,
  ReloadsStatus,
  ServerStatus,
  ThreadsStatus,
} from './server-status.ts'

export interface HttpApiOptions {
  readonly config: Config
  readonly log: Logger
  /** The newest snapshot; undefined until there is a first one. */
  readonly snapshot: () => Snapshot | undefined
  /** What the query threads have counted so far. */
  readonly counters: () => CountersSnapshot
  /** How the server fares at this moment. */
  readonly status: () => ServerStatus
  /**
   * Reads the configuration again and puts it into effect; resolves also if that failed. It must not wait
   * for requests to end: the one that asks for it is among them.
   */
  readonly reload: () => Promise<ReloadResult>
  /** Version of the package. */
  readonly version: string
  /** Uniform in [0, 1). */
  readonly random?: () => number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** The REST API: /v1 as Mesos-DNS has it, /v2, what monitoring asks for, and /openapi.json. */
export interface HttpApi {
  /** For a server of the caller's own. */
  readonly callback: RequestListener
  /** Where it listens, with the real port where 0 was configured. */
  readonly address: HostPort | undefined
  /**
   * Binds `httpListener:httpPort` and resolves to the address it got.
   *
   * @throws ListenError
   */
  listen(): Promise<HostPort>
  /**
   * Answers requests from now on by these settings, and listens where they say; requests that have begun
   * end by the old ones, and nobody waits for them here. Rejects with a ListenError, and then nothing has
   * changed. `httpOn` is up to the caller.
   */
  reconfigure(config: Config): Promise<void>
  /** Lets answers that have begun end, then closes everything. */
  close(): Promise<void>
}

export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { log, snapshot, counters, status, reload, version } = options
  const { random = Math.random, now = Date.now } = options
  const onError = createFailureLog(log, now)
  let { config } = options
  const source = { version, snapshot, status, now }
  const metrics = createMetrics({ ...source, config: () => config })
  const shared = { ...source, counters, reload, metrics, random }

  // All of the application is made anew with new settings: a request sees either the old or the new ones.
  function answererOf(config: Config): RequestListener {
    return createApp(allRoutes(config), { ...shared, config }, onError).callback()
  }
  let answerer = answererOf(config)
  const callback: RequestListener = (request, response) => answerer(request, response)
  const listener = new Listener(callback, onError)

  return {
    callback,
    get address() {
      return listener.address
    },
    listen: () => listener.open(whereOf(config)),
    async reconfigure(next) {
      await listener.move(whereOf(next))
      config = next
      answerer = answererOf(next)
    },
    close: () => listener.close(),
  }
}

function whereOf({ httpListener: host, httpPort: port }: Config): HostPort {
  return { host, port }
}
