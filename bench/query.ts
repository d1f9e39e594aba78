/**
 * What a query costs: CPU of the server's processes for each query answered, under dnsperf, for mesos-ns,
 * for other name servers with the same zone, and for a C program that looks nothing up.
 */

import { measuredHere } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { cpuSecondsOf } from './process-cpu.ts'
import { missingPrograms } from './programs.ts'
import { type Dataset, DOMAIN, makeDataset } from './query/dataset.ts'
import { runDnsperf } from './query/dnsperf.ts'
import { verify } from './query/verify.ts'
import { SMALLEST, type Workload, workloads } from './query/workloads.ts'
import type { QueryFigures, QueryResults } from './results.ts'
import { type RunningServer, SERVERS, type ServerKind } from './servers/index.ts'
import { spread } from './statistics.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

const ROUNDS = 5
const SECONDS = 2
const SIZES = [SMALLEST, 100_000, 1_000_000]
/** Fills caches and lets compilers see what is hot. */
const WARM_UP_SECONDS = 1

interface Started {
  readonly kind: ServerKind
  readonly server: RunningServer
}

/** What one run of dnsperf gave. */
interface Sample {
  readonly cpuMicros: number
  readonly queriesPerSecond: number
  readonly loss: number
  readonly responseOctets: number
}

interface Run {
  readonly kinds: readonly ServerKind[]
  readonly main: string
  readonly workspace: Workspace
  readonly rounds: number
  readonly seconds: number
}

export async function benchQuery(options: BenchOptions, main: string): Promise<QueryResults> {
  const { rounds = ROUNDS, seconds = SECONDS, sizes = SIZES } = options
  const all = workloads(sizes)
  const chosen = only(all, options.only)
  const kinds = withUpstream(installed(only(SERVERS, options.only), options.require))
  const workspace = createWorkspace()
  try {
    const run = { kinds, main, workspace, rounds, seconds }
    const figures: QueryFigures[] = []
    for (const names of new Set(chosen.map((workload) => workload.names))) {
      const ofSize = chosen.filter((workload) => workload.names === names)
      figures.push(...(await measureZone(ofSize, names === sizes[0], run)))
    }
    return {
      measured: measuredHere(rounds, seconds),
      servers: kinds.map(({ id, title, version }) => ({ id, title, version: version(main) })),
      workloads: chosen.map(({ id, title }) => ({ id, title })),
      figures,
    }
  } finally {
    workspace.remove()
  }
}

/** Those that are named; all if none of them is. */
function only<T extends { readonly id: string }>(
  all: readonly T[],
  names: readonly string[],
): readonly T[] {
  const known = [...SERVERS, ...workloads(SIZES), ...all].map(({ id }) => id)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    const list = [...new Set(known)].join(', ')
    throw new RangeError(`--only ${unknown.join(',')}: there are ${list}`)
  }
  const named = all.filter(({ id }) => names.includes(id))
  return named.length > 0 ? named : all
}

/** Those whose programs are there. */
function installed(kinds: readonly ServerKind[], require: boolean): readonly ServerKind[] {
  const missing = missingPrograms(kinds.flatMap(({ programs }) => programs))
  if (missing === undefined) return kinds
  if (require) throw new Error(missing)
  console.log(`${missing}; left out`)
  return kinds.filter(({ programs }) => missingPrograms(programs) === undefined)
}

/** Caches need somebody to ask, who is then measured as well. */
function withUpstream(kinds: readonly ServerKind[]): readonly ServerKind[] {
  const upstream = SERVERS.filter(({ id }) => id === 'mesos-ns-dgram')
  const needsOne = kinds.some(({ role }) => role === 'cache')
  return needsOne && kinds.every(({ role }) => role !== 'authoritative')
    ? [...upstream, ...kinds]
    : kinds
}

/** Starts every server with one zone and measures them in turn, round by round. */
async function measureZone(
  ofSize: readonly Workload[],
  smallest: boolean,
  run: Run,
): Promise<QueryFigures[]> {
  const { kinds, main, workspace, rounds, seconds } = run
  const names = ofSize[0]?.names ?? 0
  const dataset = await makeDataset({ names, services: smallest }, main, workspace)
  const inZone = kinds.filter(({ role }) => smallest || role !== 'cache')
  const started: Started[] = []
  try {
    for (const kind of inZone) {
      const { master, zoneFile } = dataset
      const folder = workspace.folder(kind.id)
      // The caches come last: the server before them has their answers.
      const upstream = started.findLast((each) => each.kind.role === 'authoritative')
      const context = { folder, domain: DOMAIN, zoneFile, main, master: master.address }
      const server = await kind.start({ ...context, upstream: upstream?.server.port ?? 0 })
      started.push({ kind, server })
    }
    const figures: QueryFigures[] = []
    for (const workload of ofSize) {
      console.log(`\n${workload.title}`)
      figures.push(...(await measureWorkload(workload, dataset, started, { rounds, seconds })))
    }
    return figures
  } finally {
    for (const { server } of started) await server.stop()
    await dataset.master.stop()
  }
}

async function measureWorkload(
  workload: Workload,
  dataset: Dataset,
  started: readonly Started[],
  { rounds, seconds }: Pick<Run, 'rounds' | 'seconds'>,
): Promise<QueryFigures[]> {
  const queries = dataset.questions(workload)
  const { records } = dataset
  for (const { kind, server } of started) {
    await verify({ kind, port: server.port, workload, records, domain: DOMAIN })
    await runDnsperf({ port: server.port, queries, seconds: WARM_UP_SECONDS, once: true })
  }
  const samples = new Map<ServerKind, Sample[]>(started.map(({ kind }) => [kind, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { kind, server } of started) {
      samples.get(kind)?.push(await sample(kind, server, workload, queries, seconds))
    }
  }
  return [...samples].map(([kind, ofServer]) => {
    const figures = figuresOf(workload, kind, ofServer)
    const { cpuMicros, queriesPerSecond } = figures
    console.log(
      `  ${kind.title.padEnd(18)} ${cpuMicros.median.toFixed(2).padStart(6)} µs/query (${cpuMicros.min.toFixed(2)}–${cpuMicros.max.toFixed(2)})  ${Math.round(queriesPerSecond.median)} q/s`,
    )
    return figures
  })
}

async function sample(
  kind: ServerKind,
  { pid, port }: RunningServer,
  workload: Workload,
  queries: string,
  seconds: number,
): Promise<Sample> {
  const before = cpuSecondsOf(pid)
  const result = await runDnsperf({ port, queries, seconds })
  const cpuSeconds = cpuSecondsOf(pid) - before
  const expected = kind.role === 'floor' ? 'NOERROR' : workload.rcode
  const { sent, completed, lost, queriesPerSecond, responseOctets } = result
  if (completed === 0 || result.rcodes.get(expected) !== completed) {
    const codes = [...result.rcodes].map(([code, count]) => `${count} ${code}`).join(', ')
    throw new Error(`${kind.title}, ${workload.title}: ${codes || 'no answers'}, not ${expected}`)
  }
  return {
    cpuMicros: (cpuSeconds * 1e6) / completed,
    queriesPerSecond,
    loss: lost / sent,
    responseOctets,
  }
}

function figuresOf(workload: Workload, kind: ServerKind, samples: readonly Sample[]): QueryFigures {
  const of = (figure: keyof Sample) => spread(samples.map((each) => each[figure]))
  return {
    workload: workload.id,
    server: kind.id,
    cpuMicros: of('cpuMicros'),
    queriesPerSecond: of('queriesPerSecond'),
    loss: of('loss'),
    responseOctets: of('responseOctets').median,
  }
}
