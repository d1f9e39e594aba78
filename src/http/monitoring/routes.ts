import type { Operation, Route } from '../route.ts'
import type { ReloadProblem, StatusV2 } from '../schemas.ts'
import { problemBody } from '../v2/problem.ts'
import { NOT_ACCEPTABLE, problemDoc } from '../v2/problem-doc.ts'
import * as answers from './answers.ts'
import { reload } from './reload.ts'

const HELD = { agents: 12, frameworks: 0, tasks: 240 }

const STATUS: Operation = {
  operationId: 'status',
  summary: 'How the server fares, in full',
  responses: {
    200: {
      description: 'Always.',
      contentType: 'application/json',
      schema: 'StatusV2',
      example: {
        version: '0.1.0',
        ready: true,
        draining: false,
        freshness: 'fresh',
        stateAgeSeconds: 3.2,
        zone: { serial: 1767225600, names: 1834, records: 4210 },
        follow: {
          leader: '10.0.0.1:5050',
          confirmedAt: '2026-01-01T00:05:00.000Z',
          leaderChanges: 0,
          polls: {
            count: 2,
            failures: 0,
            consecutiveFailures: 0,
            lastSuccess: {
              at: '2026-01-01T00:05:00.000Z',
              master: '10.0.0.1:5050',
              bytes: 1482311,
              durationSeconds: 0.061,
            },
            lastFailure: null,
          },
          stream: {
            state: 'connected',
            since: '2026-01-01T00:00:01.000Z',
            master: '10.0.0.1:5050',
            connects: 1,
            failures: 0,
            lastError: null,
            events: { SUBSCRIBED: 1, HEARTBEAT: 20, TASK_UPDATED: 7 },
            lastEventAt: '2026-01-01T00:05:00.000Z',
          },
          audits: { count: 1, drift: 0, lastDrift: 0, lastAt: '2026-01-01T00:05:00.000Z' },
          guard: {
            held: { agents: 0, frameworks: 0, tasks: 0 },
            holdUntil: null,
            failovers: 0,
            doubting: false,
            doubts: 0,
            confirmedLosses: 0,
          },
          zookeeper: {
            state: 'connected',
            since: '2026-01-01T00:00:00.000Z',
            lastError: null,
            server: '10.0.0.1:2181',
          },
        },
        threads: {
          state: { count: 1, running: 1, restarts: 0 },
          query: { count: 2, running: 2, restarts: 0 },
        },
        config: {
          file: '/etc/mesos-ns/config.json',
          reloads: { applied: 0, unchanged: 0, failed: 0 },
          lastReload: null,
        },
      } satisfies StatusV2,
    },
    406: NOT_ACCEPTABLE,
  },
}

const RELOAD: Operation = {
  operationId: 'reload',
  summary: 'Read the configuration again',
  description:
    'As after SIGHUP. Only for clients on this machine, and neither for browsers nor through proxies.',
  responses: {
    200: {
      description: 'It is in effect, but for the keys in `needsRestart`.',
      contentType: 'application/json',
      schema: 'ReloadV1',
      example: { status: 'applied', changed: ['ttl'], needsRestart: [], warnings: [] },
    },
    403: problemDoc(
      'Not from this machine, or a browser or a proxy is involved.',
      problemBody(403, 'forbidden', 'only clients on this machine may do this'),
    ),
    406: NOT_ACCEPTABLE,
    409: {
      description:
        'The configuration is fine, but could not be put into effect; `detail` says why.',
      contentType: 'application/problem+json',
      schema: 'ReloadProblem',
      example: {
        ...problemBody(
          409,
          'reload-failed',
          'the configuration could not be put into effect, the settings before it stay: ' +
            'cannot listen for HTTP on 127.0.0.1:8124: another process has this port',
        ),
        errors: [],
        warnings: [],
      } satisfies ReloadProblem,
    },
    422: {
      description: 'The configuration has errors. Nothing has changed.',
      contentType: 'application/problem+json',
      schema: 'ReloadProblem',
      example: {
        ...problemBody(
          422,
          'invalid-config',
          'the configuration has errors, the settings before it stay in effect',
        ),
        errors: [
          {
            where: '/etc/mesos-ns/config.json:3:12',
            path: 'ttl',
            value: -1,
            message: 'must be at least 0',
            fix: 'use a whole number from 0 to 2147483647',
          },
        ],
        warnings: [],
      } satisfies ReloadProblem,
    },
  },
}

const READY: Operation = {
  operationId: 'ready',
  summary: 'Whether clients should be sent here',
  description: '`remarks` are what else somebody should look at; they are no reason not to ask it.',
  responses: {
    200: {
      description: 'It answers.',
      contentType: 'application/json',
      schema: 'Readiness',
      example: {
        ready: true,
        reasons: [],
        remarks: [
          {
            code: 'holding',
            detail:
              'kept since a change of the leading master: 12 agents, 0 frameworks, 240 tasks; ' +
              'what has not come back is given up at 2026-01-01T00:10:00.000Z',
            held: HELD,
            until: '2026-01-01T00:10:00.000Z',
          },
        ],
      },
    },
    503: {
      description: 'It has nothing to answer with yet or any more, or is ending.',
      contentType: 'application/json',
      schema: 'Readiness',
      example: {
        ready: false,
        reasons: [{ code: 'no-state', detail: 'no state from a Mesos master yet' }],
        remarks: [],
      },
    },
  },
}

/** What monitoring and operators ask for; none of it exists in Mesos-DNS. */
export const MONITORING_ROUTES: readonly Route[] = [
  { path: '/v2/status', operation: STATUS, answer: answers.status },
  { path: '/v1/reload', method: 'POST', operation: RELOAD, answer: reload },
  {
    path: '/health',
    anyAccept: true,
    operation: {
      operationId: 'health',
      summary: 'Whether the process answers',
      responses: {
        200: {
          description: 'Always.',
          contentType: 'application/json',
          schema: 'Health',
          example: { alive: true },
        },
      },
    },
    answer: answers.health,
  },
  { path: '/ready', anyAccept: true, operation: READY, answer: answers.ready },
  {
    path: '/metrics',
    anyAccept: true,
    operation: {
      operationId: 'metrics',
      summary: 'Metrics for Prometheus',
      responses: {
        200: {
          description: 'Text format, version 0.0.4.',
          contentType: answers.METRICS_TYPE,
          example: [
            '# HELP mesos_ns_zone_records Records in the zone.',
            '# TYPE mesos_ns_zone_records gauge',
            'mesos_ns_zone_records 4210',
            '',
          ].join('\n'),
        },
      },
    },
    answer: answers.metrics,
  },
]
