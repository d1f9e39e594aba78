import type { DemoScenario } from '../../demo/index.ts'
import { formatHostPort, type HostPort } from '../../net/address.ts'
import { exchange } from '../lookup/exchange.ts'
import { presentRdata, presentRecord } from '../lookup/present.ts'
import { makeQuestion } from '../lookup/question.ts'

/** Where the server under check listens. */
export interface Endpoints {
  readonly dns: HostPort
  readonly http: HostPort
}

/** A question put to the server, its answer, and what the simulated cluster says. */
export interface Check {
  /** As a command that asks the same. */
  readonly question: string
  /** The answer's lines. */
  readonly answer: readonly string[]
  /** What the answer comes down to: addresses, or `address:port`. */
  readonly found: readonly string[]
  readonly expected: readonly string[]
  readonly right: boolean
}

/** The app asked for: a named port, on the agents' addresses. */
const APP = 'web'
const ADDRESS_NAME = 'web.marathon.mesos'
const SERVICE_NAME = '_web._tcp.marathon.mesos'

const TIMEOUT_MS = 5000

/** Asks for addresses and ports over DNS, and for ports over REST. */
export async function runChecks(
  scenario: DemoScenario,
  endpoints: Endpoints,
): Promise<readonly Check[]> {
  return [
    await checkAddresses(scenario, endpoints),
    await checkService(scenario, endpoints),
    await checkRest(scenario, endpoints),
  ]
}

async function checkAddresses(scenario: DemoScenario, { dns }: Endpoints): Promise<Check> {
  const answers = await ask(dns, ADDRESS_NAME, 'A')
  return compare({
    question: dig(dns, ADDRESS_NAME, 'A'),
    answer: answers.map(presentRecord),
    found: answers.map(presentRdata),
    expected: placesOf(scenario).map(({ host }) => host),
  })
}

/** SRV targets are looked up in turn: only addresses and ports can be compared with the cluster. */
async function checkService(scenario: DemoScenario, { dns }: Endpoints): Promise<Check> {
  const answers = await ask(dns, SERVICE_NAME, 'SRV')
  const found = await Promise.all(
    answers.map(async ({ target = '', port = 0 }) => {
      const addresses = await ask(dns, target, 'A')
      return addresses.map((record) => formatHostPort({ host: presentRdata(record), port }))
    }),
  )
  return compare({
    question: dig(dns, SERVICE_NAME, 'SRV'),
    answer: answers.map(presentRecord),
    found: found.flat(),
    expected: placesOf(scenario).map(formatHostPort),
  })
}

async function checkRest(scenario: DemoScenario, { http }: Endpoints): Promise<Check> {
  const url = `http://${formatHostPort(http)}/v1/services/${SERVICE_NAME}.`
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  const services = (await response.json()) as readonly { ip: string; port: string }[]
  return compare({
    question: `curl -s ${url}`,
    answer: services.map((service) => JSON.stringify(service)),
    found: services.map(({ ip, port }) => `${ip}:${port}`),
    expected: placesOf(scenario).map(formatHostPort),
  })
}

/** Where the app's tasks run, as the cluster itself knows it. */
function placesOf({ cluster, services }: DemoScenario): HostPort[] {
  const app = services.find(({ spec }) => spec.name === APP)
  if (app === undefined) return []
  return cluster
    .tasksOf(app.framework, app.spec)
    .flatMap(({ agent, ports }) => ports.map((port) => ({ host: agent.address.host, port })))
}

function compare(check: Omit<Check, 'right'>): Check {
  const [found, expected] = [sorted(check.found), sorted(check.expected)]
  return { ...check, right: expected !== '' && found === expected }
}

function sorted(values: readonly string[]): string {
  return [...values].sort().join(' ')
}

/** The answer section over UDP. */
export async function ask(server: HostPort, name: string, type: string) {
  const options = { server, transport: 'udp', timeoutMs: TIMEOUT_MS } as const
  const { message } = await exchange(makeQuestion(name, type), options)
  return message.answers
}

export function dig({ host, port }: HostPort, name: string, type: string): string {
  return `dig @${host} -p ${port} +noall +answer ${name} ${type}`
}
