import type { Report } from '../report.ts'
import { StateFormatError } from './errors.ts'

// Reading unknown JSON by hand: a schema library costs seconds for 100,000 tasks. `null` always counts
// as absent, as it does for Go's decoder in Mesos-DNS and for protobuf's JSON mapping.

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where a value stands, for the report: the object it belongs to and the key it is found under. */
export interface Place {
  readonly report: Report
  /** Kind reported when the value is odd. */
  readonly kind: string
  /** An agent id, `framework/task id`, or '' for the state itself. */
  readonly object: string
  readonly key: string
}

/** The elements of an array; none if absent. Anything else is reported and counts as none. */
export function readList(value: unknown, { report, kind, object, key }: Place): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined && value !== null) {
    report.add(kind, object, `${key} is ${describe(value)} instead of a list; left out`)
  }
  return NONE
}

/**
 * The elements of a list that a state stands or falls with: to take anything else for an empty one would
 * take every name from the zone, so it throws StateFormatError.
 */
export function readWholeList(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value === undefined || value === null) return NONE
  throw new StateFormatError(
    `${key} of the state is ${describe(value)} instead of a list; expected the body of /state`,
  )
}

/** A string, `''` if absent; undefined for any other type. */
export function readText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : undefined
}

/** The value itself or the one in a v1 identifier, `{"value": "…"}`; otherwise like readText. */
export function readV1Id(value: unknown): string | undefined {
  return readText(isObject(value) ? value.value : value)
}

/** How a value is called in a message: `a list`, `the string "abc"`, … bounded in length. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'missing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `the string ${JSON.stringify(shorten(value))}`
  return `the ${typeof value} ${String(value)}`
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** One empty list for all objects that have none: most tasks have no labels and no discovery ports. */
export const NONE: readonly never[] = Object.freeze([])
