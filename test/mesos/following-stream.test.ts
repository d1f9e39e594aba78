import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ClusterStore } from '../../src/state/live/index.ts'
import { eventually } from '../eventually.ts'
import { FakeDetector } from './detect/fake-detector.ts'
import { type FakeCluster, startCluster } from './fake-cluster.ts'
import { redirectTo, respond, sendJson, startMaster, stateOf } from './fake-master.ts'
import { type FollowSetup, followingSource, GUARD, taskIds } from './following.ts'
import { HEARTBEAT, stateWith, subscribed, taskAdded, taskKilled } from './stream/fake-stream.ts'

/** A source that follows the event stream, and never comes to poll because an interval is over. */
function setUp(t: TestContext, clusters: readonly FakeCluster[], options: FollowSetup = {}) {
  const masters = clusters.map(({ master }) => master)
  const config = { updates: 'auto', refreshSeconds: 3600, auditSeconds: 3600, ...options.config }
  const following = followingSource(t, masters, { random: () => 0.999, ...options, config })
  const { source, updates, lines } = following
  const state = () => source.status.stream.state
  return {
    ...following,
    /** Tasks that were handed on last. */
    tasks: () => taskIds(updates.at(-1)?.state),
    connected: () => eventually('the stream is connected', () => state() === 'connected'),
    logged: (message: string) => lines.filter((line) => line.message === message),
  }
}

test('a change is handed on as it happens, without a poll', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  const { source, updates, tasks, connected, nextUpdate } = setUp(t, [cluster])
  source.start()
  await connected()
  await eventually('the state is handed on', () => updates.length >= 2)
  const before = cluster.polls
  let update = nextUpdate()
  cluster.subscribers.send(taskAdded('web.2'))
  await update
  assert.deepEqual(tasks(), ['web.1', 'web.2'])
  update = nextUpdate()
  cluster.subscribers.send(taskKilled('web.1'))
  await update
  assert.deepEqual(tasks(), ['web.2'])
  assert.equal(cluster.polls, before)
  const last = updates.at(-1)
  assert.deepEqual(last?.state.leader, cluster.master.address)
  assert.deepEqual(last?.masters, [cluster.master.address])
  assert.equal(last?.receivedAt, 1_500_000_000_000)
})

test('a piece of many events is handed on once, and as a whole', async (t) => {
  const cluster = await startCluster(t)
  const { source, updates, tasks, connected, nextUpdate } = setUp(t, [cluster])
  source.start()
  await connected()
  await eventually('the state is handed on', () => updates.length >= 2)
  // A pause, after which the next change is a first one.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const before = updates.length
  const update = nextUpdate()
  const ids = Array.from({ length: 50 }, (_, i) => `web.${i}`)
  cluster.subscribers.send(...ids.map(taskAdded))
  await update
  assert.equal(updates.length, before + 1)
  assert.deepEqual(tasks(), ids.sort())
})

test('an update that is worked on is not disturbed; what comes meanwhile is one update', async (t) => {
  const cluster = await startCluster(t)
  let finish = () => {}
  let running = 0
  let most = 0
  const seen: string[][] = []
  const { source, connected } = setUp(t, [cluster], {
    async onUpdate({ state }) {
      most = Math.max(most, ++running)
      seen.push(taskIds(state))
      if (seen.length > 2) await new Promise<void>((resolve) => (finish = resolve))
      running--
    },
  })
  source.start()
  await connected()
  await eventually('both states are handed on', () => seen.length === 2)
  cluster.subscribers.send(taskAdded('a'))
  await eventually('the first change is being worked on', () => seen.length === 3)
  const count = () => source.status.stream.events.TASK_ADDED ?? 0
  for (const id of ['b', 'c', 'd']) {
    cluster.subscribers.send(taskAdded(id))
    await eventually(`${id} is known`, () => count() === ['a', 'b', 'c', 'd'].indexOf(id) + 1)
  }
  assert.equal(seen.length, 3)
  finish()
  await eventually('the rest is handed on', () => seen.length === 4)
  assert.deepEqual(seen.slice(2), [['a'], ['a', 'b', 'c', 'd']])
  assert.equal(most, 1)
  finish()
})

test('heartbeats confirm what is known, and hand nothing on', async (t) => {
  const cluster = await startCluster(t)
  let time = 1_500_000_000_000
  const { source, updates, connected } = setUp(t, [cluster], { clock: () => time })
  source.start()
  await connected()
  await eventually('the state is handed on', () => updates.length >= 2)
  const before = updates.length
  time += 15_000
  cluster.subscribers.send(HEARTBEAT)
  await eventually('it is confirmed', () => source.status.confirmedAt === time)
  assert.equal(updates.length, before)
})

test('a poll that finds what no event told repairs it, and counts it', async (t) => {
  const cluster = await startCluster(t, ['web.1', 'web.2', 'web.3'])
  const { source, tasks, connected, logged } = setUp(t, [cluster])
  source.start()
  await connected()
  await source.refresh()
  const { audits } = source.status
  assert.deepEqual([audits.drift, audits.lastDrift], [0, 0])
  cluster.subscribers.send(taskAdded('web.4'))
  await eventually('the change is known', () => tasks().includes('web.4'))
  cluster.tasks = ['web.1', 'web.2', 'web.4', 'web.5']
  await source.refresh()
  assert.deepEqual(tasks(), ['web.1', 'web.2', 'web.4', 'web.5'])
  const after = source.status.audits
  assert.equal(after.count, audits.count + 1)
  assert.deepEqual([after.drift, after.lastDrift], [2, 2])
  assert.equal(after.lastAt, 1_500_000_000_000)
  assert.deepEqual(logged('an audit found what no event had told').at(-1)?.fields, { drift: 2 })
  await source.refresh()
  assert.deepEqual([source.status.audits.drift, source.status.audits.lastDrift], [2, 0])
})

test('what the stream leaves open is asked of the state, once', async (t) => {
  const cluster = await startCluster(t)
  const { source, updates, connected } = setUp(t, [cluster], { random: () => 0 })
  source.start()
  await connected()
  await eventually('the state is handed on', () => updates.length >= 2)
  await eventually('nothing is left open', () => cluster.polls >= 1)
  await source.refresh()
  const before = cluster.polls
  cluster.subscribers.send('{', { type: 'TASK_ADDED', task_added: 5 }, '[]')
  await eventually('the state was fetched', () => cluster.polls > before)
  await source.refresh()
  assert.equal(cluster.polls, before + 2)
})

test('a lost stream is told, comes back, and the state is fetched meanwhile', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  const { source, statuses, tasks, connected, logged } = setUp(t, [cluster], { random: () => 0 })
  source.start()
  await connected()
  await source.refresh()
  const polls = cluster.polls
  cluster.onSubscribe = respond(500)
  cluster.tasks = ['web.1', 'web.2']
  cluster.subscribers.last.destroy()
  await eventually('a poll tells the change', () => tasks().includes('web.2'))
  assert.ok(cluster.polls > polls)
  assert.notEqual(source.status.stream.state, 'connected')
  assert.ok(statuses.some(({ stream }) => stream.connects === 1 && stream.state === 'waiting'))
  assert.ok(source.status.stream.failures > 0)
  cluster.subscribers.greeting = [subscribed(['web.1', 'web.2', 'web.3'])]
  cluster.onSubscribe = undefined
  await connected()
  await eventually('SUBSCRIBED is handed on', () => tasks().includes('web.3'))
  assert.equal(source.status.stream.connects, 2)
  assert.equal(logged('event stream connected').length, 2)
})

test('a master that ends the stream with a zero chunk is connected to again', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  const { source, connected } = setUp(t, [cluster])
  source.start()
  await connected()
  cluster.subscribers.last.end()
  await eventually('it is back', () => source.status.stream.connects === 2)
  assert.match(source.status.stream.lastError ?? '', /ended the event stream/)
})

test('with `poll` nobody is asked for events', async (t) => {
  const cluster = await startCluster(t)
  const { source } = setUp(t, [cluster], { config: { updates: 'poll' } })
  source.start()
  await source.refresh()
  await source.refresh()
  assert.equal(source.status.stream.state, 'off')
  assert.equal(cluster.master.paths().includes('/api/v1'), false)
})

for (const [updates, level] of [
  ['auto', 'info'],
  ['stream', 'warn'],
] as const) {
  test(`with \`${updates}\` a master without events is polled, at ${level}`, async (t) => {
    const cluster = await startCluster(t, ['web.1'])
    cluster.onSubscribe = respond(405, "Expecting one of { 'GET' }")
    const { source, tasks, lines } = setUp(t, [cluster], { config: { updates } })
    source.start()
    await eventually('that is known', () => source.status.stream.state === 'unsupported')
    assert.deepEqual(tasks(), ['web.1'])
    assert.deepEqual(
      lines.map((line) => line.level),
      [level],
    )
    cluster.tasks = ['web.2']
    await source.refresh()
    assert.deepEqual(tasks(), ['web.2'])
    assert.equal(source.status.audits.count, 0)
  })
}

test('the stream begins after the first poll, whatever came of it', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  cluster.onState = respond(500)
  const { source, tasks, updates, connected } = setUp(t, [cluster])
  source.start()
  await connected()
  await eventually('SUBSCRIBED is handed on', () => updates.length > 0)
  assert.deepEqual(tasks(), ['web.1'])
  assert.equal(updates[0]?.state.leader, undefined)
})

test('the stream begins as soon as a leader is detected, and waits for the state to name it', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  let answer = () => {}
  cluster.onState = (_, response) => {
    answer = () => sendJson(response, stateOf(cluster.master.address, stateWith(['web.1'])))
  }
  const detector = new FakeDetector()
  detector.learn([cluster.master.address], cluster.master.address)
  const { source, updates, connected, nextUpdate } = setUp(t, [], { detector })
  source.start()
  await connected()
  await eventually('the state is asked for', () => cluster.polls === 1)
  assert.equal(updates.length, 0, 'nobody is told of a cluster without a leader')
  const update = nextUpdate()
  answer()
  await update
  assert.deepEqual(updates[0]?.state.leader, cluster.master.address)
  assert.deepEqual(taskIds(updates[0]?.state), ['web.1'])
})

test('another leader is followed at once, the stream of the old one is left', async (t) => {
  const old = await startCluster(t, ['web.1'])
  const next = await startCluster(t, ['web.1', 'web.2'])
  next.id = 'master-2'
  const masters = [old.master.address, next.master.address]
  const detector = new FakeDetector()
  detector.learn(masters, old.master.address)
  const { source, tasks, connected, logged } = setUp(t, [], { detector })
  source.start()
  await connected()
  await source.refresh()
  let answer = () => {}
  next.onState = (_, response) => {
    const more = { id: next.id, ...stateWith(['web.1', 'web.2']) }
    answer = () => sendJson(response, stateOf(next.master.address, more))
  }
  detector.learn(masters, next.master.address)
  await eventually('the new leader is followed', () => {
    return source.status.stream.master === next.master.name
  })
  await old.subscribers.left()
  await eventually('its cluster is handed on', () => tasks().includes('web.2'))
  await eventually('its state is asked for', () => next.polls === 1)
  answer()
  await eventually('its state is known', () => source.status.leaderChanges === 1)
  assert.equal(source.status.leader, next.master.name)
  assert.equal(logged('a master was elected').length, 1)
  assert.equal(logged('no event stream; the state is fetched instead').length, 0)
})

test('what a new leader’s stream does not list is kept, although its state is yet to come', async (t) => {
  const old = await startCluster(t, ['web.1'])
  const next = await startCluster(t)
  next.subscribers.greeting = [subscribed([], 15)]
  next.onState = () => {}
  const masters = [old.master.address, next.master.address]
  const detector = new FakeDetector()
  detector.learn(masters, old.master.address)
  const { source, store, tasks, connected } = setUp(t, [], { detector, random: () => 0 })
  source.start()
  await connected()
  await source.refresh()
  detector.learn(masters, next.master.address)
  await eventually('the new leader is followed', () => {
    return source.status.stream.master === next.master.name
  })
  await eventually('its task is held', () => source.status.guard.held.tasks === 1)
  assert.deepEqual(tasks(), ['web.1'])
  assert.equal(store.guard.failovers, 1)
})

test('a leader that was asked since its election is not asked once more', async (t) => {
  const old = await startCluster(t, ['web.1'])
  const next = await startCluster(t, ['web.2'])
  next.id = 'master-2'
  const masters = [old.master.address, next.master.address]
  const detector = new FakeDetector()
  detector.learn(masters, old.master.address)
  let chance = 0
  const { source, tasks } = setUp(t, [], {
    detector,
    random: () => chance,
    config: { updates: 'poll' },
  })
  source.start()
  await source.refresh()
  chance = 0.05
  detector.learn(masters, next.master.address)
  assert.equal(next.polls, 0, 'others are told of it in the same moment')
  await source.refresh()
  assert.equal(next.polls, 1)
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.equal(next.polls, 1)
  assert.ok(tasks().includes('web.2'))
})

test('a detector that repeats itself disturbs nobody', async (t) => {
  const cluster = await startCluster(t)
  const { address } = cluster.master
  const detector = new FakeDetector()
  detector.learn([address], address)
  const { source, statuses, connected } = setUp(t, [], { detector })
  source.start()
  await connected()
  await source.refresh()
  const before = cluster.polls
  detector.status = {
    state: 'disconnected',
    since: 5,
    lastError: 'session expired',
    server: undefined,
  }
  detector.learn([address], address)
  await eventually('the status is told', () => {
    return statuses.at(-1)?.zookeeper?.lastError === 'session expired'
  })
  await source.refresh()
  assert.equal(cluster.polls, before + 1)
  assert.equal(source.status.stream.connects, 1)
})

test('a change of the masters is handed on without asking anybody', async (t) => {
  const cluster = await startCluster(t)
  const { address } = cluster.master
  const detector = new FakeDetector()
  detector.learn([address], address)
  const { source, updates, connected, nextUpdate } = setUp(t, [], { detector })
  source.start()
  await connected()
  await source.refresh()
  const before = cluster.polls
  const more = { host: '192.0.2.1', port: 5050 }
  const update = nextUpdate()
  detector.learn([address, more], address)
  await update
  assert.deepEqual(updates.at(-1)?.masters, [address, more])
  assert.equal(cluster.polls, before)
})

test('a state of another process shows that the stream is one of the past', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  const { source, connected, logged } = setUp(t, [cluster])
  source.start()
  await connected()
  await source.refresh()
  cluster.id = 'master-2'
  await source.refresh()
  await eventually('it is connected anew', () => source.status.stream.connects === 2)
  assert.equal(logged('the state comes from another master than the events').length, 1)
  await source.refresh()
  await source.refresh()
  assert.equal(source.status.stream.connects, 2)
  assert.equal(source.status.leaderChanges, 1)
})

test('a master of two names is not left again and again', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  const { port } = cluster.master.address
  // SUBSCRIBE is answered under another name, which nobody can resolve to the first.
  const front = await startMaster(t, (request, response) => {
    if (request.url === '/api/v1')
      redirectTo(`//localhost:${port}/master/api/v1`)(request, response)
    else redirectTo(`//127.0.0.1:${port}/master/state`)(request, response)
  })
  const resolver = { resolve: async () => new Map<string, readonly string[]>() }
  const config = { masters: [front.name] }
  const { source, connected } = setUp(t, [], { config, resolver: resolver as never })
  source.start()
  await connected()
  for (let i = 0; i < 4; i++) {
    await source.refresh()
    await connected()
  }
  assert.ok(source.status.stream.connects <= 2)
  assert.equal(source.status.stream.master, `localhost:${port}`)
})

test('a sudden loss is doubted, loudly, and looked at again', async (t) => {
  const ids = Array.from({ length: 10 }, (_, i) => `web.${i}`)
  const cluster = await startCluster(t, ids)
  const { source, tasks, statuses, logged } = setUp(t, [cluster], {
    config: { updates: 'poll' },
  })
  source.start()
  await source.refresh()
  cluster.tasks = ['web.0']
  await source.refresh()
  assert.deepEqual(tasks(), ids)
  assert.equal(source.status.guard.doubting, true)
  await eventually('that is told', () => statuses.at(-1)?.guard.doubting === true)
  const [doubt] = logged(
    'too much is missing from a state to be believed; keeping it until confirmed',
  )
  assert.equal(doubt?.level, 'warn')
  assert.equal(doubt?.fields.lost, 9)
  await source.refresh()
  assert.deepEqual(tasks(), ['web.0'])
  assert.equal(source.status.guard.doubting, false)
  assert.equal(logged('a sudden loss is confirmed; what is missing is removed').length, 1)
})

test('a doubted loss is looked at again soon, without being asked to', async (t) => {
  const ids = Array.from({ length: 10 }, (_, i) => `web.${i}`)
  const cluster = await startCluster(t, ids)
  const { source, tasks } = setUp(t, [cluster], {
    config: { updates: 'poll' },
    // Below its range: what would be in 5 to 10 seconds is at once.
    random: () => -1,
  })
  source.start()
  await source.refresh()
  cluster.tasks = []
  await source.refresh()
  await eventually('the loss is believed', () => tasks().length === 0)
})

test('what is held after a failover is told, and given up in time', async (t) => {
  const cluster = await startCluster(t, ['web.1', 'web.2'])
  let time = 1_500_000_000_000
  const { source, tasks, logged } = setUp(t, [cluster], {
    config: { updates: 'poll' },
    clock: () => time,
  })
  source.start()
  await source.refresh()
  cluster.id = 'master-2'
  cluster.more = { slaves: [], frameworks: [] }
  await source.refresh()
  assert.deepEqual(tasks(), ['web.1', 'web.2'])
  assert.ok((source.status.guard.holdUntil ?? 0) > time)
  const begun = logged('another master leads; keeping what it has not heard of yet')
  assert.equal(begun.length, 1)
  time += 601_000
  await source.refresh()
  await eventually('it is given up', () => tasks().length === 0)
  assert.equal(logged('the hold after the change of the leader is over').length, 1)
})

test('what is held is given up in time although nobody is asked again', async (t) => {
  const cluster = await startCluster(t, ['web.1', 'web.2'])
  const store = new ClusterStore({ ...GUARD, failoverHoldSeconds: 1 })
  const { source, tasks, connected } = setUp(t, [cluster], {
    now: () => performance.now(),
    store,
  })
  source.start()
  await connected()
  await source.refresh()
  cluster.subscribers.greeting = [subscribed()]
  cluster.id = 'master-2'
  cluster.more = { slaves: [], frameworks: [] }
  await source.refresh()
  await eventually('the tasks alone are held', () => {
    const { agents, tasks } = source.status.guard.held
    return source.status.stream.connects === 2 && agents === 0 && tasks === 2
  })
  assert.deepEqual(tasks(), ['web.1', 'web.2'])
  const { polls } = cluster
  await eventually('they are given up', () => tasks().length === 0)
  assert.equal(cluster.polls, polls)
})

test('what is held stays while no master tells anything', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  let time = 0
  const store = new ClusterStore(GUARD, { now: () => time })
  const { source, tasks } = setUp(t, [cluster], {
    config: { updates: 'poll' },
    now: () => 600_000,
    store,
  })
  source.start()
  await source.refresh()
  cluster.id = 'master-2'
  cluster.more = { slaves: [], frameworks: [] }
  await source.refresh()
  const { onState } = cluster
  cluster.onState = respond(503)
  await source.refresh()
  time = 600_000
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  assert.deepEqual(taskIds(store.state), ['web.1'])
  cluster.onState = onState
  await source.refresh()
  assert.deepEqual(tasks(), [])
})

test('stop leaves no stream, no poll and no timer behind', async (t) => {
  const cluster = await startCluster(t)
  const { source, updates, statuses, connected, lines } = setUp(t, [cluster], { random: () => 0 })
  source.start()
  await connected()
  await source.stop()
  await cluster.subscribers.left()
  const before = [updates.length, statuses.length, lines.length, cluster.master.seen.length]
  await new Promise((resolve) => setTimeout(resolve, 100))
  const after = [updates.length, statuses.length, lines.length, cluster.master.seen.length]
  assert.deepEqual(after, before)
  assert.equal(source.status.stream.state, 'off')
})

test('an audit counts what it repairs, however quiet the stream is', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  const { source, tasks, connected } = setUp(t, [cluster])
  source.start()
  await connected()
  await source.refresh()
  assert.deepEqual([source.status.audits.drift, tasks()], [0, ['web.1']])
  cluster.tasks = ['web.1', 'web.2']
  await source.refresh()
  assert.deepEqual([source.status.audits.lastDrift, tasks()], [1, ['web.1', 'web.2']])
})

for (const [name, more] of [
  ['does not know its registry yet', { slaves: [], frameworks: [] }],
  ['waits for agents', { recovered_slaves: [{ id: 'S9' }] }],
] as const) {
  test(`records of an earlier thread stay while a new leader ${name}`, async (t) => {
    const cluster = await startCluster(t, ['web.1'])
    cluster.more = more
    let time = 1_500_000_000_000
    const { source, updates, tasks } = setUp(t, [cluster], {
      config: { updates: 'poll' },
      hasPredecessor: true,
      clock: () => time,
    })
    source.start()
    await source.refresh()
    assert.equal(source.status.polls.consecutiveFailures, 0)
    assert.equal(updates.length, 0)
    time += 599_000
    await source.refresh()
    assert.equal(updates.length, 0)
    time += 1_000
    await source.refresh()
    assert.equal(updates.length, 1, 'for no longer than a hold would last')
    cluster.more = {}
    await source.refresh()
    assert.deepEqual(tasks(), ['web.1'])
  })
}

test('records of an earlier thread are replaced as soon as the leader knows its cluster', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  cluster.more = { slaves: [], frameworks: [] }
  const { source, updates, tasks } = setUp(t, [cluster], {
    config: { updates: 'poll' },
    hasPredecessor: true,
  })
  source.start()
  await source.refresh()
  assert.equal(updates.length, 0)
  cluster.more = {}
  await source.refresh()
  assert.deepEqual(tasks(), ['web.1'])
  cluster.more = { recovered_slaves: [{ id: 'S9' }] }
  cluster.tasks = ['web.2']
  await source.refresh()
  assert.deepEqual(tasks(), ['web.1', 'web.2'], 'from then on the store holds what is to be held')
})

test('records of an earlier thread are not replaced by what the stream alone tells', async (t) => {
  const cluster = await startCluster(t, ['web.1'])
  cluster.onState = respond(500)
  const { source, updates, tasks, connected } = setUp(t, [cluster], { hasPredecessor: true })
  source.start()
  await connected()
  await source.refresh()
  await source.refresh()
  assert.equal(updates.length, 0)
  cluster.onState = undefined
  await source.refresh()
  assert.deepEqual(tasks(), ['web.1'])
  assert.deepEqual(updates[0]?.state.leader, cluster.master.address)
})
