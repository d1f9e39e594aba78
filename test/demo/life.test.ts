import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type ClusterChange,
  demoScenario,
  describeChange,
  Life,
  largeCluster,
  stateDocument,
} from '../../src/demo/index.ts'
import { Random } from '../../src/demo/random.ts'

function live(seed: number, steps: number) {
  const scenario = demoScenario({ seed: 1, clock: () => 1_700_000_000_000 })
  const changes: ClusterChange[] = []
  scenario.cluster.onChange((change) => changes.push(change))
  const life = new Life(scenario, seed)
  for (let step = 0; step < steps; step++) life.step()
  return { scenario, changes }
}

describe('the life of a cluster', () => {
  test('is the same for the same seed', () => {
    const lines = (seed: number) => live(seed, 300).changes.map(describeChange)
    assert.deepEqual(lines(7), lines(7))
    assert.notDeepEqual(lines(7), lines(8))
  })

  test('has everything in it that can happen to a task', () => {
    const { changes } = live(1, 600)
    const states = new Set<string>(
      changes.map((change) => (change.kind === 'task-updated' ? change.task.state : change.kind)),
    )
    for (const kind of [
      'task-launched',
      'task-health',
      'agent-unreachable',
      'agent-registered',
      'leader-elected',
      'TASK_FAILED',
      'TASK_KILLED',
      'TASK_FINISHED',
    ]) {
      assert.ok(states.has(kind), kind)
    }
  })

  test('never leaves a service without a task, nor lets one grow without bound', () => {
    const scenario = demoScenario({ seed: 1 })
    const life = new Life(scenario, 5)
    for (let step = 0; step < 2000; step++) {
      life.step()
      for (const { framework, spec } of scenario.services) {
        const running = scenario.cluster.tasksOf(framework, spec).length
        assert.ok(running >= 1 && running <= 10, `${spec.name}: ${running} after step ${step}`)
      }
    }
  })

  test('is told in lines of one kind', () => {
    for (const line of live(2, 200).changes.map(describeChange)) {
      assert.match(line, /^\S[^\n]{5,120}$/)
    }
  })
})

describe('a large cluster', () => {
  test('has as many tasks as asked for, spread over agents and frameworks', () => {
    const cluster = largeCluster({ tasks: 1005, agents: 10, frameworks: 3 })
    const tasks = [...cluster.frameworks].flatMap((framework) => [...framework.tasks])
    assert.equal(tasks.length, 1005)
    for (const { tasks } of cluster.agents) assert.ok(tasks.size >= 100 && tasks.size <= 101)
    for (const { tasks } of cluster.frameworks) assert.ok(tasks.size >= 300)
    const networks = new Set(tasks.map(({ spec }) => spec.network ?? 'host'))
    assert.deepEqual([...networks].sort(), ['container', 'dual-stack', 'host'])
  })

  test('is the same each time', () => {
    const text = () => {
      const cluster = largeCluster({ tasks: 50 }, { clock: () => 0 })
      const [master] = cluster.masters
      return master === undefined ? '' : JSON.stringify(stateDocument(cluster, master))
    }
    assert.equal(text(), text())
    assert.ok(text().length > 10_000)
  })
})

describe('the random generator', () => {
  test('spreads evenly', () => {
    const random = new Random(1)
    const buckets = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) buckets[random.below(10)]!++
    for (const count of buckets) assert.ok(count > 900 && count < 1100, buckets.join(' '))
  })

  test('makes identifiers of the form of a UUID, all different', () => {
    const random = new Random(1)
    const ids = Array.from({ length: 1000 }, () => random.uuid())
    assert.equal(new Set(ids).size, 1000)
    for (const id of ids) assert.match(id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  })

  test('picks nothing of nothing', () => {
    assert.equal(new Random(1).pick([]), undefined)
  })
})
