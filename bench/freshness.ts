/**
 * How long it takes from a change in the cluster to the first answer that shows it: the moment a task is started to the
 * moment its name has an address, with the event stream, while the state is fetched for an audit, and with polls alone.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/programs.ts'
import { type Fetch, type LiveCluster, startLiveCluster } from './cluster/live-cluster.ts'
import { measuredHere } from './machine.ts'
import { NameWatch } from './name-watch.ts'
import type { BenchOptions } from './options.ts'
import { untilQuiet } from './quiet.ts'
import {
  type BurstFigures,
  FRESHNESS_WAYS,
  type FreshnessFigures,
  type FreshnessResults,
  type FreshnessWay,
} from './results.ts'
import { type MesosNsSettings, startMesosNs } from './servers/index.ts'
import { percentile, spread } from './statistics.ts'
import { createWorkspace, type Workspace } from './workspace.ts'

const ROUNDS = 3
/** Of changes one after the other, in each round with the stream: two audits begin in it. */
const SECONDS = 25
const SIZES = [1_000, 100_000]
/** A change then takes as long as a fetch, so there are fewer. */
const POLLED_CHANGES = 10
const BURST = 500
/** Of these one is watched in so many, the first and the last among them; to ask for all would be a load of its own. */
const WATCHED = 20
const DOMAIN = 'mesos'
/** The shortest that there is. */
const AUDIT_SECONDS = 10
/** After the last octet of a state has left it still has to be compared and published. */
const AFTER_FETCH_MS = 1_000
/** What times are exact to; asking more often would take the server's share of the machine. */
const ASK_MS = { stream: 1, poll: 10, burst: 5 } as const
/** Between two changes, at random and up to so long: in no step with polls or heartbeats. */
const PAUSE_MS = { stream: 100, poll: 3_000 } as const
/** A burst has passed when so much time has gone by after its last answer. */
const BURST_PAUSE_MS = 1_000

interface Change {
  readonly begun: number
  readonly answered: number
}

interface Burst {
  readonly first: number
  readonly last: number
}

interface Round {
  readonly changes: Readonly<Record<FreshnessWay, readonly number[]>>
  readonly burst: Burst
}

export async function benchFreshness(
  options: BenchOptions,
  main: string,
): Promise<FreshnessResults> {
  const { rounds = ROUNDS, seconds = SECONDS, sizes = SIZES } = options
  const workspace = createWorkspace()
  try {
    const figures: FreshnessFigures[] = []
    const bursts: BurstFigures[] = []
    for (const tasks of sizes) {
      console.log(`\n${tasks} tasks`)
      const cluster = await startLiveCluster(tasks)
      try {
        const measured: Round[] = []
        for (let round = 0; round < rounds; round++) {
          measured.push(await measureRound({ cluster, main, workspace }, seconds))
        }
        figures.push(...figuresOf(tasks, measured))
        bursts.push(burstOf(tasks, measured))
      } finally {
        await cluster.stop()
      }
    }
    return { measured: measuredHere(rounds, seconds), figures, bursts }
  } finally {
    workspace.remove()
  }
}

interface Setting {
  readonly cluster: LiveCluster
  readonly main: string
  readonly workspace: Workspace
}

async function measureRound(setting: Setting, seconds: number): Promise<Round> {
  const { cluster } = setting
  const streamed = await withServer(
    setting,
    { updates: 'stream', auditSeconds: AUDIT_SECONDS },
    async (watch) => {
      const burst = await measureQuietBurst(cluster, watch)
      const changes: Change[] = []
      const until = performance.now() + seconds * 1000
      while (performance.now() < until) changes.push(await measureChange(cluster, watch, 'stream'))
      return { burst, ...byAudit(changes, await cluster.fetches()) }
    },
  )
  const poll = await withServer(setting, { updates: 'poll', refreshSeconds: 1 }, async (watch) => {
    const times: number[] = []
    while (times.length < POLLED_CHANGES)
      times.push(timeOf(await measureChange(cluster, watch, 'poll')))
    return times
  })
  const { burst, quiet, audited } = streamed
  return { burst, changes: { stream: quiet, audit: audited, poll } }
}

/** Runs a server that has taken the cluster in. */
async function withServer<T>(
  { cluster, main, workspace }: Setting,
  settings: Partial<MesosNsSettings>,
  measure: (watch: NameWatch) => Promise<T>,
): Promise<T> {
  const port = await freePort()
  const context = { folder: workspace.folder('mesos-ns'), main }
  const server = await startMesosNs(context, {
    master: cluster.address,
    domain: DOMAIN,
    port,
    ...settings,
  })
  const watch = new NameWatch(port)
  try {
    if (settings.updates === 'stream') await cluster.subscribed()
    // A change that is answered says that what came before it has been taken in.
    await measureChange(cluster, watch, 'stream')
    await untilQuiet(server.pid)
    return await measure(watch)
  } finally {
    watch.close()
    await server.stop()
  }
}

let launched = 0

function nextApp(): string {
  return `fresh-${launched++}`
}

function nameOf(app: string): string {
  return `${app}.marathon.${DOMAIN}`
}

/** Starts a task, waits for its name, and ends it, so that the cluster stays as large as it is. */
async function measureChange(
  cluster: LiveCluster,
  watch: NameWatch,
  way: 'stream' | 'poll',
): Promise<Change> {
  const app = nextApp()
  const [[begun = 0], [answered = 0]] = await Promise.all([
    cluster.launch([app]),
    watch.answered([nameOf(app)], ASK_MS[way]),
  ])
  await cluster.kill([app])
  await sleep(Math.random() * PAUSE_MS[way])
  return { begun, answered }
}

/** A burst that no audit coincides with. */
async function measureQuietBurst(cluster: LiveCluster, watch: NameWatch): Promise<Burst> {
  for (;;) {
    await cluster.fetches()
    await sleep(AFTER_FETCH_MS)
    const burst = await measureBurst(cluster, watch)
    if ((await cluster.fetches()).length === 0) return burst
  }
}

/** Starts many tasks at once: from the first to the first answer, from the last to the last. */
async function measureBurst(cluster: LiveCluster, watch: NameWatch): Promise<Burst> {
  const apps = Array.from({ length: BURST }, nextApp)
  const watched = apps.filter((_app, n) => n % WATCHED === 0 || n === BURST - 1)
  const [begun, answered] = await Promise.all([
    cluster.launch(apps),
    watch.answered(watched.map(nameOf), ASK_MS.burst),
  ])
  await watch.answered(apps.map(nameOf), BURST_PAUSE_MS)
  await cluster.kill(apps)
  await sleep(BURST_PAUSE_MS)
  return {
    first: Math.min(...answered) - Math.min(...begun),
    last: Math.max(...answered) - Math.max(...begun),
  }
}

function timeOf({ begun, answered }: Change): number {
  return answered - begun
}

/** Times of changes apart: those that a fetch of the whole state may have delayed. */
function byAudit(changes: readonly Change[], fetches: readonly Fetch[]) {
  const isAudited = (change: Change) =>
    fetches.some(
      ({ begun, ended }) => change.begun < ended + AFTER_FETCH_MS && change.answered > begun,
    )
  return {
    audited: changes.filter(isAudited).map(timeOf),
    quiet: changes.filter((change) => !isAudited(change)).map(timeOf),
  }
}

function figuresOf(tasks: number, rounds: readonly Round[]): FreshnessFigures[] {
  return (Object.keys(FRESHNESS_WAYS) as FreshnessWay[]).flatMap((way) => {
    const times = rounds.flatMap(({ changes }) => changes[way])
    if (times.length === 0) return []
    const figures = {
      tasks,
      way,
      changes: times.length,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      max: percentile(times, 1),
    }
    const shown = [figures.p50, figures.p99, figures.max].map((ms) => `${ms}`.padStart(8)).join('')
    console.log(`  ${FRESHNESS_WAYS[way].padEnd(24)} ${shown} ms (p50 p99 max) of ${times.length}`)
    return [figures]
  })
}

function burstOf(tasks: number, rounds: readonly Round[]): BurstFigures {
  const firstMs = spread(rounds.map(({ burst }) => burst.first))
  const lastMs = spread(rounds.map(({ burst }) => burst.last))
  console.log(`  ${BURST} at once: first ${firstMs.median} ms, last ${lastMs.median} ms`)
  return { tasks, changes: BURST, firstMs, lastMs }
}
