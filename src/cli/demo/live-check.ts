import { isIPv4 } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type App,
  type DemoScenario,
  type MasterServer,
  recoverSlowly,
  type SimulatedTask,
} from '../../demo/index.ts'
import { formatHostPort, type HostPort } from '../../net/address.ts'
import { presentRdata } from '../lookup/present.ts'
import { ask } from './self-check.ts'

/** Something that has happened to the cluster, and what the server answered then. */
export interface Step {
  /** One line for a person. */
  readonly told: string
  readonly right: boolean
}

/** Within so long a change must be answered; what is measured is far less. */
const PATIENCE_MS = 10_000
const ASK_AGAIN_MS = 2
/** Quicker than a real cluster: long enough to see, short enough to wait for. */
const RECOVERY = { registryMs: 1000, eachMs: 200 } as const
/** An app of containers with addresses of their own. */
const HELLO = { name: 'hello', network: 'container' } as const
const NAME = 'hello.marathon.mesos'

/**
 * Changes the cluster and asks for the change: a task starts, the leading master dies and its successor has to learn
 * everything anew, another task starts. Yields each step when it is done; the cluster is whole again in the end.
 */
export async function* liveChecks(
  scenario: DemoScenario,
  masters: readonly MasterServer[],
  dns: HostPort,
): AsyncGenerator<Step> {
  const { cluster, services } = scenario
  const marathon = services.find(({ framework }) => framework.spec.name === 'marathon')
  if (marathon === undefined) throw new RangeError('the demo has no Marathon')
  const hello: App = { framework: marathon.framework, spec: HELLO }
  yield await checkLaunch(scenario, hello, dns)

  const dying = masters.find(({ master }) => master === cluster.leader)
  await dying?.kill()
  const leader = cluster.failOver({ recovery: 'slow' })
  const successor = formatHostPort(leader.address)
  yield {
    told: `the leading master died; ${successor} leads now and knows nobody yet`,
    right: true,
  }
  yield await checkFailover(scenario, [...services, hello], dns)
  yield await checkLaunch(scenario, hello, dns)
  await dying?.restart()
}

async function checkLaunch({ cluster }: DemoScenario, app: App, dns: HostPort): Promise<Step> {
  const begun = performance.now()
  const { agent } = cluster.launch(app.framework, app.spec)
  const expected = addressesOf(cluster.tasksOf(app.framework, app.spec))
  const launched = `launched ${app.spec.name} on ${agent.id.slice(agent.id.lastIndexOf('S'))}`
  for (;;) {
    const found = await addresses(dns, NAME)
    const waited = performance.now() - begun
    if (found === expected) {
      return {
        told: `${launched}: ${NAME} answers ${found} after ${waited.toFixed()} ms`,
        right: true,
      }
    }
    if (waited > PATIENCE_MS) {
      return {
        told: `${launched}: ${NAME} answers ${found || 'nothing'} instead of ${expected}`,
        right: false,
      }
    }
    await sleep(ASK_AGAIN_MS)
  }
}

/** Asks for every app, again and again, until the new leader knows everybody. */
async function checkFailover(
  { cluster }: DemoScenario,
  apps: readonly App[],
  dns: HostPort,
): Promise<Step> {
  const questions = apps.map(({ framework, spec }) => ({
    name: `${spec.name.split('.').join('-')}.${framework.spec.name}.mesos`,
    expected: addressesOf(cluster.tasksOf(framework, spec)),
  }))
  const begun = performance.now()
  const recovery = { isOver: false }
  const recovered = recoverSlowly(cluster, RECOVERY).finally(() => {
    recovery.isOver = true
  })
  let asked = 0
  const wrong = new Set<string>()
  while (!recovery.isOver) {
    for (const { name, expected } of questions) {
      asked++
      if ((await addresses(dns, name)) !== expected) wrong.add(name)
    }
    await sleep(ASK_AGAIN_MS)
  }
  await recovered
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  const verdict = wrong.size === 0 ? 'each answered as before' : `wrong: ${[...wrong].join(' ')}`
  return {
    told: `asked ${asked} questions in the ${seconds} s until it knew all agents again: ${verdict}`,
    right: wrong.size === 0,
  }
}

/** IPv4 addresses in order, as one text; empty if there are none. */
async function addresses(dns: HostPort, name: string): Promise<string> {
  return (await ask(dns, name, 'A')).map(presentRdata).sort().join(' ')
}

function addressesOf(tasks: readonly SimulatedTask[]): string {
  const all = tasks.flatMap(({ addresses = [] }) => addresses.filter((address) => isIPv4(address)))
  return [...new Set(all)].sort().join(' ')
}
