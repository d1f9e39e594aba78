import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRESHNESS } from '../../../src/freshness.ts'
import { recordingLog } from '../../recording-log.ts'
import { config, following, NOW, SERIAL, serve, snapshot, status, unchanged } from '../setup.ts'

/** Samples by name and labels, as a scraper reads them. */
function samples(body: string): Record<string, number> {
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', value] = /^(mesos_ns_\w+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
      assert.notEqual(name, '', line)
      return [name, Number(value)]
    }),
  )
}

test('every value of a server that is well', async (t) => {
  const { request } = await serve(t, { version: '1.2.3' })
  const reply = await request('/metrics', { headers: { accept: 'application/openmetrics-text' } })
  assert.equal(reply.status, 200)
  assert.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  const { zone } = snapshot()
  assert.deepEqual(samples(reply.body), {
    [`mesos_ns_build_info{version="1.2.3",node="${process.versions.node}"}`]: 1,
    mesos_ns_ready: 1,
    mesos_ns_state_age_seconds: 2.5,
    'mesos_ns_state_freshness{level="fresh"}': 1,
    'mesos_ns_state_freshness{level="stale"}': 0,
    'mesos_ns_state_freshness{level="expired"}': 0,
    mesos_ns_zone_serial: SERIAL,
    mesos_ns_zone_names: zone.names,
    mesos_ns_zone_records: zone.records,
    'mesos_ns_threads{thread="state"}': 1,
    'mesos_ns_threads{thread="query"}': 2,
    'mesos_ns_thread_restarts_total{thread="state"}': 0,
    'mesos_ns_thread_restarts_total{thread="query"}': 1,
    'mesos_ns_reloads_total{result="applied"}': 0,
    'mesos_ns_reloads_total{result="unchanged"}': 0,
    'mesos_ns_reloads_total{result="failed"}': 0,
    'mesos_ns_state_leader_info{leader="10.0.0.1:5050"}': 1,
    mesos_ns_state_leader_changes_total: 1,
    'mesos_ns_state_fetch_total{result="success"}': 3,
    'mesos_ns_state_fetch_total{result="failure"}': 2,
    mesos_ns_state_fetch_consecutive_failures: 0,
    mesos_ns_state_fetch_last_success_timestamp_seconds: NOW / 1000 - 60,
    mesos_ns_state_fetch_last_duration_seconds: 0.061,
    mesos_ns_state_fetch_last_size_bytes: 1_482_311,
    'mesos_ns_stream_state{state="off"}': 0,
    'mesos_ns_stream_state{state="connecting"}': 0,
    'mesos_ns_stream_state{state="connected"}': 1,
    'mesos_ns_stream_state{state="waiting"}': 0,
    'mesos_ns_stream_state{state="unsupported"}': 0,
    mesos_ns_stream_connects_total: 2,
    mesos_ns_stream_failures_total: 1,
    'mesos_ns_stream_events_total{type="SUBSCRIBED"}': 2,
    'mesos_ns_stream_events_total{type="HEARTBEAT"}': 40,
    'mesos_ns_stream_events_total{type="TASK_UPDATED"}': 7,
    'mesos_ns_stream_events_total{type="other"}': 1,
    mesos_ns_stream_last_event_timestamp_seconds: NOW / 1000 - 2.5,
    mesos_ns_audits_total: 3,
    mesos_ns_audit_drift_total: 1,
    mesos_ns_audit_last_drift: 0,
    'mesos_ns_guard_held{kind="agents"}': 0,
    'mesos_ns_guard_held{kind="frameworks"}': 0,
    'mesos_ns_guard_held{kind="tasks"}': 0,
    mesos_ns_guard_failovers_total: 1,
    mesos_ns_guard_doubting: 0,
    mesos_ns_guard_doubts_total: 0,
    mesos_ns_guard_confirmed_losses_total: 0,
    'mesos_ns_zookeeper_state{state="connecting"}': 0,
    'mesos_ns_zookeeper_state{state="connected"}': 1,
    'mesos_ns_zookeeper_state{state="disconnected"}': 0,
  })
})

test('what is not known has no value, and comes when it is', async (t) => {
  let known = false
  const { request } = await serve(t, {
    snapshot: () => (known ? snapshot() : undefined),
    status: () => status({ follow: known ? following() : undefined }),
  })
  const read = async () => samples((await request('/metrics')).body)
  const before = await read()
  assert.equal(before['mesos_ns_ready'], 0)
  const follow = Object.keys(before).filter((name) => /zone|state_|stream|guard|leader/.test(name))
  assert.deepEqual(follow, [])
  known = true
  const after = await read()
  assert.equal(after['mesos_ns_zone_serial'], SERIAL)
  assert.equal(after['mesos_ns_state_leader_changes_total'], 1)
  known = false
  assert.deepEqual(await read(), before)
})

test('values are those of the moment: nothing is added up from one scrape to the next', async (t) => {
  const { request } = await serve(t)
  const first = (await request('/metrics')).body
  assert.equal((await request('/metrics')).body, first)
})

test('a leader that has gone leaves no sample behind', async (t) => {
  let leader: string | undefined = '10.0.0.1:5050'
  const { request } = await serve(t, { status: () => status({ follow: following({ leader }) }) })
  const read = async () => {
    const all = samples((await request('/metrics')).body)
    return Object.keys(all).filter((name) => name.includes('leader_info'))
  }
  assert.deepEqual(await read(), ['mesos_ns_state_leader_info{leader="10.0.0.1:5050"}'])
  leader = 'a"b\\c\nd:5050'
  assert.deepEqual(await read(), ['mesos_ns_state_leader_info{leader="a\\"b\\\\c\\nd:5050"}'])
  leader = undefined
  assert.deepEqual(await read(), [])
})

test('trouble shows', async (t) => {
  const { guard } = following()
  const held = { agents: 3, frameworks: 2, tasks: 1 }
  const holdUntil = NOW + 1_500
  const { request } = await serve(t, {
    status: () =>
      status({
        freshness: FRESHNESS.EXPIRED,
        follow: following({ guard: { ...guard, held, holdUntil, doubting: true } }),
        reloads: {
          applied: 1,
          unchanged: 2,
          failed: 3,
          last: { at: NOW, trigger: 'http', result: unchanged({ status: 'failed' }) },
        },
      }),
  })
  const found = samples((await request('/metrics')).body)
  const expected = {
    mesos_ns_ready: 0,
    'mesos_ns_state_freshness{level="fresh"}': 0,
    'mesos_ns_state_freshness{level="expired"}': 1,
    'mesos_ns_guard_held{kind="agents"}': 3,
    'mesos_ns_guard_held{kind="frameworks"}': 2,
    'mesos_ns_guard_held{kind="tasks"}': 1,
    mesos_ns_guard_hold_until_timestamp_seconds: NOW / 1000 + 1.5,
    mesos_ns_guard_doubting: 1,
    'mesos_ns_reloads_total{result="applied"}': 1,
    'mesos_ns_reloads_total{result="unchanged"}': 2,
    'mesos_ns_reloads_total{result="failed"}': 3,
    mesos_ns_reload_last_timestamp_seconds: NOW / 1000,
    mesos_ns_reload_last_successful: 0,
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(found[name], value, name)
})

test('readiness goes by the settings in effect', async (t) => {
  const { stream } = following()
  const off = { ...stream, state: 'off' as const }
  const { api, request } = await serve(t, {
    status: () => status({ follow: following({ stream: off }) }),
  })
  const remarks = async () => JSON.parse((await request('/ready')).body).remarks.length
  assert.equal(await remarks(), 1)
  await api.reconfigure(config({ updates: 'poll' }))
  assert.equal(await remarks(), 0)
  assert.equal((await request('/metrics')).status, 200)
})

test('a fault while reading a value is a logged 500 in JSON', async (t) => {
  const { log, lines } = recordingLog()
  const { request } = await serve(t, {
    log,
    status: () => {
      throw new Error('bug')
    },
  })
  const reply = await request('/metrics')
  assert.deepEqual([reply.status, JSON.parse(reply.body).reason], [500, 'internal-error'])
  assert.equal(lines.length, 1)
})
