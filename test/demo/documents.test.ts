import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  demoScenario,
  type SimulatedCluster,
  stateDocument,
  truthDocument,
} from '../../src/demo/index.ts'
import { answererOf } from '../../src/demo/v1-document.ts'
import { leaderView } from '../../src/demo/view.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { decodeV1State } from '../../src/state/decode-v1.ts'
import { sharedPath } from '../shared.ts'
import { keyPaths } from './key-paths.ts'

/** What a client reads: the document after its way through JSON. */
function stateOf(cluster: SimulatedCluster) {
  const master = cluster.leader ?? cluster.masters[0]
  assert.ok(master !== undefined)
  return JSON.parse(JSON.stringify(stateDocument(cluster, master)))
}

/** The same of a v1 call. */
function v1Of(cluster: SimulatedCluster, call = 'GET_STATE') {
  const [master] = cluster.masters
  const answer = answererOf(call)
  assert.ok(master !== undefined && answer !== undefined)
  return JSON.parse(JSON.stringify(answer(leaderView(cluster), master)))
}

function decoded(cluster: SimulatedCluster) {
  const report = new Report()
  const state = decodeState(stateOf(cluster), report)
  assert.deepEqual(report.problems, [])
  return state
}

/** Every task in every list, and every change that shows in the document. */
function livedIn() {
  const scenario = demoScenario({ seed: 3, clock: () => 1_700_000_000_123 })
  const { cluster, services, jobs } = scenario
  const [job] = jobs
  const [first] = cluster.agents
  assert.ok(job !== undefined && first !== undefined)
  cluster.finish(cluster.launch(job.framework, job.spec))
  for (const { framework, spec } of services) {
    const [task] = cluster.tasksOf(framework, spec)
    if (task !== undefined && spec.hasHealthCheck === true) cluster.setHealth(task, false)
  }
  cluster.loseAgent(first)
  return scenario
}

describe('the state document', () => {
  test('decodes without a complaint into what the cluster is', () => {
    const { cluster } = demoScenario({ seed: 3 })
    const state = decoded(cluster)
    assert.deepEqual(state.leader, { host: '127.0.0.1', port: 5050 })
    assert.deepEqual(
      [...state.agents.values()].map(({ pid }) => pid.host),
      ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'],
    )
    assert.deepEqual(
      state.frameworks.map(({ name, pid, hostname, tasks }) => [
        name,
        pid?.port,
        hostname,
        tasks.length,
      ]),
      [
        ['marathon', 25501, '', 8],
        ['chronos-2.5', 25502, '', 0],
        ['kafka', undefined, '10.0.250.3', 3],
      ],
    )
    const [web] = state.frameworks[0]?.tasks ?? []
    assert.deepEqual(
      {
        name: web?.name,
        state: web?.state,
        ports: web?.ports,
        discovery: web?.discovery,
        hasHealthCheck: web?.hasHealthCheck,
        statuses: web?.statuses.map(({ state, healthy, networkAddresses }) => [
          state,
          healthy,
          networkAddresses,
        ]),
      },
      {
        name: 'web',
        state: 'TASK_RUNNING',
        ports: [31000],
        discovery: { name: 'web', ports: [{ number: 31000, name: 'http', protocol: 'tcp' }] },
        hasHealthCheck: true,
        statuses: [
          ['TASK_STARTING', undefined, ['10.0.0.1']],
          ['TASK_RUNNING', true, ['10.0.0.1']],
        ],
      },
    )
  })

  test('shows unreachable agents and their tasks nowhere but among the unreachable', () => {
    const { cluster } = livedIn()
    const state = stateOf(cluster)
    assert.equal(state.unreachable_slaves, 1)
    assert.equal(state.slaves.length, 4)
    const marathon = state.frameworks[0]
    assert.ok(marathon.unreachable_tasks.length > 0)
    for (const task of marathon.unreachable_tasks) assert.equal(task.state, 'TASK_UNREACHABLE')
    for (const task of marathon.tasks) assert.equal(task.state, 'TASK_RUNNING')
    assert.equal(state.frameworks[1].completed_tasks[0].state, 'TASK_FINISHED')
  })

  test('of a fresh leader is empty, then fills as agents and frameworks come back', () => {
    const { cluster } = demoScenario({ seed: 3 })
    cluster.failOver({ recovery: 'slow' })
    const sizes = () => {
      const { slaves, recovered_slaves, frameworks } = stateOf(cluster)
      return [slaves.length, recovered_slaves.length, frameworks.length]
    }
    assert.deepEqual(sizes(), [0, 0, 0])
    cluster.recoverRegistry()
    assert.deepEqual(sizes(), [0, 5, 0])
    const [agent] = cluster.agents
    assert.ok(agent !== undefined)
    cluster.returnAgent(agent)
    assert.deepEqual(sizes(), [1, 4, 2])
    const [marathon] = stateOf(cluster).frameworks
    const { active, connected, recovered } = marathon
    assert.deepEqual(
      { active, connected, recovered },
      { active: false, connected: false, recovered: true },
    )
    const [framework] = cluster.frameworks
    assert.ok(framework !== undefined)
    cluster.subscribe(framework)
    assert.equal(stateOf(cluster).frameworks[0].active, true)
  })

  test('shows a crashed agent as inactive, with its tasks running', () => {
    const { cluster } = demoScenario({ seed: 3 })
    const [agent] = cluster.agents
    assert.ok(agent !== undefined)
    const before = idsIn(stateOf(cluster))
    cluster.crashAgent(agent)
    const state = stateOf(cluster)
    assert.deepEqual(idsIn(state), before)
    assert.equal(state.slaves[0].active, false)
    assert.deepEqual([state.activated_slaves, state.deactivated_slaves], [4, 1])
  })

  test('names no leader while there is none', () => {
    const { cluster } = demoScenario({ seed: 3 })
    cluster.loseLeader()
    assert.equal('leader' in stateOf(cluster), false)
  })

  test('has only keys that a real master has', (t) => {
    const folder = sharedPath('mesos/state')
    if (folder === undefined) return t.skip('no recordings beside this checkout')
    const names = ['1-running.json', '5-agent2-unreachable.json', 'container-ips.json']
    const real = new Set(
      [...names, 'new-leader-frameworks-gone.json'].flatMap((name) => [
        ...keyPaths(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
      ]),
    )
    // HTTP schedulers only in the recordings; a master writes this for the libprocess ones.
    real.add('frameworks[].pid: string')
    const ours = keyPaths(stateOf(livedIn().cluster))
    assert.deepEqual(
      [...ours].filter((path) => !real.has(path)),
      [],
    )
    const wanted = [
      'frameworks[].tasks[].discovery.ports.ports[].protocol: string',
      'slaves[].pid: string',
    ]
    for (const path of wanted) assert.ok(ours.has(path), path)
  })
})

describe('what there is, whether the leader knows it or not', () => {
  test('is what the leader says while it knows everybody', () => {
    const { cluster } = livedIn()
    assert.deepEqual(JSON.parse(JSON.stringify(truthDocument(cluster))), stateOf(cluster))
  })

  test('stays while a new leader knows nobody, and says who leads', () => {
    const { cluster } = livedIn()
    const before = JSON.parse(JSON.stringify(truthDocument(cluster)))
    cluster.failOver({ recovery: 'slow' })
    const after = JSON.parse(JSON.stringify(truthDocument(cluster)))
    assert.deepEqual(idsIn(after), idsIn(before))
    assert.ok(idsIn(after).length > 10)
    assert.equal(after.id, cluster.leader?.id)
    const [task] = [...cluster.frameworks].flatMap((framework) => [...framework.tasks])
    assert.ok(task !== undefined)
    cluster.kill(task)
    assert.equal(idsIn(JSON.parse(JSON.stringify(truthDocument(cluster)))).includes(task.id), false)
  })
})

/** Of agents and tasks. */
function idsIn(state: { slaves: { id: string }[]; frameworks: { tasks: { id: string }[] }[] }) {
  return [...state.slaves, ...state.frameworks.flatMap(({ tasks }) => tasks)].map(({ id }) => id)
}

describe('the v1 document', () => {
  test('of each call bears its name and a part of the whole state', () => {
    const { cluster } = livedIn()
    const { get_state } = v1Of(cluster)
    for (const [call, key] of [
      ['GET_AGENTS', 'get_agents'],
      ['GET_FRAMEWORKS', 'get_frameworks'],
      ['GET_TASKS', 'get_tasks'],
    ] as const) {
      assert.deepEqual(v1Of(cluster, call), { type: call, [key]: get_state[key] })
    }
    assert.deepEqual(v1Of(cluster, 'GET_HEALTH').get_health, { healthy: true })
    assert.equal(v1Of(cluster, 'GET_VERSION').get_version.version_info.version, '1.12.0')
    assert.equal(v1Of(cluster, 'GET_MASTER').get_master.master_info.id, cluster.leader?.id)
  })

  test('decodes into the same cluster as the state document', () => {
    const { cluster } = livedIn()
    const report = new Report()
    const v1 = decodeV1State(v1Of(cluster), report)
    const state = decoded(cluster)
    assert.deepEqual(report.problems, [])
    assert.deepEqual(v1.agents, state.agents)
    assert.deepEqual(
      v1.frameworks.map(({ id, name, tasks }) => ({ id, name, tasks })),
      state.frameworks.map(({ id, name, tasks }) => ({ id, name, tasks })),
    )
  })

  test('has only keys that a real master has', (t) => {
    const path = sharedPath('mesos/state/1-running.v1.json')
    if (path === undefined) return t.skip('no recordings beside this checkout')
    const real = keyPaths(JSON.parse(readFileSync(path, 'utf8')))
    // Nothing is unreachable in this one; the events of the stream have it so.
    real.add('get_state.get_tasks.tasks[].statuses[].unreachable_time.nanoseconds: number')
    const ours = keyPaths(v1Of(livedIn().cluster))
    assert.deepEqual(
      [...ours].filter((key) => !real.has(key)),
      [],
    )
  })
})
