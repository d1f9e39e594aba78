import type { Config } from '../../config/schema.ts'
import type { Snapshot } from '../../zone/snapshot.ts'
import type { ServerStatus } from '../server-status.ts'

/** Where values come from; all of it is asked for when somebody scrapes, and nothing is kept. */
export interface MetricsSource {
  /** Version of the package. */
  readonly version: string
  config(): Config
  snapshot(): Snapshot | undefined
  status(): ServerStatus
  /** Milliseconds since the epoch. */
  now(): number
}

/** Of every name. promlint takes its `ns` for nanoseconds; it is the name of the program. */
export const PREFIX = 'mesos_ns_'

export type MetricType = 'counter' | 'gauge'

/** One value; `labels` has all labels of its metric. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** One metric by the rules of Prometheus: https://prometheus.io/docs/practices/naming/ */
export interface Metric {
  readonly name: string
  readonly type: MetricType
  /** One sentence. */
  readonly help: string
  readonly labels: readonly string[]
  read(source: MetricsSource): readonly Sample[]
}

/** A metric of one value; of none while that is undefined: what is not known is not 0. */
export function single(
  type: MetricType,
  name: string,
  help: string,
  read: (source: MetricsSource) => number | undefined,
): Metric {
  return {
    name: PREFIX + name,
    type,
    help,
    labels: [],
    read(source) {
      const value = read(source)
      return value === undefined ? [] : [{ value }]
    },
  }
}

/** A metric of one value for each value of `label`. */
export function byLabel(
  type: MetricType,
  name: string,
  label: string,
  help: string,
  read: (source: MetricsSource) => Readonly<Record<string, number>> | undefined,
): Metric {
  return {
    name: PREFIX + name,
    type,
    help,
    labels: [label],
    read(source) {
      const values = Object.entries(read(source) ?? {})
      return values.map(([key, value]) => ({ labels: { [label]: key }, value }))
    },
  }
}

/** 1 for the one of `all` that is the case, 0 for the others; nothing if none is known. */
export function stateSet(all: readonly string[], current: string | undefined) {
  if (current === undefined) return undefined
  return Object.fromEntries(all.map((name) => [name, name === current ? 1 : 0]))
}

/** As Prometheus has times: seconds since the epoch. */
export function timestamp(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
