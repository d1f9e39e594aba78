// Follows the simulated cluster, whose masters speak as real ones do.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  demoScenario,
  Life,
  type MasterServer,
  serveMasters,
  truthDocument,
} from '../../src/demo/index.ts'
import { formatHostPort } from '../../src/net/address.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import type { ClusterState } from '../../src/state/model.ts'
import { eventually } from '../eventually.ts'
import { FakeDetector } from './detect/fake-detector.ts'
import { type FollowSetup, followingSource } from './following.ts'

async function setUp(t: TestContext, seed: number, options: FollowSetup = {}) {
  const scenario = demoScenario({ seed })
  const servers = await serveMasters(scenario.cluster, { heartbeatSeconds: 1 })
  t.after(() => Promise.all(servers.map((server) => server.close())))
  const { cluster } = scenario
  const following = followingSource(t, [], {
    random: () => 0.999,
    clock: Date.now,
    ...options,
    config: {
      masters: servers.map(({ address }) => formatHostPort(address)),
      updates: 'stream',
      refreshSeconds: 3600,
      auditSeconds: 3600,
      ...options.config,
    },
  })
  const { source, store, updates } = following
  const truth = () => decodeState(JSON.parse(JSON.stringify(truthDocument(cluster))), new Report())
  const agree = (about: (state: ClusterState | undefined) => string[]) => {
    const is = about(truth()).join()
    return about(updates.at(-1)?.state).join() === is && about(store.state).join() === is
  }
  const leads = () => servers.find(({ master }) => master === cluster.leader) as MasterServer
  return {
    ...following,
    scenario,
    cluster,
    servers,
    leads,
    connected: () =>
      eventually('the leader’s stream is connected', () => {
        return source.status.stream.master === formatHostPort(leads().address)
      }),
    tasksAgree: () =>
      eventually('the tasks that were handed on are those there are', () => agree(tasks)),
    /** No event tells of an agent that is lost. */
    async agentsAgree() {
      await source.refresh()
      await eventually('the agents that were handed on are those there are', () => agree(agents))
    },
  }
}

function agents(state: ClusterState | undefined): string[] {
  return [...(state?.agents.keys() ?? [])].sort()
}

/** Which running task of whom is where, in one order; of others nothing is handed on by itself. */
function tasks(state: ClusterState | undefined): string[] {
  return (state?.frameworks ?? [])
    .flatMap(({ id, name, tasks }) =>
      tasks
        .filter((task) => task.state === 'TASK_RUNNING')
        .map((task) => `${id} ${name} ${task.id} ${task.agentId}`),
    )
    .sort()
}

for (const seed of [1, 2, 3]) {
  test(`a life of 100 steps is followed by its events, seed ${seed}`, async (t) => {
    const detector = new FakeDetector()
    const { source, scenario, servers, leads, connected, tasksAgree, agentsAgree } = await setUp(
      t,
      seed,
      { detector },
    )
    const detect = () =>
      detector.learn(
        servers.map(({ address }) => address),
        leads().address,
      )
    detect()
    source.start()
    await connected()
    const life = new Life(scenario, seed)
    for (let step = 1; step <= 100; step++) {
      const { leader } = scenario.cluster
      life.step()
      if (scenario.cluster.leader === leader && step % 10 !== 0) continue
      detect()
      await connected()
      await tasksAgree()
    }
    await agentsAgree()
    await tasksAgree()
    assert.ok((source.status.stream.events.TASK_ADDED ?? 0) > 0)
    assert.equal(source.status.leader, formatHostPort(leads().address))
  })
}

test('a master whose records arrive in crumbs, or late, is followed all the same', async (t) => {
  const { source, scenario, leads, connected, tasksAgree } = await setUp(t, 4)
  leads().streams.faults.always({ kind: 'recut', octets: 7 })
  source.start()
  await connected()
  const life = new Life(scenario, 4)
  for (let step = 0; step < 10; step++) life.step()
  await connected()
  await tasksAgree()
})

test('a stream that falls silent is noticed and replaced', async (t) => {
  const { source, cluster, leads, connected, agentsAgree } = await setUp(t, 5)
  source.start()
  await connected()
  const { faults } = leads().streams
  faults.always({ kind: 'silence' })
  cluster.addAgent()
  await eventually('it is noticed', () => source.status.stream.state !== 'connected')
  assert.match(source.status.stream.lastError ?? '', /has sent nothing for 2\.5 s/)
  faults.clear()
  await connected()
  await agentsAgree()
})

test('garbage, wrong lengths and cuts cost a reconnection, and nothing of what is known', async (t) => {
  const { source, cluster, leads, connected, agentsAgree } = await setUp(t, 6)
  source.start()
  await connected()
  const faults = [
    { kind: 'garbage', octets: 'HTTP/1.1 500 Oops\r\n\r\n' },
    { kind: 'length', by: -3 },
    { kind: 'cut' },
  ] as const
  for (const fault of faults) {
    const { connects } = source.status.stream
    leads().streams.faults.once(fault)
    cluster.addAgent()
    cluster.addAgent()
    await eventually('it is connected anew', () => source.status.stream.connects > connects)
    await agentsAgree()
  }
})

test('a killed leader is replaced by another, and by itself when it comes back', async (t) => {
  const { source, cluster, leads, connected, agentsAgree } = await setUp(t, 7)
  source.start()
  await connected()
  const old = leads()
  await old.kill()
  cluster.failOver()
  await connected()
  cluster.addAgent()
  await agentsAgree()
  await old.restart()
  cluster.failOver({ to: old.master })
  await agentsAgree()
})
