import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Measured } from './machine.ts'
import type { Spread } from './statistics.ts'

/** One server under one workload. */
export interface QueryFigures {
  /** Ids. */
  readonly workload: string
  readonly server: string
  /** CPU of the server's processes, microseconds for each query that was answered. */
  readonly cpuMicros: Spread
  readonly queriesPerSecond: Spread
  /** Share of the queries that got no answer. */
  readonly loss: Spread
  /** Octets of an answer, on average. */
  readonly responseOctets: number
}

export interface QueryResults {
  readonly measured: Measured
  readonly servers: readonly {
    readonly id: string
    readonly title: string
    readonly version: string
  }[]
  readonly workloads: readonly { readonly id: string; readonly title: string }[]
  readonly figures: readonly QueryFigures[]
}

/** What happens to a server's state; `load` is the first one, the others follow it. */
export const STATE_EVENTS = {
  load: 'first load',
  unchanged: 'poll, nothing changed',
  one: 'poll, one task replaced',
  percent: 'poll, 1 % of the tasks replaced',
  all: 'poll, every task replaced',
} as const

export type StateEvent = keyof typeof STATE_EVENTS

export interface StateFigures {
  readonly event: StateEvent
  readonly tasks: number
  readonly cpuSeconds: Spread
  /** From the first octet of the state to the first answer from it; if nothing changed, to the end of the work. */
  readonly wallSeconds: Spread
  readonly peakOctets: Spread
}

/** Memory of a server whose tasks were all replaced, again and again. */
export interface ChurnFigures {
  readonly tasks: number
  /** Resident after the first load and after each change. */
  readonly residentOctets: readonly number[]
}

export interface StateResults {
  readonly measured: Measured
  /** Left out of shortened runs. */
  readonly churn?: ChurnFigures
  readonly sizes: readonly {
    readonly tasks: number
    /** Of the body. */
    readonly octets: number
    /** Resident memory when the first state has been taken in and all is quiet. */
    readonly idleOctets: Spread
  }[]
  readonly figures: readonly StateFigures[]
}

export interface LatencyFigures {
  /** Microseconds. */
  readonly p50: Spread
  readonly p99: Spread
  readonly p999: Spread
  readonly max: Spread
  /** Share of the queries that got no answer in time. */
  readonly loss: Spread
  /** By how much the client itself was late at most. */
  readonly late: Spread
}

export interface StallResults {
  readonly measured: Measured
  readonly tasks: number
  readonly octets: number
  readonly queriesPerSecond: number
  readonly quiet: LatencyFigures
  readonly loading: LatencyFigures
  /** States taken in during each measurement. */
  readonly loads: Spread
  /** Share of one CPU that the server used meanwhile. */
  readonly cpuShare: Spread
}

/** How a change came to the server. */
export const FRESHNESS_WAYS = {
  stream: 'event stream',
  audit: 'event stream, during an audit',
  poll: 'poll, every second',
} as const

export type FreshnessWay = keyof typeof FRESHNESS_WAYS

/** Milliseconds from a change to the first answer that shows it. */
export interface FreshnessFigures {
  readonly tasks: number
  readonly way: FreshnessWay
  /** How many were measured, in all rounds. */
  readonly changes: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Many changes at one moment, by the event stream: until the first and until the last was answered. */
export interface BurstFigures {
  readonly tasks: number
  readonly changes: number
  readonly firstMs: Spread
  readonly lastMs: Spread
}

export interface FreshnessResults {
  readonly measured: Measured
  readonly figures: readonly FreshnessFigures[]
  readonly bursts: readonly BurstFigures[]
}

/** Each part is of the last run that measured it. */
export interface Results {
  readonly query?: QueryResults
  readonly state?: StateResults
  readonly stall?: StallResults
  readonly freshness?: FreshnessResults
}

/** The results in a file; none if it is not there. */
export function readResults(path: string): Results {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

/** Replaces those parts of the results in a file that were measured anew. */
export function saveResults(path: string, fresh: Results): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ ...readResults(path), ...fresh }, undefined, 2)}\n`)
}
