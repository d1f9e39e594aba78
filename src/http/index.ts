import type { RequestListener } from 'node:http'
import type { Config } from '../config/schema.ts'
import type { CountersSnapshot } from '../counters/index.ts'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import type { Snapshot } from '../zone/snapshot.ts'
import { createApp } from './app.ts'
import { createFailureLog } from './failure-log.ts'
import { listenOn } from './listen.ts'
import { allRoutes } from './routes.ts'
import { createDrainingServer } from './server.ts'

/** How long answers that have begun may take once the server is told to stop, in milliseconds. */
const GRACE_MS = 5_000

export interface HttpApiOptions {
  readonly config: Config
  readonly log: Logger
  /** The newest snapshot; undefined until there is a first one. */
  readonly snapshot: () => Snapshot | undefined
  /** What the query threads have counted so far. */
  readonly counters: () => CountersSnapshot
  /** Version of the package. */
  readonly version: string
  /** Uniform in [0, 1). */
  readonly random?: () => number
  /** Milliseconds; only spaces out log lines. */
  readonly now?: () => number
}

/** The REST API: /v1 as Mesos-DNS has it, /v2, and /openapi.json. */
export interface HttpApi {
  /** For a server of the caller's own. */
  readonly callback: RequestListener
  /**
   * Binds `httpListener:httpPort` and resolves to the address it got.
   *
   * @throws ListenError
   */
  listen(): Promise<HostPort>
  /** Lets answers that have begun end, then closes everything. */
  close(): Promise<void>
}

export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { config, log, snapshot, counters, version, random = Math.random, now = Date.now } = options
  const api = { config, version, snapshot, counters, random }
  const onError = createFailureLog(log, now)
  const callback = createApp(allRoutes(config), api, onError).callback()
  const { server, drain } = createDrainingServer(callback, onError)
  return {
    callback,
    listen: () => listenOn(server, { host: config.httpListener, port: config.httpPort }),
    close: () => drain(GRACE_MS),
  }
}
