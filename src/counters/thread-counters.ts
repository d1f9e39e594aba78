import {
  DROP_REASONS,
  type DropReason,
  type Family,
  LATENCY_BUCKETS,
  OTHER_RCODE,
  RCODES,
  SEND_FAILURES,
  type SendFailure,
  SLOT,
  type Transport,
  TYPE_NAMES,
  TYPE_SLOT,
} from './slots.ts'

// Of this module's own, the compiler knows their values; of another's it looks them up each time.
const { REPLIES, TYPES, TRUNCATED } = SLOT
const REPLY_SLOTS = RCODES
const LAST_RCODE = OTHER_RCODE
const NAMED_TYPES = TYPE_NAMES.length
const TYPE_SLOTS = TYPE_SLOT

const OPEN = SLOT.CONNECTIONS
const ACCEPTED = SLOT.CONNECTIONS + 1
const REFUSED = SLOT.CONNECTIONS + 2

/** Buckets in microseconds end at 2^30 at the latest, where 32-bit arithmetic does. */
const MAX_MICROSECONDS = 2 ** 30

/** Counts for one thread, the only one that may write to this memory. Nothing here allocates. */
export class ThreadCounters {
  readonly #slots: Float64Array

  /** `buffer` is from createCounters(). What an earlier thread counted stays, but its connections are gone. */
  constructor(buffer: SharedArrayBuffer) {
    this.#slots = new Float64Array(buffer)
    this.#slots[OPEN] = 0
  }

  /** A reply: to a query of this type (0 if it has none), with this extended RCODE, TC set or not. */
  answered(
    transport: Transport,
    family: Family,
    type: number,
    rcode: number,
    truncated: boolean,
  ): void {
    const slots = this.#slots
    const endpoint = (transport === 'udp' ? 0 : 2) + (family === 4 ? 0 : 1)
    add(slots, REPLIES + endpoint * REPLY_SLOTS + Math.min(rcode, LAST_RCODE), 1)
    add(slots, TYPES + (type < 256 ? (TYPE_SLOTS[type] as number) : NAMED_TYPES), 1)
    if (truncated) add(slots, TRUNCATED, 1)
  }

  /** A query went to an upstream; its reply counts as answered() besides. */
  forwarded(): void {
    add(this.#slots, SLOT.FORWARDED, 1)
  }

  /** A message gets no reply. */
  dropped(reason: DropReason): void {
    add(this.#slots, SLOT.DROPPED + DROP_REASONS.indexOf(reason), 1)
  }

  /** The system dropped so many more datagrams because nobody had fetched them in time. */
  overflow(count: number): void {
    add(this.#slots, SLOT.OVERFLOW, count)
  }

  /** The system did not take a reply, which counts as answered() all the same. */
  sendFailed(reason: SendFailure): void {
    add(this.#slots, SLOT.SEND_FAILED + SEND_FAILURES.indexOf(reason), 1)
  }

  connectionOpened(): void {
    add(this.#slots, OPEN, 1)
    add(this.#slots, ACCEPTED, 1)
  }

  connectionClosed(): void {
    add(this.#slots, OPEN, -1)
  }

  /** A limit did not let a connection in. */
  connectionRefused(): void {
    add(this.#slots, REFUSED, 1)
  }

  /** It took `seconds` from when `count` messages were there until their replies were handed over. */
  latency(seconds: number, count: number): void {
    const slots = this.#slots
    const microseconds = Math.min(Math.ceil(seconds * 1e6), MAX_MICROSECONDS)
    const bucket = microseconds <= 1 ? 0 : 32 - Math.clz32(microseconds - 1)
    add(slots, SLOT.LATENCY + Math.min(bucket, LATENCY_BUCKETS - 1), count)
    add(slots, SLOT.LATENCY_SUM, seconds * count)
  }
}

function add(slots: Float64Array, slot: number, count: number): void {
  slots[slot] = (slots[slot] as number) + count
}
