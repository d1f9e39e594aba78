import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ClusterChange } from '../../src/demo/change.ts'
import { SimulatedCluster } from '../../src/demo/cluster.ts'
import type { SimulatedTask, TaskSpec } from '../../src/demo/model.ts'

const WEB: TaskSpec = { name: 'web', ports: 2, hasHealthCheck: true }

function smallCluster(seed = 1) {
  let now = 1_700_000_000_000
  const cluster = new SimulatedCluster({ seed, masters: 2, clock: () => now })
  const agents = [cluster.addAgent(), cluster.addAgent()] as const
  const framework = cluster.addFramework({ name: 'marathon' })
  return { cluster, agents, framework, pass: (ms: number) => (now += ms) }
}

function history({ statuses }: SimulatedTask): string[] {
  return statuses.map(({ state, timestamp, healthy }) => `${state} ${timestamp} ${healthy ?? '-'}`)
}

describe('tasks of the simulated cluster', () => {
  test('start on the agents in turn, with ports of their own', () => {
    const { cluster, agents, framework } = smallCluster()
    const tasks = [1, 2, 3].map(() => cluster.launch(framework, WEB))
    assert.deepEqual(
      tasks.map(({ agent, ports }) => [agent, ...ports]),
      [
        [agents[0], 31000, 31001],
        [agents[1], 31000, 31001],
        [agents[0], 31002, 31003],
      ],
    )
  })

  test('keep the last status of each run of equal states', () => {
    const { cluster, framework, pass } = smallCluster()
    const task = cluster.launch(framework, WEB)
    pass(1000)
    cluster.setHealth(task, false)
    pass(1000)
    cluster.fail(task)
    assert.deepEqual(history(task), [
      'TASK_STARTING 1700000000 -',
      'TASK_RUNNING 1700000001 false',
      'TASK_FAILED 1700000002 -',
    ])
  })

  test('that end give their ports back and never change again', () => {
    const { cluster, agents, framework } = smallCluster()
    const first = cluster.launch(framework, WEB, { agent: agents[0] })
    cluster.finish(first)
    cluster.kill(first)
    assert.equal(first.state, 'TASK_FINISHED')
    assert.deepEqual(framework.completed, [first])
    assert.deepEqual(cluster.launch(framework, WEB, { agent: agents[0] }).ports, [31000, 31001])
  })

  test('start where a port is free, or not at all', () => {
    const { cluster, agents, framework } = smallCluster()
    cluster.launch(framework, { name: 'hog', ports: 1001 }, { agent: agents[0] })
    const launch = () => cluster.launch(framework, WEB, { agent: agents[0] })
    assert.throws(launch, /no free port on .*-S0/)
    assert.equal(framework.tasks.size, 1)
  })

  test('are scaled by launching, and by killing the newest', () => {
    const { cluster, framework } = smallCluster()
    cluster.scale(framework, WEB, 3)
    const [oldest] = cluster.tasksOf(framework, WEB)
    cluster.scale(framework, WEB, 1)
    assert.deepEqual(cluster.tasksOf(framework, WEB), [oldest])
  })

  test('move to another agent before the old one is killed', () => {
    const { cluster, framework } = smallCluster()
    const task = cluster.launch(framework, WEB)
    const kinds: string[] = []
    cluster.onChange(({ kind }) => kinds.push(kind))
    const successor = cluster.move(task)
    assert.deepEqual(kinds, ['task-launched', 'task-updated'])
    assert.notEqual(successor.agent, task.agent)
    assert.equal(task.state, 'TASK_KILLED')
  })

  test('have addresses of their own where their network says so', () => {
    const { cluster, agents, framework } = smallCluster()
    const addresses = (network: 'host' | 'container' | 'dual-stack') =>
      cluster.launch(framework, { name: network, network }, { agent: agents[1] }).addresses
    assert.deepEqual(addresses('host'), ['10.0.0.2'])
    assert.deepEqual(addresses('container'), ['9.0.1.2'])
    assert.deepEqual(addresses('dual-stack'), ['9.0.1.3', 'fd01:b::2:2'])
  })
})

describe('agents of the simulated cluster', () => {
  test('that are lost make their tasks unreachable, or lost; back again they run', () => {
    const { cluster, agents, framework } = smallCluster()
    const old = cluster.addFramework({ name: 'chronos', partitionAware: false })
    const aware = cluster.launch(framework, WEB, { agent: agents[0] })
    const unaware = cluster.launch(old, WEB, { agent: agents[0] })
    cluster.loseAgent(agents[0])
    assert.deepEqual([aware.state, unaware.state], ['TASK_UNREACHABLE', 'TASK_LOST'])
    assert.equal(aware.statuses.at(-1)?.addresses, undefined)
    assert.ok(framework.unreachable.has(aware) && !framework.tasks.has(aware))
    cluster.returnAgent(agents[0])
    assert.deepEqual([aware.state, unaware.state], ['TASK_RUNNING', 'TASK_RUNNING'])
    assert.ok(framework.tasks.has(aware) && old.tasks.has(unaware))
  })

  test('that are removed end their tasks', () => {
    const { cluster, agents, framework } = smallCluster()
    const task = cluster.launch(framework, WEB, { agent: agents[0] })
    cluster.removeAgent(agents[0])
    assert.equal(task.state, 'TASK_GONE_BY_OPERATOR')
    assert.deepEqual(framework.completed, [task])
    assert.deepEqual([...cluster.agents], [agents[1]])
  })

  test('that unregister lose their tasks for good', () => {
    const { cluster, agents, framework } = smallCluster()
    const task = cluster.launch(framework, WEB, { agent: agents[0] })
    cluster.unregisterAgent(agents[0])
    assert.equal(task.state, 'TASK_LOST')
    assert.equal(task.statuses.at(-1)?.reason, 'REASON_AGENT_REMOVED')
    assert.deepEqual(framework.completed, [task])
  })

  test('that crash keep their tasks and get no others until they run again', () => {
    const { cluster, agents, framework } = smallCluster()
    const task = cluster.launch(framework, WEB, { agent: agents[0] })
    cluster.crashAgent(agents[0])
    assert.equal(task.state, 'TASK_RUNNING')
    assert.equal(cluster.launch(framework, WEB).agent, agents[1])
    assert.equal(cluster.launch(framework, WEB).agent, agents[1])
    cluster.restartAgent(agents[0])
    assert.equal(agents[0].status, 'registered')
  })

  test('that are back forget what the master said of their tasks', () => {
    const { cluster, agents, framework } = smallCluster()
    const task = cluster.launch(framework, WEB, { agent: agents[0] })
    const before = history(task)
    cluster.loseAgent(agents[0])
    assert.match(history(task).at(-1) ?? '', /^TASK_UNREACHABLE/)
    cluster.returnAgent(agents[0])
    assert.deepEqual(history(task), before)
  })

  test('that are not registered are offered to nobody', () => {
    const { cluster, agents, framework } = smallCluster()
    cluster.loseAgent(agents[0])
    assert.equal(cluster.launch(framework, WEB).agent, agents[1])
    cluster.loseAgent(agents[1])
    assert.throws(() => cluster.launch(framework, WEB), /no agent is registered/)
  })
})

describe('the simulated cluster', () => {
  test('fails over to the next master', () => {
    const { cluster, pass } = smallCluster()
    pass(5000)
    assert.equal(cluster.failOver(), cluster.masters[1])
    assert.equal(cluster.leader?.electedTime, 1_700_000_005)
    assert.equal(cluster.failOver(), cluster.masters[0])
  })

  test('tells its listeners of every change and raises its revision', () => {
    const { cluster, framework } = smallCluster()
    const changes: ClusterChange[] = []
    const before = cluster.revision
    const stop = cluster.onChange((change) => changes.push(change))
    const task = cluster.launch(framework, WEB)
    cluster.setHealth(task, false)
    stop()
    cluster.kill(task)
    assert.deepEqual(changes, [
      { kind: 'task-launched', task },
      { kind: 'task-health', task, healthy: false, announced: true },
    ])
    assert.ok(cluster.revision >= before + 3)
  })

  test('numbers its changes one by one and says when they were', () => {
    const { cluster, framework, agents, pass } = smallCluster()
    const moments: (readonly [number, number])[] = []
    const before = cluster.revision
    cluster.onChange((_change, { revision, time }) => moments.push([revision - before, time]))
    cluster.launch(framework, WEB, { agent: agents[0] })
    pass(10)
    cluster.failOver({ recovery: 'slow' })
    pass(10)
    cluster.recoverRegistry()
    cluster.returnAgent(agents[0])
    const times = moments.map(([, time]) => time - 1_700_000_000_000)
    assert.deepEqual(times, [0, 10, 20, 20, 20, 20])
    assert.deepEqual(
      moments.map(([revision]) => revision),
      [1, 2, 3, 4, 5, 6],
    )
  })

  test('lets a scheduler that the new leader does not know subscribe before it launches', () => {
    const { cluster, framework, agents } = smallCluster()
    cluster.failOver({ recovery: 'slow' })
    cluster.recoverRegistry()
    cluster.returnAgent(agents[0])
    const kinds: string[] = []
    cluster.onChange(({ kind }) => kinds.push(kind))
    cluster.launch(framework, WEB)
    assert.deepEqual(kinds, ['framework-subscribed', 'task-launched'])
  })

  test('gives a master that starts again another id', () => {
    const { cluster } = smallCluster()
    const [master] = cluster.masters
    assert.ok(master !== undefined)
    const { id } = master
    cluster.restartMaster(master)
    assert.notEqual(master.id, id)
    assert.equal(cluster.leader, master)
  })

  test('has the same ids for the same seed, and others for another', () => {
    const ids = (seed: number) => {
      const { cluster, framework } = smallCluster(seed)
      const task = cluster.launch(framework, WEB)
      return [framework.id, task.id, task.agent.id, task.containerId]
    }
    assert.deepEqual(ids(1), ids(1))
    assert.notDeepEqual(ids(1), ids(2))
  })
})
