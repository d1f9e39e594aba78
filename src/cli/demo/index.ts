import { type RunningServer, startServer } from '../../app.ts'
import {
  type DemoScenario,
  demoScenario,
  describeChange,
  type MasterServer,
  serveMasters,
  startLife,
} from '../../demo/index.ts'
import { MesosNsError } from '../../errors.ts'
import { createLogger, type LogLevel } from '../../log.ts'
import type { HostPort } from '../../net/address.ts'
import { EXIT } from '../exit-status.ts'
import { checkWhole } from '../numbers.ts'
import { untilSignal } from '../signals.ts'
import type { Terminal } from '../terminal.ts'
import { packageVersion } from '../version.ts'
import { demoConfig, LOOPBACK } from './config.ts'
import { liveChecks, type Step } from './live-check.ts'
import { type Check, runChecks } from './self-check.ts'
import { introduction, invitation, LIVE_HEADING, showCheck, showStep } from './text.ts'

export interface DemoOptions {
  /** End after the checks. */
  readonly once: boolean
  readonly dnsPort: number
  readonly httpPort: number
  readonly logLevel: LogLevel
}

/** How long the first state may take; it comes from this machine. */
const READY_WITHIN_MS = 20_000

/**
 * Runs the server against a simulated cluster, all on loopback, checks its answers against what the
 * cluster knows, also while that changes and the leading master dies, and then lets the cluster live until
 * a signal comes.
 */
export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  checkWhole('--dns-port', options.dnsPort, 65535)
  checkWhole('--http-port', options.httpPort, 65535)
  const scenario = demoScenario({ seed: 1 })
  const masters = await serveMasters(scenario.cluster)
  try {
    const server = await start(options, masters)
    try {
      return await show(options, { scenario, masters }, server, terminal)
    } finally {
      await server.stop()
    }
  } finally {
    await Promise.all(masters.map((master) => master.close()))
  }
}

interface ServedScenario {
  readonly scenario: DemoScenario
  readonly masters: readonly MasterServer[]
}

async function show(
  options: DemoOptions,
  { scenario, masters }: ServedScenario,
  server: RunningServer,
  terminal: Terminal,
): Promise<number> {
  const signal = untilSignal(terminal)
  const dns = server.addresses.dns ?? { host: LOOPBACK, port: options.dnsPort }
  const http = server.addresses.http ?? { host: LOOPBACK, port: options.httpPort }
  const endpoints = { dns, http }
  await readyInTime(server)
  terminal.out(introduction(scenario.cluster, endpoints))
  const checks = await runChecks(scenario, endpoints)
  for (const check of checks) terminal.out(showCheck(check))
  const steps = await runSteps(liveChecks(scenario, masters, dns), terminal)
  const status = verdict(checks, steps, terminal)
  if (options.once) return status
  terminal.out(invitation(endpoints))
  await live(scenario, signal, terminal)
  return status
}

/** Lets the cluster live until the signal, and tells what happens in it. */
async function live(
  scenario: DemoScenario,
  signal: Promise<string>,
  terminal: Terminal,
): Promise<void> {
  const ignore = scenario.cluster.onChange((change) => {
    terminal.out(`${new Date().toISOString().slice(11, 19)}  ${describeChange(change)}\n`)
  })
  const stop = startLife(scenario)
  await signal
  stop()
  ignore()
}

/** Shows each step as it is done. */
async function runSteps(steps: AsyncIterable<Step>, terminal: Terminal): Promise<readonly Step[]> {
  const done: Step[] = []
  terminal.out(LIVE_HEADING)
  for await (const step of steps) {
    terminal.out(showStep(step))
    done.push(step)
  }
  terminal.out('\n')
  return done
}

function verdict(checks: readonly Check[], steps: readonly Step[], terminal: Terminal): number {
  const wrong = checks.filter(({ right }) => !right)
  const failed = steps.filter(({ right }) => !right)
  for (const { question, expected } of wrong) {
    terminal.complain(
      `wrong answer to ${question}: the simulated cluster says ${expected.join(' ')}`,
    )
  }
  for (const { told } of failed)
    terminal.complain(`the cluster changed, and the answers were wrong: ${told}`)
  return wrong.length + failed.length === 0 ? EXIT.OK : EXIT.FAILURE
}

async function start(
  { dnsPort, httpPort, logLevel }: DemoOptions,
  masters: readonly MasterServer[],
): Promise<RunningServer> {
  const addresses: readonly HostPort[] = masters.map(({ address }) => address)
  const config = demoConfig({ masters: addresses, dnsPort, httpPort })
  try {
    const log = createLogger(logLevel)
    return await startServer({ config, log, version: packageVersion() })
  } catch (error) {
    throw portTaken(error, { '--dns-port': dnsPort, '--http-port': httpPort }) ?? error
  }
}

/** A port that is taken is the likeliest failure of a demo, and a flag is its remedy. */
function portTaken(error: unknown, ports: Readonly<Record<string, number>>) {
  if (!(error instanceof MesosNsError) || error.code !== 'MESOS_NS_LISTEN') return undefined
  const cause = error.cause as (NodeJS.ErrnoException & { readonly port?: number }) | undefined
  const [flag, port] = Object.entries(ports).find(([, value]) => value === cause?.port) ?? []
  if (flag === undefined || cause?.code !== 'EADDRINUSE') return undefined
  return new MesosNsError(
    'MESOS_NS_LISTEN',
    `port ${port} on ${LOOPBACK} is taken by another process; choose another with ${flag} N`,
    { cause: error },
  )
}

async function readyInTime({ ready }: RunningServer): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const message = `the demo's first state did not come in ${READY_WITHIN_MS / 1000} s; run it with --log-level debug`
    timer = setTimeout(
      () => reject(new MesosNsError('MESOS_NS_STATE_FETCH', message)),
      READY_WITHIN_MS,
    )
  })
  try {
    await Promise.race([ready, late])
  } finally {
    clearTimeout(timer)
  }
}
