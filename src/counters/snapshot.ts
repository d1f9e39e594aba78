import { RCODE } from '../net/dns-numbers.ts'
import {
  CONNECTION_COUNTS,
  DROP_REASONS,
  type DropReason,
  ENDPOINTS,
  LATENCY_BUCKETS,
  OTHER_RCODE,
  RCODES,
  SEND_FAILURES,
  type SendFailure,
  SLOT,
  TYPE_KEYS,
} from './slots.ts'

/** What one thread has counted since its memory was made, or several together. */
export interface Counts {
  /** Replies, forwarded ones included. */
  readonly answers: number
  readonly byTransport: Readonly<Record<(typeof ENDPOINTS)[number], number>>
  readonly byType: Readonly<Record<(typeof TYPE_KEYS)[number], number>>
  /** By name (`NXDOMAIN`) or number (`RCODE7`), or `other`; those that never occurred are left out. */
  readonly byRcode: Readonly<Record<string, number>>
  /** Replies with TC. */
  readonly truncated: number
  /** Queries handed to upstreams. */
  readonly forwarded: number
  /** Messages that got no reply. */
  readonly dropped: Readonly<Record<DropReason, number>>
  /** Datagrams that the system dropped because the receive buffer was full. */
  readonly overflow: number
  /** Replies that the system did not take. */
  readonly sendFailed: Readonly<Record<SendFailure, number>>
  readonly connections: Readonly<Record<(typeof CONNECTION_COUNTS)[number], number>>
  readonly latency: {
    readonly count: number
    /** Seconds in all. */
    readonly sum: number
    /** How many took up to `seconds`, each counted in one bucket only; the last has no bound: null. */
    readonly buckets: readonly { readonly seconds: number | null; readonly count: number }[]
  }
}

export interface CountersSnapshot {
  readonly total: Counts
  /** In the order of the buffers. */
  readonly threads: readonly Counts[]
}

const RCODE_NAME = new Map<number, string>([
  ...Object.entries(RCODE).map(([name, rcode]) => [rcode, name] as const),
  [OTHER_RCODE, 'other'],
])

/**
 * Reads the counters of all threads, while they count on. What `past` holds, of threads that are no more, is
 * part of the total.
 */
export function readCounters(
  buffers: readonly SharedArrayBuffer[],
  past?: SharedArrayBuffer,
): CountersSnapshot {
  const threads = buffers.map((buffer) => Float64Array.from(new Float64Array(buffer)))
  const total = new Float64Array(SLOT.END)
  if (past !== undefined) total.set(new Float64Array(past))
  for (const slots of threads) addTo(total, slots)
  return { total: countsOf(total), threads: threads.map(countsOf) }
}

/** Adds to `past`, memory of createCounters(), what a thread has counted that is no more; nothing of it is open. */
export function keepCounters(past: SharedArrayBuffer, ended: SharedArrayBuffer): void {
  const total = new Float64Array(past)
  addTo(total, new Float64Array(ended))
  total[SLOT.CONNECTIONS + CONNECTION_COUNTS.indexOf('open')] = 0
}

function addTo(total: Float64Array, slots: Float64Array): void {
  slots.forEach((count, slot) => {
    total[slot] = (total[slot] ?? 0) + count
  })
}

function countsOf(slots: Float64Array): Counts {
  const at = (slot: number) => slots[slot] ?? 0
  const group = <Key extends string>(keys: readonly Key[], first: number) =>
    Object.fromEntries(keys.map((key, i) => [key, at(first + i)])) as Record<Key, number>
  const sum = (first: number, count: number) =>
    slots.subarray(first, first + count).reduce((all, one) => all + one, 0)

  const byRcode: Record<string, number> = {}
  for (let rcode = 0; rcode < RCODES; rcode++) {
    const count = ENDPOINTS.reduce((all, _, i) => all + at(SLOT.REPLIES + i * RCODES + rcode), 0)
    if (count > 0) byRcode[RCODE_NAME.get(rcode) ?? `RCODE${rcode}`] = count
  }
  return {
    answers: sum(SLOT.REPLIES, ENDPOINTS.length * RCODES),
    byTransport: Object.fromEntries(
      ENDPOINTS.map((endpoint, i) => [endpoint, sum(SLOT.REPLIES + i * RCODES, RCODES)]),
    ) as Counts['byTransport'],
    byType: group(TYPE_KEYS, SLOT.TYPES),
    byRcode,
    truncated: at(SLOT.TRUNCATED),
    forwarded: at(SLOT.FORWARDED),
    dropped: group(DROP_REASONS, SLOT.DROPPED),
    overflow: at(SLOT.OVERFLOW),
    sendFailed: group(SEND_FAILURES, SLOT.SEND_FAILED),
    connections: group(CONNECTION_COUNTS, SLOT.CONNECTIONS),
    latency: {
      count: sum(SLOT.LATENCY, LATENCY_BUCKETS),
      sum: at(SLOT.LATENCY_SUM),
      buckets: Array.from({ length: LATENCY_BUCKETS }, (_, i) => ({
        seconds: i < LATENCY_BUCKETS - 1 ? 2 ** i / 1e6 : null,
        count: at(SLOT.LATENCY + i),
      })),
    },
  }
}
