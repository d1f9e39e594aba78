import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRESHNESS } from '../../src/freshness.ts'
import { type ReadinessInput, readiness, stateAge } from '../../src/http/readiness.ts'
import type { FollowStatus } from '../../src/status.ts'
import { config, following, NOW, snapshot, status, unchanged } from './setup.ts'

const known = snapshot({ receivedAt: NOW - 90_500 })

function input(change: Partial<ReadinessInput> = {}): ReadinessInput {
  return { status: status(), snapshot: known, config: config(), now: NOW, ...change }
}

function of(change: Partial<ReadinessInput>) {
  return readiness(input(change))
}

function remarksFor(change: Partial<FollowStatus>, settings = {}) {
  return of({ status: status({ follow: following(change) }), config: config(settings) }).remarks
}

const { polls, stream, guard } = following()

test('all is well: ready, and nothing to say', () => {
  assert.deepEqual(of({}), { ready: true, reasons: [], remarks: [] })
})

test('without ZooKeeper there is nothing to say of it', () => {
  assert.deepEqual(remarksFor({ zookeeper: undefined }), [])
})

test('no state yet: not ready, with what the last fetch said', () => {
  const failing = status({ follow: following({ polls: { ...polls, consecutiveFailures: 0 } }) })
  assert.deepEqual(of({ snapshot: undefined, status: failing }), {
    ready: false,
    reasons: [
      {
        code: 'no-state',
        detail: 'no state from a Mesos master yet: no state from 10.0.0.2:5050: timeout',
      },
    ],
    remarks: [],
  })
  const { reasons } = of({ snapshot: undefined, status: status({ follow: undefined }) })
  assert.deepEqual(reasons, [{ code: 'no-state', detail: 'no state from a Mesos master yet' }])
})

test('stale: still ready, with the age', () => {
  const follow = following({ confirmedAt: NOW - 200_999 })
  const old = snapshot({ receivedAt: NOW - 300_000 })
  const { ready, remarks } = of({
    snapshot: old,
    status: status({ follow, freshness: FRESHNESS.STALE }),
  })
  assert.equal(ready, true)
  assert.deepEqual(remarks, [
    {
      code: 'stale',
      detail:
        'no word from a leading master for 200 s; what it said last is served, marked as stale',
      ageSeconds: 200,
    },
  ])
})

test('expired: not ready, with the age', () => {
  const { ready, reasons, remarks } = of({ status: status({ freshness: FRESHNESS.EXPIRED }) })
  assert.equal(ready, false)
  assert.deepEqual([reasons[0]?.code, reasons[0]?.ageSeconds], ['expired', 2])
  assert.deepEqual(remarks, [])
})

test('draining: not ready', () => {
  const { ready, reasons } = of({ status: status({ draining: true }) })
  assert.equal(ready, false)
  assert.deepEqual(reasons, [{ code: 'draining', detail: 'the server is ending' }])
})

test('holding after a failover: counts and deadline', () => {
  const held = { agents: 12, frameworks: 1, tasks: 240 }
  const holdUntil = NOW + 600_000
  assert.deepEqual(remarksFor({ guard: { ...guard, held, holdUntil } }), [
    {
      code: 'holding',
      detail:
        'kept since a change of the leading master: 12 agents, 1 frameworks, 240 tasks; ' +
        'what has not come back is given up at 2026-01-01T00:10:00.000Z',
      held,
      until: '2026-01-01T00:10:00.000Z',
    },
  ])
})

test('a doubted loss', () => {
  assert.deepEqual(
    remarksFor({ guard: { ...guard, doubting: true } }).map(({ code }) => code),
    ['doubted-loss'],
  )
})

for (const [state, lastError, detail] of [
  ['unsupported', undefined, 'the master has no event stream'],
  ['waiting', 'no heartbeat', 'the event stream is not connected: waiting (no heartbeat)'],
  ['connecting', undefined, 'the event stream is not connected: connecting'],
  ['off', 'nobody leads', 'there is no event stream (nobody leads)'],
] as const) {
  test(`the event stream is ${state}`, () => {
    const change = { stream: { ...stream, state, lastError } }
    const expected = [
      { code: 'no-event-stream', detail: `${detail}; the state is fetched every 60 s` },
    ]
    assert.deepEqual(remarksFor(change), expected)
    assert.deepEqual(remarksFor(change, { updates: 'stream' }), expected)
    assert.deepEqual(remarksFor(change, { updates: 'poll' }), [])
  })
}

for (const [state, lastError, why] of [
  ['disconnected', 'connection refused', 'connection refused'],
  ['connecting', undefined, 'connecting'],
  ['connected', 'the path /mesos is not there', 'the path /mesos is not there'],
] as const) {
  test(`ZooKeeper is ${state}, error: ${lastError}`, () => {
    assert.deepEqual(remarksFor({ zookeeper: { state, since: 0, lastError, server: undefined } }), [
      { code: 'zookeeper-away', detail: `ZooKeeper: ${why}; the masters known last are asked` },
    ])
  })
}

test('fetches fail', () => {
  assert.deepEqual(remarksFor({ polls: { ...polls, consecutiveFailures: 3 } }), [
    {
      code: 'polls-failing',
      detail:
        'fetches of the state that failed since the last success: 3; no state from 10.0.0.2:5050: timeout',
    },
  ])
})

test('the state thread is being replaced: still ready', () => {
  const threads = { ...status().threads, state: { count: 1, running: 0, restarts: 1 } }
  const { ready, remarks } = of({ status: status({ threads }) })
  assert.equal(ready, true)
  assert.deepEqual(
    remarks.map(({ code }) => code),
    ['state-thread-replaced'],
  )
})

test('some query threads are being replaced: ready; all of them: not', () => {
  const running = (running: number, count = 2) =>
    of({
      status: status({
        threads: { ...status().threads, query: { count, running, restarts: 1 } },
      }),
    })
  const some = running(1)
  assert.equal(some.ready, true)
  assert.deepEqual(some.remarks, [
    { code: 'query-thread-replaced', detail: '1 of 2 threads that answer are being replaced' },
  ])
  const none = running(0)
  assert.deepEqual([none.ready, none.reasons[0]?.code], [false, 'no-query-thread'])
  assert.deepEqual(none.remarks, [])
  assert.deepEqual(running(0, 0), { ready: true, reasons: [], remarks: [] }, 'DNS is off')
})

test('the last reload failed; one that did not is nothing to say', () => {
  const after = (result: ReturnType<typeof unchanged>) =>
    of({
      status: status({
        reloads: {
          applied: 0,
          unchanged: 1,
          failed: 1,
          last: { at: NOW, trigger: 'signal', result },
        },
      }),
    }).remarks
  const error = new Error('config.json:1:2: ttl = -1: must be at least 0; use 0')
  assert.deepEqual(after(unchanged({ status: 'failed', error })), [
    {
      code: 'reload-failed',
      detail: `the last reload failed, the settings before it are in effect: ${error.message}`,
    },
  ])
  assert.deepEqual(after(unchanged()), [])
})

test('the age is that of the latest word of a master, and never negative', () => {
  const age = (confirmedAt: number | undefined, receivedAt: number | undefined) =>
    stateAge({
      status: status({ follow: following({ confirmedAt }) }),
      snapshot: receivedAt === undefined ? undefined : snapshot({ receivedAt }),
      now: 1_000,
    })
  assert.equal(age(400, 300), 600)
  assert.equal(age(300, 400), 600)
  assert.equal(age(undefined, 400), 600)
  assert.equal(age(400, undefined), 600)
  assert.equal(age(undefined, undefined), undefined)
  assert.equal(age(1_200, 400), 0)
})
