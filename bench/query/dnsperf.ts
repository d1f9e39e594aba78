import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { pathOf } from '../programs.ts'

/** What dnsperf says of a run. */
export interface DnsperfResult {
  readonly sent: number
  readonly completed: number
  /** Without an answer in time; those still on their way at the end are none of them. */
  readonly lost: number
  readonly queriesPerSecond: number
  /** Completed queries by response code. */
  readonly rcodes: ReadonlyMap<string, number>
  /** Octets of DNS, on average. */
  readonly requestOctets: number
  readonly responseOctets: number
}

export interface DnsperfRun {
  readonly port: number
  /** Lines of name and type. */
  readonly queries: string
  readonly seconds: number
  /** Whether each query is sent once only, if the time suffices. */
  readonly once?: boolean
}

const CLIENTS = 20
/** More than two batches of 64; fewer than a socket's receive buffer of the usual size takes. */
const OUTSTANDING = 200
const TIMEOUT_SECONDS = 1

/** Runs dnsperf against a server of this host. Rejects if it fails. */
export async function runDnsperf({
  port,
  queries,
  seconds,
  once = false,
}: DnsperfRun): Promise<DnsperfResult> {
  const numbers = { s: '127.0.0.1', p: port, d: queries, c: CLIENTS, q: OUTSTANDING }
  const limits = { l: seconds, t: TIMEOUT_SECONDS, ...(once ? { n: 1 } : {}) }
  const args = Object.entries({ ...numbers, ...limits }).flatMap(([key, value]) => [
    `-${key}`,
    String(value),
  ])
  const timeout = (seconds + 10 * TIMEOUT_SECONDS) * 1000
  const { stdout } = await promisify(execFile)(pathOf('dnsperf'), [...args, '-e'], { timeout })
  return parseDnsperf(stdout)
}

/** Parses dnsperf's statistics. Throws if they are not there. */
export function parseDnsperf(output: string): DnsperfResult {
  const number = (what: RegExp) => {
    const found = what.exec(output)?.[1]
    if (found === undefined) throw new Error(`dnsperf says nothing like ${what}:\n${output}`)
    return Number(found)
  }
  const codes = /Response codes:[ \t]*(.*)/.exec(output)?.[1] ?? ''
  return {
    sent: number(/Queries sent:\s+(\d+)/),
    completed: number(/Queries completed:\s+(\d+)/),
    lost: number(/Queries lost:\s+(\d+)/),
    queriesPerSecond: number(/Queries per second:\s+([\d.]+)/),
    rcodes: new Map(
      [...codes.matchAll(/(\w+) (\d+)/g)].map(([, name = '', count]) => [name, Number(count)]),
    ),
    requestOctets: number(/Average packet size:\s+request (\d+)/),
    responseOctets: number(/Average packet size:\s+request \d+, response (\d+)/),
  }
}
