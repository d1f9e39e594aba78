import { RCODE, TYPE } from '../net/dns-numbers.ts'

/**
 * What is counted, and where: one array of 64-bit floats per thread, which are whole numbers up to 2^53.
 * Only that thread writes to it, so an increment needs no lock and costs nothing else. A reader in another
 * thread sees each number as it is or as it was a moment ago; aligned 64-bit loads and stores are whole on
 * every machine that Node.js runs on.
 */

export type Transport = 'udp' | 'tcp'
export type Family = 4 | 6

export const ENDPOINTS = ['udp4', 'udp6', 'tcp4', 'tcp6'] as const

/** Types that are counted by name; every other one, and a query without a question, is `other`. */
export const TYPE_NAMES = [
  'A',
  'AAAA',
  'SRV',
  'PTR',
  'NS',
  'SOA',
  'CNAME',
  'TXT',
  'MX',
  'NAPTR',
  'DS',
  'DNSKEY',
  'SVCB',
  'HTTPS',
  'ANY',
] as const
export const TYPE_KEYS = [...TYPE_NAMES, 'other'] as const

/** Extended RCODEs are counted by number up to BADCOOKIE, the last one assigned; then one slot for others. */
export const OTHER_RCODE = RCODE.BADCOOKIE + 1
export const RCODES = OTHER_RCODE + 1

/**
 * Why a message got no reply: it is shorter than a header, is itself a response, came from port 0, or its
 * reply was ready when the socket was closed already.
 */
export const DROP_REASONS = ['short', 'response', 'port-0', 'closed'] as const
export type DropReason = (typeof DROP_REASONS)[number]

/** Why the system did not take a reply: ENOBUFS or the like, EMSGSIZE, an ICMP error or no route, others. */
export const SEND_FAILURES = ['no-buffers', 'too-long', 'unreachable', 'other'] as const
export type SendFailure = (typeof SEND_FAILURES)[number]

/** What becomes of TCP connections: `open` now, accepted in all, refused because of a limit. */
export const CONNECTION_COUNTS = ['open', 'accepted', 'refused'] as const

/** Latency buckets: up to 1 µs, 2 µs, 4 µs … 2^24 µs (16.8 s), and beyond. */
export const LATENCY_BUCKETS = 26

/** Number of the first slot of each group. */
export const SLOT = (() => {
  let next = 0
  const take = (slots: number) => {
    next += slots
    return next - slots
  }
  return {
    /** Replies by endpoint and RCODE: RCODES slots for each endpoint. */
    REPLIES: take(ENDPOINTS.length * RCODES),
    TYPES: take(TYPE_KEYS.length),
    TRUNCATED: take(1),
    FORWARDED: take(1),
    DROPPED: take(DROP_REASONS.length),
    OVERFLOW: take(1),
    SEND_FAILED: take(SEND_FAILURES.length),
    CONNECTIONS: take(CONNECTION_COUNTS.length),
    LATENCY: take(LATENCY_BUCKETS),
    LATENCY_SUM: take(1),
    END: next,
  } as const
})()

/** Slot of each type number below 256, counted from SLOT.TYPES; the rest is `other`. */
export const TYPE_SLOT: Uint8Array = new Uint8Array(256).fill(TYPE_NAMES.length)
TYPE_NAMES.forEach((name, slot) => {
  TYPE_SLOT[TYPE[name]] = slot
})

/** Memory for the counters of one thread, all zero. It outlives the thread. */
export function createCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(SLOT.END * Float64Array.BYTES_PER_ELEMENT)
}
