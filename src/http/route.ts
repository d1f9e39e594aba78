import type { IncomingHttpHeaders } from 'node:http'
import type { Config } from '../config/schema.ts'
import type { CountersSnapshot } from '../counters/index.ts'
import type { Snapshot } from '../zone/snapshot.ts'
import type { Answer } from './answer.ts'
import type { SchemaName } from './schemas.ts'
import type { ReloadResult, ServerStatus } from './server-status.ts'

/** What routes read; everything that changes is asked for anew with each request. */
export interface Api {
  readonly config: Config
  /** Version of the package. */
  readonly version: string
  /** Undefined until a first state has been turned into records. */
  snapshot(): Snapshot | undefined
  /** What the query threads have counted so far. */
  counters(): CountersSnapshot
  status(): ServerStatus
  reload(): Promise<ReloadResult>
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<string>
  /** Uniform in [0, 1). */
  random(): number
  /** Milliseconds since the epoch. */
  now(): number
}

/** Percent-decoded path parameters by name. */
export type Params = Readonly<Record<string, string>>

/** Who asks, for routes that are not for everybody. */
export interface Caller {
  /** The other end of the connection, as the system knows it. */
  readonly address: string | undefined
  readonly headers: IncomingHttpHeaders
  /** The request target as it was sent. */
  readonly target: string
}

/** One path of the API: how it answers, and what the OpenAPI document says of it. */
export interface Route {
  /** As OpenAPI writes it: `/v1/hosts/{host}`. */
  readonly path: string
  /** GET, and HEAD where the API is ours; unless it says POST. */
  readonly method?: 'POST'
  /** For monitoring, which must not fail because of an Accept header: it is not looked at. */
  readonly anyAccept?: boolean
  readonly operation: Operation
  answer(params: Params, api: Api, caller: Caller): Answer | Promise<Answer>
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly parameters?: Readonly<Record<string, ParameterDoc>>
  readonly responses: Readonly<Record<number, ResponseDoc>>
}

export interface ParameterDoc {
  readonly description: string
  readonly example: string
}

export interface ResponseDoc {
  readonly description: string
  /** Absent for an answer without a body. */
  readonly contentType?: string
  readonly schema?: SchemaName
  readonly example?: unknown
  /** Header names and what they say. */
  readonly headers?: Readonly<Record<string, string>>
}
