import type { StreamStatus, ZookeeperStatus } from '../../status.ts'
import { byLabel, type Metric, type MetricsSource, single, stateSet, timestamp } from './metric.ts'

const STREAM_STATES: readonly StreamStatus['state'][] = [
  'off',
  'connecting',
  'connected',
  'waiting',
  'unsupported',
]
const ZOOKEEPER_STATES: readonly ZookeeperStatus['state'][] = [
  'connecting',
  'connected',
  'disconnected',
]

const follow = (source: MetricsSource) => source.status().follow
const polls = (source: MetricsSource) => follow(source)?.polls
const stream = (source: MetricsSource) => follow(source)?.stream
const audits = (source: MetricsSource) => follow(source)?.audits
const guard = (source: MetricsSource) => follow(source)?.guard
const zookeeper = (source: MetricsSource) => follow(source)?.zookeeper

/** How the cluster is followed. Counters begin anew when the state thread had to be replaced. */
export const FOLLOWING: readonly Metric[] = [
  byLabel(
    'gauge',
    'state_leader_info',
    'leader',
    'The leading master, as host:port; always 1.',
    (s) => {
      const leader = follow(s)?.leader
      return leader === undefined ? undefined : { [leader]: 1 }
    },
  ),
  single(
    'counter',
    'state_leader_changes_total',
    'Times that the leading master was another one than before.',
    (s) => follow(s)?.leaderChanges,
  ),
  byLabel('counter', 'state_fetch_total', 'result', 'Fetches of the whole state.', (s) => {
    const status = polls(s)
    if (status === undefined) return undefined
    return { success: status.count - status.failures, failure: status.failures }
  }),
  single(
    'gauge',
    'state_fetch_consecutive_failures',
    'Fetches of the state that failed since the last success.',
    (s) => polls(s)?.consecutiveFailures,
  ),
  single(
    'gauge',
    'state_fetch_last_success_timestamp_seconds',
    'When the last fetch of the state succeeded.',
    (s) => timestamp(polls(s)?.lastSuccess?.at),
  ),
  single(
    'gauge',
    'state_fetch_last_duration_seconds',
    'How long the last successful fetch of the state took, decoding included.',
    (s) => timestamp(polls(s)?.lastSuccess?.durationMs),
  ),
  single(
    'gauge',
    'state_fetch_last_size_bytes',
    'Size of the last fetched state, decoded.',
    (s) => polls(s)?.lastSuccess?.bytes,
  ),
  byLabel(
    'gauge',
    'stream_state',
    'state',
    'State of the event stream; 1 for the one it is in.',
    (s) => stateSet(STREAM_STATES, stream(s)?.state),
  ),
  single(
    'counter',
    'stream_connects_total',
    'Times that an event stream was established.',
    (s) => stream(s)?.connects,
  ),
  single(
    'counter',
    'stream_failures_total',
    'Attempts and event streams that ended in a failure.',
    (s) => stream(s)?.failures,
  ),
  byLabel(
    'counter',
    'stream_events_total',
    'type',
    'Events received; those of a type that is not known are `other`.',
    (s) => stream(s)?.events,
  ),
  single(
    'gauge',
    'stream_last_event_timestamp_seconds',
    'When the last event came; heartbeats are none.',
    (s) => timestamp(stream(s)?.lastEventAt),
  ),
  single(
    'counter',
    'audits_total',
    'Whole states compared with what the event stream had told.',
    (s) => audits(s)?.count,
  ),
  single(
    'counter',
    'audit_drift_total',
    'Agents, frameworks and running tasks that audits found to be otherwise.',
    (s) => audits(s)?.drift,
  ),
  single(
    'gauge',
    'audit_last_drift',
    'What the last audit found to be otherwise.',
    (s) => audits(s)?.lastDrift,
  ),
  byLabel(
    'gauge',
    'guard_held',
    'kind',
    'What is kept since a change of the leader although the new one does not list it.',
    (s) => {
      const held = guard(s)?.held
      if (held === undefined) return undefined
      return { agents: held.agents, frameworks: held.frameworks, tasks: held.tasks }
    },
  ),
  single(
    'gauge',
    'guard_hold_until_timestamp_seconds',
    'When what is held is given up; absent while nothing is.',
    (s) => timestamp(guard(s)?.holdUntil),
  ),
  single(
    'counter',
    'guard_failovers_total',
    'Times that a change of the leader made something be kept.',
    (s) => guard(s)?.failovers,
  ),
  single('gauge', 'guard_doubting', '1 while a sudden loss is doubted.', (s) => {
    const doubting = guard(s)?.doubting
    return doubting === undefined ? undefined : Number(doubting)
  }),
  single(
    'counter',
    'guard_doubts_total',
    'States whose losses were doubted.',
    (s) => guard(s)?.doubts,
  ),
  single(
    'counter',
    'guard_confirmed_losses_total',
    'Doubted losses that further states confirmed.',
    (s) => guard(s)?.confirmedLosses,
  ),
  byLabel(
    'gauge',
    'zookeeper_state',
    'state',
    'State of the ZooKeeper session; 1 for the one it is in, absent without ZooKeeper.',
    (s) => stateSet(ZOOKEEPER_STATES, zookeeper(s)?.state),
  ),
]
