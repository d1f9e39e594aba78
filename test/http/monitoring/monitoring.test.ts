import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRESHNESS } from '../../../src/freshness.ts'
import {
  config,
  following,
  NOW,
  SERIAL,
  serve,
  snapshot,
  status,
  unchanged,
  VERSION,
} from '../setup.ts'

const PROBE = { headers: { accept: 'image/png' } }

test('/health is there, whatever the state', async (t) => {
  const { request } = await serve(t, {
    snapshot: () => undefined,
    status: () => status({ draining: true }),
  })
  const reply = await request('/health', PROBE)
  assert.deepEqual([reply.status, JSON.parse(reply.body)], [200, { alive: true }])
})

test('/ready follows the state', async (t) => {
  let draining = false
  const { request } = await serve(t, { status: () => status({ draining }) })
  const before = await request('/ready', PROBE)
  assert.deepEqual(
    [before.status, JSON.parse(before.body)],
    [200, { ready: true, reasons: [], remarks: [] }],
  )
  draining = true
  const after = await request('/ready')
  assert.deepEqual([after.status, JSON.parse(after.body).reasons[0].code], [503, 'draining'])
  assert.equal(after.headers['cache-control'], 'no-cache')
  const head = await request('/ready', { method: 'HEAD' })
  assert.deepEqual([head.status, head.body], [503, ''])
})

test('/v2/status tells it all', async (t) => {
  const { request } = await serve(t, { config: config({ ttl: 30 }) })
  const { body } = await request('/v2/status')
  const { zone } = snapshot()
  assert.deepEqual(JSON.parse(body), {
    version: VERSION,
    ready: true,
    draining: false,
    freshness: 'fresh',
    stateAgeSeconds: 2.5,
    zone: { serial: SERIAL, names: zone.names, records: zone.records },
    follow: {
      leader: '10.0.0.1:5050',
      confirmedAt: '2025-12-31T23:59:57.500Z',
      leaderChanges: 1,
      polls: {
        count: 5,
        failures: 2,
        consecutiveFailures: 0,
        lastSuccess: {
          at: '2025-12-31T23:59:00.000Z',
          master: '10.0.0.1:5050',
          bytes: 1_482_311,
          durationSeconds: 0.061,
        },
        lastFailure: {
          at: '2025-12-31T23:58:00.000Z',
          code: 'MESOS_NS_STATE_FETCH',
          message: 'no state from 10.0.0.2:5050: timeout',
        },
      },
      stream: {
        state: 'connected',
        since: '2025-12-31T23:58:20.000Z',
        master: '10.0.0.1:5050',
        connects: 2,
        failures: 1,
        lastError: null,
        events: { SUBSCRIBED: 2, HEARTBEAT: 40, TASK_UPDATED: 7, other: 1 },
        lastEventAt: '2025-12-31T23:59:57.500Z',
      },
      audits: { count: 3, drift: 1, lastDrift: 0, lastAt: '2025-12-31T23:59:00.000Z' },
      guard: {
        held: { agents: 0, frameworks: 0, tasks: 0 },
        holdUntil: null,
        failovers: 1,
        doubting: false,
        doubts: 0,
        confirmedLosses: 0,
      },
      zookeeper: {
        state: 'connected',
        since: '2025-12-31T23:56:40.000Z',
        lastError: null,
        server: '10.0.0.1:2181',
      },
    },
    threads: {
      state: { count: 1, running: 1, restarts: 0 },
      query: { count: 2, running: 2, restarts: 1 },
    },
    config: { file: null, reloads: { applied: 0, unchanged: 0, failed: 0 }, lastReload: null },
  })
})

test('/v2/status before anything has happened', async (t) => {
  const { polls, stream, audits } = following()
  const follow = following({
    leader: undefined,
    confirmedAt: undefined,
    polls: { ...polls, lastSuccess: undefined, lastFailure: undefined },
    stream: { ...stream, master: undefined, lastEventAt: undefined },
    audits: { ...audits, lastAt: undefined },
    zookeeper: undefined,
  })
  for (const known of [undefined, follow]) {
    const { request } = await serve(t, {
      snapshot: () => undefined,
      status: () => status({ follow: known, freshness: FRESHNESS.STALE }),
    })
    const body = JSON.parse((await request('/v2/status')).body)
    assert.deepEqual([body.ready, body.freshness], [false, null])
    assert.deepEqual([body.zone, body.stateAgeSeconds], [null, null])
    if (known === undefined) assert.equal(body.follow, null)
    else assert.deepEqual([body.follow.leader, body.follow.zookeeper], [null, null])
  }
})

test('/v2/status has the file and its last reload', async (t) => {
  const reload = (error?: Error) => ({
    applied: 1,
    unchanged: 2,
    failed: 3,
    last: {
      at: NOW,
      trigger: 'watch' as const,
      result:
        error === undefined
          ? unchanged({ status: 'applied', changed: ['ttl'], needsRestart: ['port'] })
          : unchanged({ status: 'failed', error }),
    },
  })
  let reloads = reload()
  const { request } = await serve(t, {
    config: { ...config(), file: '/etc/mesos-ns/config.json' },
    status: () => status({ reloads }),
  })
  const read = async () => JSON.parse((await request('/v2/status')).body).config
  const last = { at: '2026-01-01T00:00:00.000Z', trigger: 'watch' }
  assert.deepEqual(await read(), {
    file: '/etc/mesos-ns/config.json',
    reloads: { applied: 1, unchanged: 2, failed: 3 },
    lastReload: {
      ...last,
      status: 'applied',
      changed: ['ttl'],
      needsRestart: ['port'],
      error: null,
    },
  })
  reloads = reload(new Error('why'))
  const { lastReload } = await read()
  assert.deepEqual(lastReload, {
    ...last,
    status: 'failed',
    changed: [],
    needsRestart: [],
    error: 'why',
  })
})
