import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { type RunningServer, startServer } from '../../src/app.ts'
import { type Config, parseConfig } from '../../src/config/index.ts'
import {
  type DemoScenario,
  demoScenario,
  type MasterServer,
  serveMasters,
} from '../../src/demo/index.ts'
import { formatHostPort } from '../../src/net/address.ts'
import { eventually } from '../eventually.ts'
import { type LogLine, recordingLog } from '../recording-log.ts'

/** The whole server against the demo's cluster, with what tests need to see of it. */
export interface Running extends DemoScenario {
  readonly server: RunningServer
  readonly dnsPort: number
  readonly httpUrl: string
  readonly masters: readonly MasterServer[]
  readonly lines: readonly LogLine[]
  /** All threads so far: the state thread, then the query threads, then replacements as they came. */
  readonly workers: readonly Worker[]
  /** Sockets that were open before it was started. */
  readonly socketsBefore: number
}

export type Settings = Readonly<Record<string, unknown>>

/** Everything on loopback; nothing is forwarded, and nothing polled but by refresh(). */
export function configOf(masters: readonly MasterServer[], settings: Settings = {}): Config {
  const all = {
    masters: masters.map(({ address }) => formatHostPort(address)),
    refreshSeconds: 3600,
    listener: '127.0.0.1',
    port: 0,
    httpListener: '127.0.0.1',
    httpPort: 0,
    externalOn: false,
    ...settings,
  }
  return parseConfig(JSON.stringify(all)).config
}

/** Starts it, waits for the first zone, and has it stopped when the test ends. */
export async function run(t: TestContext, settings: Settings = {}): Promise<Running> {
  const scenario = demoScenario({ seed: 1 })
  const masters = await serveMasters(scenario.cluster)
  t.after(() => Promise.all(masters.map((master) => master.close())))
  const workers = seenWorkers(t)
  const { log, lines } = recordingLog()
  const config = configOf(masters, settings)
  const socketsBefore = openSockets()
  const server = await startServer({ config, log, version: '0.0.0-test' })
  t.after(() => server.stop())
  await server.ready
  const dnsPort = server.addresses.dns?.port ?? 0
  const httpUrl = `http://127.0.0.1:${server.addresses.http?.port ?? 0}`
  return { ...scenario, server, dnsPort, httpUrl, masters, lines, workers, socketsBefore }
}

/** Megabytes; what threads without a limit have at least. */
const OTHERS_YOUNG_MB = 48

/** Threads that are started from now on until the test ends, in their order. */
export function seenWorkers(t: TestContext): readonly Worker[] {
  const workers: Worker[] = []
  const see = (worker: Worker) => {
    // Ours have small young generations; Node.js may have a thread that translates TypeScript.
    const { maxYoungGenerationSizeMb: young = 0 } = worker.resourceLimits ?? {}
    if (young > 0 && young < OTHERS_YOUNG_MB) workers.push(worker)
  }
  process.on('worker', see)
  t.after(() => void process.off('worker', see))
  return workers
}

/**
 * Resolves once no thread runs any more and there are no more sockets than there were; what is closed
 * takes a turn of the loop, or two, to be gone.
 */
export function nothingLeft(workers: readonly Worker[], socketsBefore: number): Promise<void> {
  // A thread that has ended has no id.
  return eventually(
    'all threads have ended and all sockets are closed',
    () => workers.every(({ threadId }) => threadId === -1) && openSockets() <= socketsBefore,
  )
}

/** Internet sockets that this process has open; what translates TypeScript has others. */
export function openSockets(): number {
  const inodes = new Set(
    ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) => inodesOf(`/proc/self/net/${table}`)),
  )
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]
      return inode !== undefined && inodes.has(inode)
    } catch {
      // The descriptor that the folder itself was read through.
      return false
    }
  }).length
}

/** The tenth column of a table of sockets; none where the system has no such table. */
function inodesOf(table: string): string[] {
  if (!existsSync(table)) return []
  const rows = readFileSync(table, 'utf8').trimEnd().split('\n').slice(1)
  return rows.map((row) => row.trim().split(/\s+/)[9] ?? '')
}

export function messages(lines: readonly LogLine[]): string[] {
  return lines.map(({ message }) => message)
}
