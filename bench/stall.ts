/**
 * How long clients wait for an answer while nothing else happens, and while the server takes in one big
 * state after the other, each with one task in a hundred replaced.
 */
import { spawn } from 'node:child_process'
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { freePort } from '../test/programs.ts'
import { type Master, startMaster } from './cluster/master.ts'
import { ask } from './dns-client.ts'
import { measuredHere } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { cpuSecondsOf } from './process-cpu.ts'
import { untilQuiet } from './quiet.ts'
import type { LatencyFigures, StallResults } from './results.ts'
import { type RunningServer, startMesosNs } from './servers/index.ts'
import { spread } from './statistics.ts'
import { compile, createWorkspace } from './workspace.ts'

const ROUNDS = 3
const SECONDS = 15
const TASKS = 100_000
const QUERIES_PER_SECOND = 2_000
/** A query without an answer counts as one that took so long. */
const TIMEOUT_SECONDS = 10
const DOMAIN = 'mesos'
/** Names that are tried before. */
const CHECKED = 50

/** What `paced` prints; times in microseconds. */
export interface PacedResult {
  readonly sent: number
  readonly answered: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** By how much a query was sent too late at most. */
  readonly late: number
}

interface Loading {
  readonly latency: PacedResult
  readonly loads: number
  readonly cpuShare: number
}

export async function benchStall(options: BenchOptions, main: string): Promise<StallResults> {
  const { rounds = ROUNDS, seconds = SECONDS, sizes = [TASKS] } = options
  const tasks = Math.max(...sizes)
  const workspace = createWorkspace()
  try {
    const paced = compile('paced.c', workspace.path)
    const names = join(workspace.path, 'names')
    writeFileSync(names, `${askedNames(tasks).join('\n')}\n`)
    const master = await startMaster({ kind: 'full', tasks }, join(workspace.path, 'state.json'))
    let server: RunningServer | undefined
    try {
      server = await startServer(master, main, workspace.folder('mesos-ns'))
      for (const name of askedNames(tasks).slice(0, CHECKED)) await checkAnswer(server.port, name)
      const run = { paced, names, seconds, server, master }
      const quiet: PacedResult[] = []
      const loading: Loading[] = []
      for (let round = 0; round < rounds; round++) {
        quiet.push(await measureQuiet(run))
        loading.push(await measureLoading(run))
      }
      const results = {
        measured: measuredHere(rounds, seconds),
        tasks,
        octets: master.octets,
        queriesPerSecond: QUERIES_PER_SECOND,
        quiet: figuresOf(quiet),
        loading: figuresOf(loading.map(({ latency }) => latency)),
        loads: spread(loading.map(({ loads }) => loads)),
        cpuShare: spread(loading.map(({ cpuShare }) => cpuShare)),
      }
      print(results)
      return results
    } finally {
      await server?.stop()
      await master.stop()
    }
  } finally {
    workspace.remove()
  }
}

/**
 * Names that are there whichever tasks are replaced: the tasks of an app share them. In `largeCluster` an app has ten
 * tasks, and every fourth one goes by its own name, in the first framework.
 */
function askedNames(tasks: number): string[] {
  return Array.from({ length: Math.ceil(tasks / 40) }, (_, n) => {
    const app = n * 4
    return `app-${app}-group-${app % 50}.marathon.${DOMAIN}`
  })
}

/** The paced client does not look at what it gets. */
async function checkAnswer(port: number, name: string): Promise<void> {
  const { answers = [] } = await ask(port, { name, type: 'A' })
  if (!answers.some(({ type }) => type === 'A')) throw new Error(`${name} has no address`)
}

async function startServer(master: Master, main: string, folder: string): Promise<RunningServer> {
  const settings = { master: master.address, domain: DOMAIN, port: await freePort() }
  const released = master.release()
  const server = await startMesosNs({ folder, main }, { ...settings, refreshSeconds: 1 })
  await released
  return server
}

interface Run {
  readonly paced: string
  readonly names: string
  readonly seconds: number
  readonly server: RunningServer
  readonly master: Master
}

async function measureQuiet(run: Run): Promise<PacedResult> {
  await run.master.requested()
  await untilQuiet(run.server.pid)
  return pace(run)
}

async function measureLoading(run: Run): Promise<Loading> {
  const { server, master } = run
  const before = cpuSecondsOf(server.pid)
  const begun = performance.now()
  await master.flow('percent')
  const latency = await pace(run)
  const loads = await master.flow('off')
  const seconds = (performance.now() - begun) / 1000
  return { latency, loads, cpuShare: (cpuSecondsOf(server.pid) - before) / seconds }
}

/** Asks at a steady rate, from a process of its own. */
async function pace({ paced, names, seconds, server }: Run): Promise<PacedResult> {
  const args = [server.port, QUERIES_PER_SECOND, seconds, TIMEOUT_SECONDS].map(String)
  const child = spawn(paced, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: (seconds + 2 * TIMEOUT_SECONDS) * 1000,
  })
  const [output] = await Promise.all([
    text(child.stdout),
    pipeline(createReadStream(names), child.stdin),
  ])
  return JSON.parse(output)
}

function figuresOf(results: readonly PacedResult[]): LatencyFigures {
  const of = (figure: keyof PacedResult) => spread(results.map((each) => each[figure]))
  return {
    p50: of('p50'),
    p99: of('p99'),
    p999: of('p999'),
    max: of('max'),
    loss: spread(results.map(({ sent, answered }) => (sent - answered) / sent)),
    late: of('late'),
  }
}

function print({ quiet, loading, loads }: StallResults): void {
  for (const [what, { p50, p99, p999, max, loss }] of Object.entries({ quiet, loading })) {
    const times = [p50, p99, p999, max].map(({ median }) => `${Math.round(median)}`.padStart(8))
    console.log(`  ${what.padEnd(8)}${times.join('')} µs (p50 p99 p99.9 max), loss ${loss.median}`)
  }
  console.log(`  ${loads.median} states in each measurement`)
}
