import type { SimulatedCluster } from '../../demo/index.ts'
import { formatHostPort } from '../../net/address.ts'
import type { Step } from './live-check.ts'
import { type Check, dig, type Endpoints } from './self-check.ts'

/** Names worth asking for, and what is behind them. */
const NAMES = [
  ['leader.mesos', 'A', 'the leading master'],
  ['slave.mesos', 'A', 'every agent'],
  ['marathon.mesos', 'A', 'the scheduler itself'],
  ['web.marathon.mesos', 'A', 'an app, on the addresses of its agents'],
  ['_web._tcp.marathon.mesos', 'SRV', 'the same, with ports'],
  ['_http._web._tcp.marathon.mesos', 'SRV', 'only its port named http'],
  ['api-shop.marathon.mesos', 'A', "Marathon's /shop/api"],
  ['cache.marathon.mesos', 'AAAA', 'containers with addresses of their own'],
  ['broker.kafka.mesos', 'A', 'tasks of another scheduler'],
] as const

export function introduction(cluster: SimulatedCluster, { dns, http }: Endpoints): string {
  const { masters, agents, frameworks } = cluster
  const size = `${masters.length} masters, ${agents.size} agents, ${frameworks.size} frameworks`
  return [
    `Simulated Mesos cluster: ${size}.`,
    `DNS on ${formatHostPort(dns)}, REST on http://${formatHostPort(http)}.`,
    'Everything stays on loopback: names outside mesos. are refused, not forwarded.',
    '',
    table(NAMES),
    '',
    '',
  ].join('\n')
}

export function showCheck({ question, answer, right }: Check): string {
  const lines = answer.length === 0 ? ['(no answer)'] : answer
  const verdict = right ? 'right: as the simulated cluster has it' : 'WRONG'
  return `$ ${question}\n${lines.map((line) => `  ${line}\n`).join('')}  -- ${verdict}\n\n`
}

export const LIVE_HEADING = 'Now the cluster changes:\n'

export function showStep({ told, right }: Step): string {
  return `  ${told}${right ? '' : '  -- WRONG'}\n`
}

export function invitation({ dns, http }: Endpoints): string {
  const rest = `http://${formatHostPort(http)}`
  return [
    'Try these while tasks come, go, move and fail; Ctrl-C ends it:',
    `  ${dig(dns, 'cache.marathon.mesos', 'AAAA')}`,
    `  ${dig(dns, '_broker._tcp.kafka.mesos', 'SRV')}`,
    `  curl -s ${rest}/v1/enumerate`,
    `  curl -s ${rest}/v2/hosts/web.marathon.mesos`,
    '',
    '',
  ].join('\n')
}

function table(rows: readonly (readonly string[])[]): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const widths = [width(0), width(1)]
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n')
}
