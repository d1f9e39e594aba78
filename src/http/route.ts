import type { Config } from '../config/schema.ts'
import type { CountersSnapshot } from '../counters/index.ts'
import type { Snapshot } from '../zone/snapshot.ts'
import type { Answer } from './answer.ts'
import type { SchemaName } from './schemas.ts'

/** What routes read; everything that changes is asked for anew with each request. */
export interface Api {
  readonly config: Config
  /** Version of the package. */
  readonly version: string
  /** Undefined until a first state has been turned into records. */
  snapshot(): Snapshot | undefined
  /** What the query threads have counted so far. */
  counters(): CountersSnapshot
  /** Uniform in [0, 1). */
  random(): number
}

/** Percent-decoded path parameters by name. */
export type Params = Readonly<Record<string, string>>

/** One path of the API: how it answers, and what the OpenAPI document says of it. */
export interface Route {
  /** As OpenAPI writes it: `/v1/hosts/{host}`. */
  readonly path: string
  readonly operation: Operation
  answer(params: Params, api: Api): Answer | Promise<Answer>
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
