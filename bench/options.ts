import { join } from 'node:path'
import { parseArgs } from 'node:util'

export interface BenchOptions {
  readonly rounds: number | undefined
  readonly seconds: number | undefined
  /** Servers and workloads by id; empty for all. */
  readonly only: readonly string[]
  /** Names of zones, or tasks of states. */
  readonly sizes: readonly number[] | undefined
  /** Whether a missing program is an error. */
  readonly require: boolean
  /** Program to measure instead of the one built from this tree. */
  readonly main: string | undefined
  /** File for the results; undefined: they are printed only. */
  readonly out: string | undefined
}

const ROOT = join(import.meta.dirname, '..')
export const RESULTS = join(ROOT, 'bench', 'results', 'latest.json')

export const USAGE = `npm run bench [-- [query|state|stall|freshness|answers|report] [options]]

query      CPU per query of mesos-ns and of other name servers
state      CPU, time and memory of taking in states
stall      latency of answers while states are taken in
freshness  time from a change in the cluster to the answer that shows it
answers    what an answer costs without sockets; takes numbers of names
report     writes the tables of docs/benchmarks.md from the saved results

--rounds N      how often everything is measured
--seconds N     how long each measurement takes
--only LIST     servers and workloads of query, such as nsd,mesos-ns-batch,a-1000
--sizes LIST    names of the zones (query), tasks (state, stall, freshness)
--require       fail where a program is not installed
--main FILE     measure another dist/main.js instead of building one
--out FILE      write the results there
--save          write them to bench/results/latest.json and docs/benchmarks.md, as a run
                without any of the options above does
`

/** Parses what follows the benchmark's name. Throws a TypeError or RangeError that says what is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      sizes: { type: 'string' },
      require: { type: 'boolean', default: false },
      main: { type: 'string' },
      out: { type: 'string' },
      save: { type: 'boolean', default: false },
    },
  })
  const { rounds, seconds, only, sizes, require, main, save } = values
  const isWhole = [rounds, seconds, only, sizes, main].every((value) => value === undefined)
  return {
    rounds: rounds === undefined ? undefined : positive('--rounds', rounds),
    seconds: seconds === undefined ? undefined : positive('--seconds', seconds),
    only: only?.split(',') ?? [],
    sizes: sizes?.split(',').map((size) => positive('--sizes', size)),
    require,
    main,
    out: values.out ?? (save || isWhole ? RESULTS : undefined),
  }
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new RangeError(`${option} ${text}: must be a whole number above 0`)
}
