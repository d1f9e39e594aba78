import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { demoScenario, type SimulatedCluster } from '../../src/demo/index.ts'
import { eventsOf } from '../../src/demo/v1-events.ts'
import { decodeEvent } from '../../src/state/decode-event.ts'
import { sharedPath } from '../shared.ts'
import { keyPaths } from './key-paths.ts'
import type { StreamRecord } from './stream-client.ts'

/** What a subscriber reads from now on. */
function heard(cluster: SimulatedCluster): StreamRecord[] {
  const events: StreamRecord[] = []
  cluster.onChange((change) => events.push(...JSON.parse(JSON.stringify(eventsOf(change)))))
  return events
}

function scenario() {
  const { cluster, services, jobs } = demoScenario({ seed: 1 })
  const [web] = services
  const [job] = jobs
  const [first, second] = cluster.agents
  assert.ok(web !== undefined && job !== undefined && first !== undefined && second !== undefined)
  const events = heard(cluster)
  return { cluster, web, job, first, second, events, tell: () => events.splice(0).map(brief) }
}

/** `TASK_UPDATED TASK_LOST SOURCE_MASTER REASON_AGENT_REMOVED` */
function brief({ type, ...body }: StreamRecord): string {
  const { state, status } = body['task_updated'] ?? {}
  const added = body['task_added']?.task.state
  return [type, added, state, status?.source, status?.reason].filter(Boolean).join(' ')
}

const EXECUTOR = 'SOURCE_EXECUTOR'
const REMOVED = 'SOURCE_MASTER REASON_AGENT_REMOVED'

describe('the events of a change', () => {
  test('of a task are its begin, each status, and a terminal one at the end', () => {
    const { cluster, web, tell } = scenario()
    const task = cluster.launch(web.framework, web.spec)
    assert.deepEqual(tell(), [
      'TASK_ADDED TASK_STAGING',
      `TASK_UPDATED TASK_RUNNING ${EXECUTOR}`,
      `TASK_UPDATED TASK_RUNNING ${EXECUTOR}`,
    ])
    cluster.setHealth(task, false)
    cluster.kill(task)
    assert.deepEqual(tell(), [
      `TASK_UPDATED TASK_RUNNING ${EXECUTOR} REASON_TASK_HEALTH_CHECK_STATUS_UPDATED`,
      `TASK_UPDATED TASK_KILLED ${EXECUTOR}`,
    ])
  })

  test('tell neither other addresses nor health that no check reports', () => {
    const { cluster, web, tell } = scenario()
    const [task] = cluster.tasksOf(web.framework, web.spec)
    assert.ok(task !== undefined)
    cluster.setAddresses(task, ['10.9.9.9'])
    cluster.setHealth(task, false, { announced: false })
    assert.deepEqual(tell(), [])
    assert.deepEqual(task.statuses.at(-1)?.addresses, ['10.9.9.9'])
    assert.equal(task.statuses.at(-1)?.healthy, false)
  })

  test('of a lost agent are those of its tasks, and of its return its tasks before itself', () => {
    const { cluster, job, first, tell } = scenario()
    cluster.launch(job.framework, job.spec, { agent: first })
    tell()
    const tasks = first.tasks.size
    cluster.loseAgent(first)
    assert.deepEqual(tell(), [
      ...Array(tasks - 1).fill(`TASK_UPDATED TASK_UNREACHABLE ${REMOVED}`),
      `TASK_UPDATED TASK_LOST ${REMOVED}`,
    ])
    cluster.returnAgent(first)
    assert.deepEqual(tell(), [...Array(tasks).fill('TASK_ADDED TASK_RUNNING'), 'AGENT_ADDED'])
  })

  test('of an agent that unregisters end with its removal; of one marked gone there is none', () => {
    const { cluster, first, second, tell } = scenario()
    const [ofFirst, ofSecond] = [first.tasks.size, second.tasks.size]
    cluster.unregisterAgent(first)
    assert.deepEqual(tell(), [
      ...Array(ofFirst).fill(`TASK_UPDATED TASK_LOST ${REMOVED}`),
      'AGENT_REMOVED',
    ])
    cluster.removeAgent(second)
    const gone = 'TASK_UPDATED TASK_GONE_BY_OPERATOR SOURCE_MASTER REASON_AGENT_REMOVED_BY_OPERATOR'
    assert.deepEqual(tell(), Array(ofSecond).fill(gone))
  })

  test('are none when an agent crashes and is back soon', () => {
    const { cluster, first, tell } = scenario()
    cluster.crashAgent(first)
    cluster.restartAgent(first)
    assert.deepEqual(tell(), [])
  })

  test('of a framework: none when it disconnects, one when it is back, its tasks before its end', () => {
    const { cluster, web, tell } = scenario()
    const { framework } = web
    cluster.disconnect(framework)
    assert.deepEqual(tell(), [])
    cluster.subscribe(framework)
    assert.deepEqual(tell(), ['FRAMEWORK_UPDATED'])
    const tasks = framework.tasks.size
    cluster.removeFramework(framework)
    assert.deepEqual(tell(), [
      ...Array(tasks).fill('TASK_UPDATED TASK_KILLED SOURCE_MASTER REASON_FRAMEWORK_REMOVED'),
      'FRAMEWORK_REMOVED',
    ])
  })

  test('after a failover are agents, then frameworks, then tasks; what is not back is not heard of', () => {
    const { cluster, web, first, second, tell } = scenario()
    cluster.failOver({ recovery: 'slow' })
    cluster.recoverRegistry()
    const [task] = second.tasks
    assert.ok(task !== undefined)
    cluster.kill(task)
    assert.deepEqual(tell(), [])
    const frameworks = new Set([...first.tasks].map(({ framework }) => framework)).size
    cluster.returnAgent(first)
    assert.deepEqual(tell(), [
      'AGENT_ADDED',
      ...Array(frameworks).fill('FRAMEWORK_ADDED'),
      ...Array(first.tasks.size).fill('TASK_ADDED TASK_RUNNING'),
    ])
    cluster.returnAgent(second)
    assert.deepEqual(tell(), [
      'AGENT_ADDED',
      ...Array(second.tasks.size).fill('TASK_ADDED TASK_RUNNING'),
    ])
    cluster.subscribe(web.framework)
    assert.deepEqual(tell(), ['FRAMEWORK_UPDATED'])
  })

  test('of a framework that comes back before its agents are its begin', () => {
    const { cluster, web, tell } = scenario()
    cluster.failOver({ recovery: 'slow' })
    cluster.recoverRegistry()
    cluster.subscribe(web.framework)
    assert.deepEqual(tell(), ['FRAMEWORK_ADDED'])
  })

  test('decode without a complaint', () => {
    for (const event of everyEvent()) {
      const { type, problems } = decodeEvent(event)
      assert.deepEqual([type, problems], [event.type, []])
    }
  })

  test('have only keys and types that a real master has', (t) => {
    const path = sharedPath('mesos/stream/main.ndjson')
    if (path === undefined) return t.skip('no recordings beside this checkout')
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    // These are alike wherever they are: not every framework has a host name, and no agent unregisters.
    const known = (key: string) => key.replace(/^.*\.((agent|framework)_info|agent_id)\b/, '$1')
    const real = new Set(
      lines.flatMap((line) => [...keyPaths(JSON.parse(line))].flatMap((key) => [key, known(key)])),
    )
    const ours = new Set(everyEvent().flatMap((event) => [...keyPaths(event)]))
    assert.deepEqual(
      [...ours].filter((key) => !real.has(known(key))),
      [],
    )
    assert.ok(ours.has('task_updated.status.unreachable_time.nanoseconds: number'))
  })
})

/** Events of every type, for every reason. */
function everyEvent(): readonly StreamRecord[] {
  const { cluster, web, job, first, second, events } = scenario()
  cluster.setHealth(cluster.launch(web.framework, web.spec), false)
  cluster.launch(job.framework, job.spec, { agent: first })
  cluster.loseAgent(first)
  cluster.returnAgent(first)
  cluster.unregisterAgent(first)
  cluster.removeAgent(second)
  cluster.subscribe(web.framework)
  cluster.failOver({ recovery: 'slow' })
  cluster.recoverRegistry()
  for (const agent of cluster.agents) cluster.returnAgent(agent)
  cluster.addFramework({ name: 'new' })
  for (const framework of cluster.frameworks) cluster.removeFramework(framework)
  const types = new Set(events.map(({ type }) => type))
  assert.deepEqual([...types].sort(), [
    'AGENT_ADDED',
    'AGENT_REMOVED',
    'FRAMEWORK_ADDED',
    'FRAMEWORK_REMOVED',
    'FRAMEWORK_UPDATED',
    'TASK_ADDED',
    'TASK_UPDATED',
  ])
  return events
}
