import { FRESHNESS } from '../../freshness.ts'
import { freshnessName } from '../monitoring/status.ts'
import { readiness, stateAge } from '../readiness.ts'
import {
  byLabel,
  type Metric,
  type MetricsSource,
  PREFIX,
  single,
  stateSet,
  timestamp,
} from './metric.ts'

const LEVELS = Object.values(FRESHNESS).map(freshnessName)

/** The server itself: what it serves, how old that is, its threads and its configuration. */
export const SERVER: readonly Metric[] = [
  {
    name: `${PREFIX}build_info`,
    type: 'gauge',
    help: 'Versions of mesos-ns and Node.js; always 1.',
    labels: ['version', 'node'],
    read: ({ version }) => [{ labels: { version, node: process.versions.node }, value: 1 }],
  },
  single('gauge', 'ready', '1 if `/ready` answers with status 200.', (s) =>
    Number(readiness(inputOf(s)).ready),
  ),
  single(
    'gauge',
    'state_age_seconds',
    'Time since a leading master last told that what is known is so.',
    (s) => timestamp(stateAge(inputOf(s))),
  ),
  byLabel(
    'gauge',
    'state_freshness',
    'level',
    'How far answers can be relied on; 1 for the level that holds.',
    (s) => {
      const isKnown = stateAge(inputOf(s)) !== undefined
      return stateSet(LEVELS, isKnown ? freshnessName(s.status().freshness) : undefined)
    },
  ),
  single(
    'gauge',
    'zone_serial',
    'SOA serial of the zone; moves only when its content does.',
    (s) => s.snapshot()?.zone.serial,
  ),
  single(
    'gauge',
    'zone_names',
    'Names in the zone, empty non-terminals included.',
    (s) => s.snapshot()?.zone.names,
  ),
  single('gauge', 'zone_records', 'Records in the zone.', (s) => s.snapshot()?.zone.records),
  byLabel('gauge', 'threads', 'thread', 'Threads that do their work.', (s) => {
    const { state, query } = s.status().threads
    return { state: state.running, query: query.running }
  }),
  byLabel(
    'counter',
    'thread_restarts_total',
    'thread',
    'Times that a thread was replaced.',
    (s) => {
      const { state, query } = s.status().threads
      return { state: state.restarts, query: query.restarts }
    },
  ),
  byLabel('counter', 'reloads_total', 'result', 'Reloads of the configuration.', (s) => {
    const { applied, unchanged, failed } = s.status().reloads
    return { applied, unchanged, failed }
  }),
  single(
    'gauge',
    'reload_last_timestamp_seconds',
    'When the last reload of the configuration ended.',
    (s) => timestamp(s.status().reloads.last?.at),
  ),
  single(
    'gauge',
    'reload_last_successful',
    '0 if the last reload of the configuration failed, else 1.',
    (s) => {
      const { last } = s.status().reloads
      return last === undefined ? undefined : Number(last.result.status !== 'failed')
    },
  ),
]

function inputOf({ status, snapshot, config, now }: MetricsSource) {
  return { status: status(), snapshot: snapshot(), config: config(), now: now() }
}
