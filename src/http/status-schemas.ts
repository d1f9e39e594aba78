import { z } from 'zod'

/** Shapes of what the server says of itself: readiness, status, reloads. */
const count = z.int().min(0)
const seconds = z.number().min(0)
const text = z.string()
const time = z.iso
  .datetime({ precision: 3 })
  .meta({ description: 'UTC (RFC 3339).', examples: ['2026-01-01T00:00:00.000Z'] })
const maybeTime = time.nullable()

const held = z
  .strictObject({ agents: count, frameworks: count, tasks: count })
  .meta({ description: 'What is kept although the leading master does not list it.' })

export const health = z
  .strictObject({ alive: z.literal(true) })
  .meta({ description: 'The process answers.' })

const notice = z.strictObject({
  code: z
    .enum([
      'draining',
      'no-state',
      'expired',
      'no-query-thread',
      'stale',
      'holding',
      'doubted-loss',
      'no-event-stream',
      'zookeeper-away',
      'polls-failing',
      'state-thread-replaced',
      'query-thread-replaced',
      'reload-failed',
    ])
    .meta({ description: 'What it is, for a program.' }),
  detail: text.meta({ description: 'What it is, for a person.' }),
  ageSeconds: count.optional().meta({ description: 'Of `stale` and `expired`.' }),
  held: held.optional().meta({ description: 'Of `holding`.' }),
  until: time.optional().meta({ description: 'Of `holding`: when what is left is given up.' }),
})

export const readiness = z
  .strictObject({
    ready: z.boolean(),
    reasons: z.array(notice).meta({ description: 'Why it is not ready; empty if it is.' }),
    remarks: z
      .array(notice)
      .meta({ description: 'What else somebody should look at; no reason not to ask it.' }),
  })
  .meta({ description: 'Whether clients should be sent here.' })

export const issue = z
  .strictObject({
    where: text.meta({ description: 'File, line and column, or where else it came from.' }),
    path: text.meta({ description: 'The key as it is written there; empty if none is to blame.' }),
    value: z.unknown().optional().meta({ description: 'The value, secrets masked.' }),
    message: text.meta({ description: 'What is wrong.' }),
    fix: text.meta({ description: 'What to write instead.' }),
  })
  .meta({ description: 'Something wrong or odd in the configuration.' })

const keys = z.array(text)

export const reloadV1 = z
  .strictObject({
    status: z.enum(['applied', 'unchanged']),
    changed: keys.meta({ description: 'Keys with new values that are in effect now.' }),
    needsRestart: keys.meta({ description: 'Keys with new values that wait for a new start.' }),
    warnings: z.array(issue),
  })
  .meta({ description: 'The configuration was read again and is in effect.' })

const threads = z.strictObject({
  count: count.meta({ description: 'How many there are to be.' }),
  running: count.meta({ description: 'How many do their work.' }),
  restarts: count.meta({ description: 'Times that one had to be replaced.' }),
})

const follow = z.strictObject({
  leader: text.nullable().meta({ description: '`host:port` of the leading master.' }),
  confirmedAt: maybeTime.meta({ description: 'When a leading master last told that it is so.' }),
  leaderChanges: count,
  polls: z.strictObject({
    count,
    failures: count,
    consecutiveFailures: count,
    lastSuccess: z
      .strictObject({ at: time, master: text, bytes: count, durationSeconds: seconds })
      .nullable(),
    lastFailure: z.strictObject({ at: time, code: text, message: text }).nullable(),
  }),
  stream: z.strictObject({
    state: z.enum(['off', 'connecting', 'connected', 'waiting', 'unsupported']),
    since: time,
    master: text.nullable(),
    connects: count,
    failures: count,
    lastError: text.nullable(),
    events: z.record(text, count).meta({ description: 'By type, as Mesos spells it.' }),
    lastEventAt: maybeTime,
  }),
  audits: z.strictObject({ count, drift: count, lastDrift: count, lastAt: maybeTime }),
  guard: z.strictObject({
    held,
    holdUntil: maybeTime,
    failovers: count,
    doubting: z.boolean(),
    doubts: count,
    confirmedLosses: count,
  }),
  zookeeper: z
    .strictObject({
      state: z.enum(['connecting', 'connected', 'disconnected']),
      since: time,
      lastError: text.nullable(),
      server: text.nullable(),
    })
    .nullable()
    .meta({ description: 'Null if ZooKeeper is not used.' }),
})

export const statusV2 = z
  .strictObject({
    version: text,
    ready: z.boolean(),
    draining: z.boolean(),
    freshness: z
      .enum(['fresh', 'stale', 'expired'])
      .nullable()
      .meta({ description: 'How far answers can be relied on; null before the first state.' }),
    stateAgeSeconds: seconds
      .nullable()
      .meta({ description: 'Since a leading master last told that what is known is so.' }),
    zone: z
      .strictObject({ serial: z.int().min(0).max(0xffff_ffff), names: count, records: count })
      .nullable()
      .meta({ description: 'Null before the first state.' }),
    follow: follow
      .nullable()
      .meta({ description: 'How the cluster is followed; null before that has begun.' }),
    threads: z.strictObject({ state: threads, query: threads }),
    config: z.strictObject({
      file: text.nullable().meta({ description: 'Null if it all came from the environment.' }),
      reloads: z.strictObject({ applied: count, unchanged: count, failed: count }),
      lastReload: z
        .strictObject({
          at: time,
          trigger: z.enum(['signal', 'http', 'watch']),
          status: z.enum(['applied', 'unchanged', 'failed']),
          changed: keys,
          needsRestart: keys,
          error: text.nullable(),
        })
        .nullable(),
    }),
  })
  .meta({ description: 'How the server fares, in full.' })
