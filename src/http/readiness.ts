import type { Config } from '../config/schema.ts'
import { FRESHNESS } from '../freshness.ts'
import type { GuardStatus, StreamStatus } from '../status.ts'
import type { Snapshot } from '../zone/snapshot.ts'
import type { Notice, Readiness } from './schemas.ts'
import type { ServerStatus, ThreadsStatus } from './server-status.ts'

export interface ReadinessInput {
  readonly status: ServerStatus
  readonly snapshot: Snapshot | undefined
  readonly config: Pick<Config, 'updates' | 'refreshSeconds'>
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Whether clients should be sent here, why not, and what else somebody should look at. Old records are no
 * reason: answering by them is better than not at all, and every replica may be as old.
 */
export function readiness(input: ReadinessInput): Readiness {
  const reasons = reasonsOf(input)
  return { ready: reasons.length === 0, reasons, remarks: remarksOf(input) }
}

/**
 * Milliseconds since a leading master last told that what is known is so; undefined if none ever has. A
 * state thread that is new knows nothing of what the one before it was told, but the zone is still there.
 */
export function stateAge({ status, snapshot, now }: Omit<ReadinessInput, 'config'>) {
  const times = [status.follow?.confirmedAt, snapshot?.receivedAt]
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 ? undefined : Math.max(0, now - Math.max(...known))
}

function reasonsOf(input: ReadinessInput): Notice[] {
  const { status, snapshot } = input
  const notices: Notice[] = []
  if (status.draining) notices.push({ code: 'draining', detail: 'the server is ending' })
  if (snapshot === undefined) {
    const failure = status.follow?.polls.lastFailure?.message
    const why = failure === undefined ? '' : `: ${failure}`
    notices.push({ code: 'no-state', detail: `no state from a Mesos master yet${why}` })
  }
  if (status.freshness === FRESHNESS.EXPIRED) {
    const ageSeconds = ageOf(input)
    const detail = `no word from a leading master for ${ageSeconds} s, longer than maxStale: names of the domain get SERVFAIL`
    notices.push({ code: 'expired', detail, ageSeconds })
  }
  const { query } = status.threads
  if (query.count > 0 && query.running === 0) {
    notices.push({ code: 'no-query-thread', detail: 'all threads that answer are being replaced' })
  }
  return notices
}

function remarksOf(input: ReadinessInput): Notice[] {
  const { status, config } = input
  const { follow, freshness, threads, reloads } = status
  const notices: Notice[] = []
  if (freshness === FRESHNESS.STALE) {
    const ageSeconds = ageOf(input)
    const detail = `no word from a leading master for ${ageSeconds} s; what it said last is served, marked as stale`
    notices.push({ code: 'stale', detail, ageSeconds })
  }
  if (follow !== undefined) {
    const { guard, polls, stream, zookeeper } = follow
    if (guard.holdUntil !== undefined) notices.push(holding(guard, guard.holdUntil))
    if (guard.doubting) {
      const detail =
        'the last state lacked so much that its loss is doubted; it is kept until further states lack it too'
      notices.push({ code: 'doubted-loss', detail })
    }
    if (config.updates !== 'poll' && stream.state !== 'connected') {
      const detail = `${missing(stream)}; the state is fetched every ${config.refreshSeconds} s`
      notices.push({ code: 'no-event-stream', detail })
    }
    if (zookeeper !== undefined && (zookeeper.state !== 'connected' || zookeeper.lastError)) {
      const detail = `ZooKeeper: ${zookeeper.lastError ?? zookeeper.state}; the masters known last are asked`
      notices.push({ code: 'zookeeper-away', detail })
    }
    if (polls.consecutiveFailures > 0) {
      const why = polls.lastFailure?.message ?? 'unknown'
      const detail = `fetches of the state that failed since the last success: ${polls.consecutiveFailures}; ${why}`
      notices.push({ code: 'polls-failing', detail })
    }
  }
  if (isReplacing(threads.state)) {
    const detail = 'the thread that follows the cluster is being replaced; the zone stays as it is'
    notices.push({ code: 'state-thread-replaced', detail })
  }
  if (isReplacing(threads.query) && threads.query.running > 0) {
    const { running, count } = threads.query
    const detail = `${count - running} of ${count} threads that answer are being replaced`
    notices.push({ code: 'query-thread-replaced', detail })
  }
  const result = reloads.last?.result
  if (result?.status === 'failed') {
    const why = result.error?.message ?? 'unknown'
    const detail = `the last reload failed, the settings before it are in effect: ${why}`
    notices.push({ code: 'reload-failed', detail })
  }
  return notices
}

/** Whole seconds. */
function ageOf(input: ReadinessInput): number {
  return Math.floor((stateAge(input) ?? 0) / 1000)
}

function isReplacing({ count, running }: ThreadsStatus): boolean {
  return running < count
}

function holding({ held }: GuardStatus, holdUntil: number): Notice {
  const until = new Date(holdUntil).toISOString()
  const { agents, frameworks, tasks } = held
  const detail = `kept since a change of the leading master: ${agents} agents, ${frameworks} frameworks, ${tasks} tasks; what has not come back is given up at ${until}`
  return { code: 'holding', detail, held, until }
}

function missing({ state, lastError }: StreamStatus): string {
  const why = lastError === undefined ? '' : ` (${lastError})`
  switch (state) {
    case 'unsupported':
      return `the master has no event stream${why}`
    case 'off':
      return `there is no event stream${why}`
    default:
      return `the event stream is not connected: ${state}${why}`
  }
}
