import type { Measured } from './machine.ts'
import {
  type ChurnFigures,
  FRESHNESS_WAYS,
  type FreshnessResults,
  type LatencyFigures,
  type QueryFigures,
  type QueryResults,
  type Results,
  STATE_EVENTS,
  type StallResults,
  type StateResults,
} from './results.ts'
import type { Spread } from './statistics.ts'
import { targets } from './targets.ts'

/** The generated parts of docs/benchmarks.md by the name of their markers, in Markdown. */
export const PARTS: Readonly<Record<string, (results: Results) => string>> = {
  machine: machineTable,
  targets: targetTable,
  query: ({ query }) => (query === undefined ? NOT_MEASURED : queryTables(query)),
  state: ({ state }) => (state === undefined ? NOT_MEASURED : stateTables(state)),
  stall: ({ stall }) => (stall === undefined ? NOT_MEASURED : stallTable(stall)),
  freshness: ({ freshness }) =>
    freshness === undefined ? NOT_MEASURED : freshnessTables(freshness),
}

const NOT_MEASURED = 'Not measured yet.'

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: 'text' | 'numbers' = 'numbers',
): string {
  const rule = head.map((_, column) => (column === 0 || columns === 'text' ? '---' : '--:'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function machineTable(results: Results): string {
  const rows = Object.entries(results).map(
    ([part, { measured }]: [string, { measured: Measured }]) => [
      `\`${part}\``,
      measured.date.slice(0, 10),
      `${measured.cores} × ${measured.cpu}, ${(measured.memoryOctets / 2 ** 30).toFixed(0)} GiB`,
      measured.kernel,
      measured.node,
      `${measured.rounds}${measured.seconds > 0 ? ` of ${measured.seconds} s` : ''}`,
    ],
  )
  const head = ['Benchmark', 'Date', 'Machine', 'Linux', 'Node.js', 'Rounds']
  // Titles say after a comma how a server is used.
  const versions = new Set(
    results.query?.servers
      .filter(({ version }) => version !== '')
      .map(({ title, version }) => `${title.split(',', 1)} ${version}`),
  )
  const servers = versions.size === 0 ? [] : [`Servers: ${[...versions].join(', ')}.`]
  return [table(head, rows, 'text'), ...servers].join('\n\n')
}

function targetTable(results: Results): string {
  const marks = { true: 'yes', false: '**no**', undefined: 'not measured' }
  const rows = targets(results).map(({ what, limit, measured, reached }) => [
    what,
    limit,
    measured,
    marks[`${reached}`],
  ])
  return table(['What', 'Target', 'Measured', 'Reached'], rows, 'text')
}

/** One table for the cost, with its ratio to the floor's, and one for each of the others. */
function queryTables(query: QueryResults): string {
  const cost = ({ cpuMicros, workload }: QueryFigures) => {
    const floor = figuresOf(query, workload, 'floor')?.cpuMicros.median
    const ratio = floor === undefined ? '' : ` (${(cpuMicros.median / floor).toFixed(2)} ×)`
    return `${cpuMicros.median.toFixed(2)}${ratio}<br>${range(cpuMicros, (value) => value.toFixed(2))}`
  }
  const sections = [
    ['CPU of the server’s processes, µs per query (ratio to the C floor); lowest–highest', cost],
    ['Queries per second', (each: QueryFigures) => thousands(each.queriesPerSecond.median)],
    ['Queries without an answer', (each: QueryFigures) => percent(each.loss.median)],
    ['Octets of an answer', (each: QueryFigures) => thousands(each.responseOctets)],
  ] as const
  return sections.map(([title, cell]) => `**${title}**\n\n${matrix(query, cell)}`).join('\n\n')
}

/** Workloads down, servers across. */
function matrix(query: QueryResults, cell: (figures: QueryFigures) => string): string {
  const rows = query.workloads.map(({ id, title }) => [
    title,
    ...query.servers.map((server) => {
      const figures = figuresOf(query, id, server.id)
      return figures === undefined ? '–' : cell(figures)
    }),
  ])
  return table(['', ...query.servers.map(({ title }) => title)], rows)
}

function figuresOf(
  { figures }: QueryResults,
  workload: string,
  server: string,
): QueryFigures | undefined {
  return figures.find((each) => each.workload === workload && each.server === server)
}

function stateTables({ sizes, figures, churn }: StateResults): string {
  const sized = sizes.map(({ tasks, octets, idleOctets }) => [
    thousands(tasks),
    megabytes(octets),
    thousands(octets / tasks),
    withRange(idleOctets, megabytes),
  ])
  const rows = figures.map(({ tasks, event, cpuSeconds, wallSeconds, peakOctets }) => [
    thousands(tasks),
    STATE_EVENTS[event],
    withRange(cpuSeconds, seconds),
    withRange(wallSeconds, seconds),
    withRange(peakOctets, megabytes),
  ])
  const sizeHead = ['Tasks', 'State, MB', 'Octets per task', 'Idle memory afterwards, MB']
  const head = ['Tasks', 'What', 'CPU, s', 'Time, s', 'Peak memory, MB']
  const tables = [table(head, rows), table(sizeHead, sized)]
  return [...tables, ...(churn === undefined ? [] : [churnTable(churn)])].join('\n\n')
}

/** The first load and every so manieth change: enough to see whether memory grows. */
function churnTable({ tasks, residentOctets }: ChurnFigures): string {
  const step = Math.max(1, Math.ceil((residentOctets.length - 1) / 10))
  const shown = residentOctets.flatMap((octets, changes) =>
    changes % step === 0 ? [[changes, octets] as const] : [],
  )
  const head = ['Full changes', ...shown.map(([changes]) => thousands(changes))]
  const row = ['Resident, MB', ...shown.map(([, octets]) => megabytes(octets))]
  return `All ${thousands(tasks)} tasks replaced, again and again, in one process:\n\n${table(head, [row])}`
}

function stallTable(stall: StallResults): string {
  const row = (what: string, { p50, p99, p999, max, loss, late }: LatencyFigures) => [
    what,
    ...[p50, p99, p999, max].map((each) => withRange(each, microseconds)),
    percent(loss.median),
    microseconds(late.median),
  ]
  const { tasks, octets, queriesPerSecond, loads, cpuShare } = stall
  const head = ['', 'p50', 'p99', 'p99.9', 'max', 'No answer', 'Client late']
  const rows = [row('quiet', stall.quiet), row('taking in states', stall.loading)]
  const state = `${thousands(tasks)} tasks (${megabytes(octets)} MB)`
  return `${table(head, rows)}

Microseconds, at ${thousands(queriesPerSecond)} queries per second. In each measurement ${withRange(loads, String)} states of ${state} were taken in one
after the other; the server used ${withRange(cpuShare, (share) => share.toFixed(2))} of a core.`
}

function freshnessTables({ figures, bursts }: FreshnessResults): string {
  const rows = figures.map(({ tasks, way, changes, p50, p99, max }) => [
    thousands(tasks),
    FRESHNESS_WAYS[way],
    thousands(changes),
    ...[p50, p99, max].map(milliseconds),
  ])
  const burstRows = bursts.map(({ tasks, changes, firstMs, lastMs }) => [
    thousands(tasks),
    thousands(changes),
    withRange(firstMs, milliseconds),
    withRange(lastMs, milliseconds),
  ])
  const head = ['Tasks', 'Told by', 'Changes', 'p50, ms', 'p99, ms', 'max, ms']
  const burstHead = ['Tasks', 'Changes at once', 'First answered, ms', 'Last answered, ms']
  return [table(head, rows), table(burstHead, burstRows)].join('\n\n')
}

function withRange(figures: Spread, show: (value: number) => string): string {
  return `${show(figures.median)} (${range(figures, show)})`
}

function range({ min, max }: Spread, show: (value: number) => string): string {
  return `${show(min)}–${show(max)}`
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

function megabytes(octets: number): string {
  return thousands(octets / 1e6)
}

function seconds(value: number): string {
  return value.toFixed(2)
}

function microseconds(value: number): string {
  return thousands(value)
}

function milliseconds(value: number): string {
  return value < 100 ? value.toFixed(1) : thousands(value)
}
