import type { FreshnessWay, QueryResults, Results, StateEvent } from './results.ts'

/** What mesos-ns is to reach, as tables show it. */
export interface Target {
  readonly what: string
  readonly limit: string
  readonly measured: string
  /** Undefined: not measured. */
  readonly reached: boolean | undefined
}

const OURS = 'mesos-ns-batch'
const FLOOR_RATIO = 1.3
const FULL_LOAD = { tasks: 100_000, cpuSeconds: 4, peakMegabytes: 400 }
const IDLE = { tasks: 1_000, megabytes: 115 }
const STALL = { tasks: 100_000, ratio: 2 }
const FRESHNESS = { tasks: 100_000, milliseconds: 100 }

/** Both are what users of the event stream see. */
const WAYS = {
  stream: 'event stream',
  audit: 'during an audit',
} as const satisfies Partial<Record<FreshnessWay, string>>

export function targets({ query, state, stall, freshness }: Results): readonly Target[] {
  const load = state?.figures.find(is('load', FULL_LOAD.tasks))
  const idle = state?.sizes.find(({ tasks }) => tasks === IDLE.tasks)
  const stallRatio =
    stall?.tasks === STALL.tasks ? stall.loading.p999.median / stall.quiet.p999.median : undefined
  const fullLoad = `first load of ${count(FULL_LOAD.tasks)} tasks`
  return [
    ...queryTargets(query),
    atMost(`CPU, ${fullLoad}`, load?.cpuSeconds.median, FULL_LOAD.cpuSeconds, ' s', 2),
    atMost(
      `peak memory, ${fullLoad}`,
      megabytes(load?.peakOctets.median),
      FULL_LOAD.peakMegabytes,
      ' MB',
      0,
    ),
    atMost(
      `idle memory, ${count(IDLE.tasks)} tasks`,
      megabytes(idle?.idleOctets.median),
      IDLE.megabytes,
      ' MB',
      0,
    ),
    atMost(
      `p99.9 while states of ${count(STALL.tasks)} tasks are taken in, to the quiet one`,
      stallRatio,
      STALL.ratio,
      ' ×',
      2,
    ),
    ...(['stream', 'audit'] as const).map((way) =>
      atMost(
        `p99 from a change to its answer, ${count(FRESHNESS.tasks)} tasks, ${WAYS[way]}`,
        freshness?.figures.find((each) => each.way === way && each.tasks === FRESHNESS.tasks)?.p99,
        FRESHNESS.milliseconds,
        ' ms',
        0,
      ),
    ),
  ]
}

/** The cost of a query with a million names against the floor's, and everywhere against NSD's and Knot's. */
function queryTargets(query: QueryResults | undefined): Target[] {
  const cost = (workload: string, server: string) =>
    query?.figures.find((each) => each.workload === workload && each.server === server)?.cpuMicros
      .median
  const ratio = (workload: string, server: string) => {
    const [ours, theirs] = [cost(workload, OURS), cost(workload, server)]
    return ours === undefined || theirs === undefined ? undefined : ours / theirs
  }
  const against = (workload: string, what: string) => [
    atMost(`${what}, to NSD`, ratio(workload, 'nsd'), 1, ' ×', 2),
    atMost(`${what}, to Knot DNS`, ratio(workload, 'knot'), 1, ' ×', 2),
  ]
  const million = `CPU per A query, ${count(1_000_000)} names`
  return [
    atMost(`${million}, to the C floor`, ratio('a-1000000', 'floor'), FLOOR_RATIO, ' ×', 2),
    ...against('a-1000000', million),
    ...against('srv-1', 'CPU per SRV query, 1 target'),
    ...against('srv-10', 'CPU per SRV query, 10 targets'),
  ]
}

function is(event: StateEvent, tasks: number) {
  return (figures: { readonly event: StateEvent; readonly tasks: number }) =>
    figures.event === event && figures.tasks === tasks
}

function megabytes(octets: number | undefined): number | undefined {
  return octets === undefined ? undefined : octets / 1e6
}

function count(number: number): string {
  return number.toLocaleString('en')
}

function atMost(
  what: string,
  value: number | undefined,
  limit: number,
  unit: string,
  digits: number,
): Target {
  return {
    what,
    limit: `≤ ${limit}${unit}`,
    measured: value === undefined ? '–' : `${value.toFixed(digits)}${unit}`,
    reached: value === undefined ? undefined : value <= limit,
  }
}
