import { FRESHNESS, type FreshnessLevel } from '../../freshness.ts'
import type { FollowStatus } from '../../status.ts'
import { readiness, stateAge } from '../readiness.ts'
import type { Api } from '../route.ts'
import type { StatusV2 } from '../schemas.ts'
import type { ReloadsStatus } from '../server-status.ts'

type FreshnessName = NonNullable<StatusV2['freshness']>

const NAMES: Readonly<Record<FreshnessLevel, FreshnessName>> = {
  [FRESHNESS.FRESH]: 'fresh',
  [FRESHNESS.STALE]: 'stale',
  [FRESHNESS.EXPIRED]: 'expired',
}

/** The word for a level, in JSON and as a label. */
export function freshnessName(level: FreshnessLevel): FreshnessName {
  return NAMES[level]
}

/** The body of `GET /v2/status`: times as text, null where there is nothing. */
export function statusBody(api: Pick<Api, 'config' | 'version' | 'status' | 'snapshot' | 'now'>) {
  const { config, version } = api
  const status = api.status()
  const snapshot = api.snapshot()
  const input = { status, snapshot, config, now: api.now() }
  const age = stateAge(input)
  const { follow, freshness, draining, threads, reloads } = status
  return {
    version,
    ready: readiness(input).ready,
    draining,
    freshness: age === undefined ? null : freshnessName(freshness),
    stateAgeSeconds: age === undefined ? null : age / 1000,
    zone: snapshot === undefined ? null : zoneOf(snapshot.zone),
    follow: follow === undefined ? null : followOf(follow),
    threads: { state: { ...threads.state }, query: { ...threads.query } },
    config: { file: config.file === '' ? null : config.file, ...reloadsOf(reloads) },
  } satisfies StatusV2
}

function zoneOf({ serial, names, records }: { serial: number; names: number; records: number }) {
  return { serial, names, records }
}

function followOf(follow: FollowStatus): NonNullable<StatusV2['follow']> {
  const { leader, confirmedAt, leaderChanges, polls, stream, audits, guard, zookeeper } = follow
  const { lastSuccess, lastFailure } = polls
  return {
    leader: leader ?? null,
    confirmedAt: maybeTime(confirmedAt),
    leaderChanges,
    polls: {
      count: polls.count,
      failures: polls.failures,
      consecutiveFailures: polls.consecutiveFailures,
      lastSuccess: lastSuccess === undefined ? null : successOf(lastSuccess),
      lastFailure: lastFailure === undefined ? null : { ...lastFailure, at: time(lastFailure.at) },
    },
    stream: {
      ...stream,
      since: time(stream.since),
      master: stream.master ?? null,
      lastError: stream.lastError ?? null,
      lastEventAt: maybeTime(stream.lastEventAt),
    },
    audits: { ...audits, lastAt: maybeTime(audits.lastAt) },
    guard: { ...guard, holdUntil: maybeTime(guard.holdUntil) },
    zookeeper:
      zookeeper === undefined
        ? null
        : {
            state: zookeeper.state,
            since: time(zookeeper.since),
            lastError: zookeeper.lastError ?? null,
            server: zookeeper.server ?? null,
          },
  }
}

function successOf({
  at,
  master,
  bytes,
  durationMs,
}: NonNullable<FollowStatus['polls']['lastSuccess']>) {
  return { at: time(at), master, bytes, durationSeconds: durationMs / 1000 }
}

function reloadsOf({ applied, unchanged, failed, last }: ReloadsStatus) {
  const reloads = { applied, unchanged, failed }
  if (last === undefined) return { reloads, lastReload: null }
  const { at, trigger, result } = last
  const lastReload = {
    at: time(at),
    trigger,
    status: result.status,
    changed: [...result.changed],
    needsRestart: [...result.needsRestart],
    error: result.error?.message ?? null,
  }
  return { reloads, lastReload }
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function maybeTime(ms: number | undefined): string | null {
  return ms === undefined ? null : time(ms)
}
