import type { MesosNsError } from '../../errors.ts'
import { formatHostPort, type HostPort } from '../../net/address.ts'
import type { Problem } from '../../report.ts'
import type { ClusterEvent } from '../../state/cluster-event.ts'
import { type DecodedEvent, decodeEvent } from '../../state/decode-event.ts'
import { StateFormatError } from '../../state/errors.ts'
import type { FullState } from '../../state/full-state.ts'
import { Compactor } from '../../state/stream/compact.ts'
import type { SubscribedDecoder, SubscribedReader } from '../../state/stream/subscribed-decoder.ts'
import { EventStreamError } from './errors.ts'
import { RecordReader, type RecordReceiver } from './record-io.ts'

/** What one piece of a stream brought. */
export interface EventBatch {
  /** Those that change something, in their order. */
  readonly events: readonly ClusterEvent[]
  /** The types of all records, as Mesos spells them. */
  readonly types: readonly string[]
  /** Of records of which nothing could be made: something has changed, but not what. */
  readonly unreadable: readonly Problem[]
}

export interface SessionReceiver {
  /** The stream is established. */
  subscribed(full: FullState, session: SubscribedTo): void
  /** After each piece that brought records. */
  batch(batch: EventBatch): void
}

export interface SubscribedTo {
  readonly master: HostPort
  /** Milliseconds between two heartbeats. */
  readonly heartbeatMs: number
}

const DEFAULT_HEARTBEAT_SECONDS = 15
const HEARTBEAT_SECONDS = { min: 1, max: 120 }

/** One connection's records: SUBSCRIBED, and then events. Takes the octets as they arrive. */
export class Session implements RecordReceiver {
  readonly master: HostPort
  readonly #receiver: SessionReceiver
  readonly #subscribed: SubscribedReader
  readonly #reader = new RecordReader(this)
  readonly #compactor = new Compactor({ poolStrings: true })
  #established = false
  #batch: { events: ClusterEvent[]; types: string[]; unreadable: Problem[] } = emptyBatch()

  constructor(master: HostPort, decoder: SubscribedDecoder, receiver: SessionReceiver) {
    this.master = master
    this.#subscribed = decoder.begin()
    this.#receiver = receiver
  }

  get established(): boolean {
    return this.#established
  }

  /** Throws EventStreamError where this cannot be a stream of records, and whatever the receiver throws. */
  take(octets: Uint8Array): void {
    try {
      this.#reader.push(octets)
    } catch (error) {
      throw this.#judge(error)
    }
    const batch = this.#batch
    if (batch.types.length === 0) return
    this.#batch = emptyBatch()
    this.#receiver.batch(batch)
  }

  /** What it means that the master has ended the answer. */
  ended(): MesosNsError {
    const when = this.#established
      ? this.#reader.complete
        ? 'ended the event stream'
        : 'ended the event stream within a record'
      : 'ended its answer before SUBSCRIBED was complete'
    return new EventStreamError('lost', `${formatHostPort(this.master)} ${when}`)
  }

  firstOctets(octets: Uint8Array): void {
    this.#subscribed.push(octets)
  }

  firstEnd(): void {
    const { full, heartbeatSeconds = DEFAULT_HEARTBEAT_SECONDS } = this.#subscribed.finish()
    const { min, max } = HEARTBEAT_SECONDS
    const seconds = Math.min(max, Math.max(min, heartbeatSeconds))
    this.#established = true
    this.#receiver.subscribed(full, { master: this.master, heartbeatMs: seconds * 1000 })
    this.#batch.types.push('SUBSCRIBED')
  }

  record(octets: Uint8Array): void {
    const { type, event, problems } = this.#decode(octets)
    this.#batch.types.push(type)
    if (event !== undefined) this.#batch.events.push(event)
    else this.#batch.unreadable.push(...problems)
  }

  /** The framing is right, so what cannot be read is this record only. */
  #decode(octets: Uint8Array): DecodedEvent {
    try {
      const { buffer, byteOffset, byteLength } = octets
      const text = Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
      return decodeEvent(JSON.parse(text), this.#compactor)
    } catch (error) {
      if (!(error instanceof StateFormatError || error instanceof SyntaxError)) throw error
      const problem = { kind: 'event-odd', object: '', detail: `${error.message}; left out` }
      return { type: '', event: undefined, problems: [problem] }
    }
  }

  /** What begins as no stream is none; what has been one before is broken. */
  #judge(error: unknown): unknown {
    const isFormat = error instanceof StateFormatError || error instanceof EventStreamError
    if (!isFormat) return error
    const where = formatHostPort(this.master)
    if (!this.#established) {
      const message = `${where} answers SUBSCRIBE with something else than events: ${error.message}`
      return new EventStreamError('unsupported', message, { cause: error })
    }
    return new EventStreamError('lost', `${where} sends a broken stream: ${error.message}`, {
      cause: error,
    })
  }
}

function emptyBatch() {
  return { events: [], types: [], unreadable: [] }
}
