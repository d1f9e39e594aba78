/**
 * What states of the cluster cost the server that takes them in: CPU, time and memory of the whole process
 * for the first state, for one that has not changed, and for changes of different sizes.
 */
import { join } from 'node:path'
import { freePort } from '../test/programs.ts'
import { measureChurn } from './churn.ts'
import { type Master, startMaster } from './cluster/master.ts'
import { serialOf, untilSerialChanges } from './dns-client.ts'
import { measuredHere } from './machine.ts'
import type { BenchOptions } from './options.ts'
import { cpuSecondsOf, memoryOf, resetPeak } from './process-cpu.ts'
import { untilQuiet } from './quiet.ts'
import { STATE_EVENTS, type StateEvent, type StateFigures, type StateResults } from './results.ts'
import { type RunningServer, startMesosNs } from './servers/index.ts'
import { spread } from './statistics.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

const ROUNDS = 3
const SIZES = [1_000, 10_000, 100_000]
/** A run that names sizes of its own is a shortened one and goes without. */
const CHURN = { tasks: 10_000, changes: 50 }
const DOMAIN = 'mesos'

interface Sample {
  readonly event: StateEvent
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly peakOctets: number
}

interface Round {
  readonly idleOctets: number
  readonly samples: readonly Sample[]
}

export async function benchState(options: BenchOptions, main: string): Promise<StateResults> {
  const { rounds = ROUNDS, sizes = SIZES } = options
  const workspace = createWorkspace()
  try {
    const ofSizes: StateResults['sizes'][number][] = []
    const figures: StateFigures[] = []
    for (const tasks of sizes) {
      const path = join(workspace.folder(`state-${tasks}`), 'state.json')
      const master = await startMaster({ kind: 'full', tasks }, path)
      try {
        console.log(`\n${tasks} tasks, ${(master.octets / 1e6).toFixed(1)} MB`)
        const measured: Round[] = []
        for (let round = 0; round < rounds; round++) {
          measured.push(await measureRound(master, main, workspace))
        }
        const idleOctets = spread(measured.map((each) => each.idleOctets))
        ofSizes.push({ tasks, octets: master.octets, idleOctets })
        figures.push(...figuresOf(tasks, measured))
      } finally {
        await master.stop()
      }
    }
    const results = { measured: measuredHere(rounds, 0), sizes: ofSizes, figures }
    if (options.sizes !== undefined) return results
    return { ...results, churn: await measureChurn(CHURN, main, workspace) }
  } finally {
    workspace.remove()
  }
}

/** A server from its start: each kind of event once. */
async function measureRound(master: Master, main: string, workspace: Workspace): Promise<Round> {
  const port = await freePort()
  const settings = { master: master.address, domain: DOMAIN, port, refreshSeconds: 1 }
  const context = { folder: workspace.folder('mesos-ns'), main }
  const asked = async () => {
    await master.requested()
    return true
  }
  const server = await startMesosNs(context, settings, asked)
  try {
    const load = await measureEvent('load', master, server)
    const idleOctets = memoryOf(server.pid).resident
    const samples = [load]
    for (const event of Object.keys(STATE_EVENTS) as StateEvent[]) {
      if (event !== 'load') samples.push(await measureEvent(event, master, server))
    }
    return { idleOctets, samples }
  } finally {
    await server.stop()
  }
}

/** Sends the next state to the server, which waits for it, and watches until it waits for another. */
async function measureEvent(
  event: StateEvent,
  master: Master,
  { pid, port }: RunningServer,
): Promise<Sample> {
  const isChange = event !== 'load' && event !== 'unchanged'
  if (isChange) await master.replace(event)
  await master.requested()
  await untilQuiet(pid)
  const serial = event === 'load' ? undefined : await serialOf(port, DOMAIN)
  // The first load counts with what starting took.
  if (event !== 'load') resetPeak(pid)
  const before = cpuSecondsOf(pid)
  const begun = performance.now()
  await master.release()
  const answered =
    event === 'unchanged' ? undefined : await untilSerialChanges(port, DOMAIN, serial)
  await master.requested()
  const quiet = await untilQuiet(pid)
  return {
    event,
    cpuSeconds: quiet.cpuSeconds - before,
    wallSeconds: Math.max(0, (answered ?? quiet.since) - begun) / 1000,
    peakOctets: memoryOf(pid).peak,
  }
}

function figuresOf(tasks: number, rounds: readonly Round[]): StateFigures[] {
  return (Object.keys(STATE_EVENTS) as StateEvent[]).map((event) => {
    const samples = rounds.flatMap((round) => round.samples.filter((each) => each.event === event))
    const figures = {
      event,
      tasks,
      cpuSeconds: spread(samples.map((each) => each.cpuSeconds)),
      wallSeconds: spread(samples.map((each) => each.wallSeconds)),
      peakOctets: spread(samples.map((each) => each.peakOctets)),
    }
    const { cpuSeconds, wallSeconds, peakOctets } = figures
    console.log(
      `  ${STATE_EVENTS[event].padEnd(34)} ${cpuSeconds.median.toFixed(2).padStart(6)} s CPU  ${wallSeconds.median.toFixed(2).padStart(6)} s  ${Math.round(peakOctets.median / 1e6)} MB`,
    )
    return figures
  })
}
