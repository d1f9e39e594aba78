import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogLine } from '../recording-log.ts'
import { FakeDetector } from './detect/fake-detector.ts'
import { redirectTo, respond, startLeader, startMaster, stateOf } from './fake-master.ts'
import { BASIC, BASIC_HEADER } from './fetching.ts'
import { followingSource as setUp } from './following.ts'

const messages = (lines: readonly LogLine[]) => lines.map(({ message }) => message)

test('polls at start and hands the state on with the masters', async (t) => {
  const leader = await startLeader(t, (address) => stateOf(address, { slaves: [{ id: 'S0' }] }))
  const other = await startMaster(t, redirectTo(`//${leader.name}/master/state`))
  const { source, updates, nextUpdate } = setUp(t, [other, leader])
  const arrival = nextUpdate()
  source.start()
  await arrival
  const [update] = updates
  assert.deepEqual(update?.state.leader, leader.address)
  assert.deepEqual(update?.masters, [other.address, leader.address])
  assert.deepEqual([...(update?.report.counts() ?? [])], [['agent-without-pid', 1]])
  assert.equal(update?.receivedAt, 1_500_000_000_000)
  assert.equal(leader.seen[0]?.headers['user-agent'], 'mesos-ns/1.2.3')
})

test('status tells of success and failure', async (t) => {
  const leader = await startLeader(t)
  const { source } = setUp(t, [leader])
  const initial = source.status
  assert.deepEqual(initial, {
    leader: undefined,
    confirmedAt: undefined,
    leaderChanges: 0,
    polls: {
      count: 0,
      failures: 0,
      consecutiveFailures: 0,
      lastSuccess: undefined,
      lastFailure: undefined,
    },
    stream: {
      state: 'off',
      since: 1_500_000_000_000,
      master: undefined,
      connects: 0,
      failures: 0,
      lastError: undefined,
      events: {},
      lastEventAt: undefined,
    },
    audits: { count: 0, drift: 0, lastDrift: 0, lastAt: undefined },
    guard: {
      held: { agents: 0, frameworks: 0, tasks: 0 },
      holdUntil: undefined,
      failovers: 0,
      doubting: false,
      doubts: 0,
      confirmedLosses: 0,
    },
    zookeeper: undefined,
  })
  await source.refresh()
  const { leader: name, confirmedAt, polls } = source.status
  const { lastSuccess, ...good } = polls
  assert.equal(name, leader.name)
  assert.equal(confirmedAt, 1_500_000_000_000)
  assert.equal(lastSuccess?.at, 1_500_000_000_000)
  assert.equal(lastSuccess?.master, leader.name)
  assert.equal(lastSuccess?.bytes, JSON.stringify(stateOf(leader.address)).length)
  assert.deepEqual(good, { count: 1, failures: 0, consecutiveFailures: 0, lastFailure: undefined })
  leader.handler = respond(503, 'recovering')
  await source.refresh()
  await source.refresh()
  const bad = source.status
  assert.deepEqual([bad.polls.count, bad.polls.failures, bad.polls.consecutiveFailures], [3, 2, 2])
  assert.equal(bad.polls.lastFailure?.code, 'MESOS_NS_STATE_FETCH')
  assert.match(bad.polls.lastFailure?.message ?? '', /answered with status 503: "recovering"/)
  assert.deepEqual(bad.polls.lastSuccess, lastSuccess, 'the last good state stands')
  assert.equal(bad.leader, leader.name)
})

test('a failed poll hands nothing on, and is logged once however often it repeats', async (t) => {
  const leader = await startMaster(t, respond(503, 'recovering'))
  const { source, updates, lines } = setUp(t, [leader])
  await source.refresh()
  await source.refresh()
  assert.deepEqual(updates, [])
  assert.deepEqual(messages(lines), ['no state from the masters; keeping what is known'])
  const good = await startLeader(t)
  leader.handler = good.handler
  await source.refresh()
  assert.equal(updates.length, 1)
  assert.deepEqual(messages(lines.slice(1)), ['masters give their state again'])
  assert.equal(lines[1]?.fields.failures, 2)
})

test('a receiver that throws is logged, the next poll hands on, and no poll has failed', async (t) => {
  const leader = await startLeader(t)
  let calls = 0
  const { source, lines } = setUp(t, [leader], {
    onUpdate() {
      if (++calls === 1) throw new TypeError('records broke')
    },
  })
  await source.refresh()
  assert.deepEqual(messages(lines), ['the state could not be handed on'])
  assert.match(JSON.stringify(lines[0]?.fields), /records broke/)
  await source.refresh()
  assert.equal(calls, 2)
  assert.equal(source.status.polls.failures, 0)
})

test('a new leader is asked at once, the poll that hangs on the old one is given up', async (t) => {
  const oldLeader = await startMaster(t, () => {})
  const newLeader = await startLeader(t)
  const detector = new FakeDetector()
  const masters = [oldLeader.address, newLeader.address]
  detector.learn(masters, oldLeader.address)
  const { source, updates, nextUpdate } = setUp(t, [], { detector })
  source.start()
  assert.equal(detector.running, true)
  while (oldLeader.seen.length === 0) await new Promise(setImmediate)
  const arrival = nextUpdate()
  detector.learn(masters, newLeader.address)
  await arrival
  assert.deepEqual(updates[0]?.state.leader, newLeader.address)
  assert.equal(oldLeader.seen.length, 1)
  assert.equal(source.status.polls.failures, 0, 'giving up is no failure')
})

test('a changed list of masters is a reason to poll too', async (t) => {
  const leader = await startLeader(t)
  const detector = new FakeDetector()
  detector.learn([leader.address], leader.address)
  const { source, updates, nextUpdate } = setUp(t, [], { detector })
  let arrival = nextUpdate()
  source.start()
  await arrival
  const more = { host: '192.0.2.1', port: 5050 }
  arrival = nextUpdate()
  detector.learn([leader.address, more], leader.address)
  await arrival
  assert.deepEqual(updates.at(-1)?.masters, [leader.address, more])
})

test('the detected leader is asked first, then the other masters, then the configured ones', async (t) => {
  const leader = await startMaster(t, respond(500))
  const second = await startMaster(t, respond(500))
  const configured = await startLeader(t)
  const detector = new FakeDetector()
  detector.learn([second.address, leader.address], leader.address)
  const { source, updates } = setUp(t, [configured], { detector, config: BASIC })
  await source.refresh()
  assert.deepEqual(updates[0]?.state.leader, configured.address)
  for (const master of [leader, second, configured]) {
    assert.deepEqual(
      master.seen.map(({ authorization }) => authorization),
      [BASIC_HEADER],
    )
  }
})

test('without detection the leader of the last state is asked first', async (t) => {
  const leader = await startLeader(t)
  const other = await startMaster(t, redirectTo(`//${leader.name}/master/state`))
  const { source } = setUp(t, [other, leader])
  await source.refresh()
  await source.refresh()
  assert.deepEqual([other.seen.length, leader.seen.length], [1, 2])
})

test('stop ends the poll that runs, the detector, and further polls', async (t) => {
  const hanging = await startMaster(t, () => {})
  const detector = new FakeDetector()
  const { source, updates, lines } = setUp(t, [hanging], { detector })
  source.start()
  while (hanging.seen.length === 0) await new Promise(setImmediate)
  await source.stop()
  await source.refresh()
  assert.equal(detector.running, false)
  assert.equal(detector.listeners, 0)
  assert.equal(hanging.seen.length, 1)
  assert.deepEqual([updates.length, lines.length], [0, 0])
})

test('no secret is ever logged', async (t) => {
  const refusing = await startMaster(t, respond(401, 'Unauthorized'))
  const { source, lines } = setUp(t, [refusing], { config: BASIC })
  await source.refresh()
  const text = JSON.stringify(lines)
  assert.match(text, /refuses the credentials/)
  assert.doesNotMatch(text, /sésame|Basic /)
})

test('a detector that knows nobody yet is given a moment before that is a failure', async (t) => {
  const detector = new FakeDetector()
  const { source, lines } = setUp(t, [], { detector })
  await source.refresh()
  assert.deepEqual([source.status.polls.failures, lines.length], [0, 0])
  await source.refresh()
  assert.equal(source.status.polls.failures, 1)
  assert.match(source.status.polls.lastFailure?.message ?? '', /no master is known yet/)
})
