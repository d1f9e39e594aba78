import type { MesosNsError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { formatHostPort, type HostPort } from '../../net/address.ts'
import type { FullState } from '../../state/full-state.ts'
import { createSubscribedDecoder } from '../../state/stream/subscribed-decoder.ts'
import type { StreamStatus } from '../../status.ts'
import { backoffDelay } from '../backoff.ts'
import { asMesosNsError } from '../errors.ts'
import { FailureLog } from '../failure-log.ts'
import type { BodyConsumer } from '../http-body.ts'
import { EventStreamError } from './errors.ts'
import { type EventBatch, Session, type SubscribedTo } from './session.ts'
import { type SilenceWatch, watchSilence } from './silence.ts'
import { StreamRecord } from './stream-record.ts'

/** Who is told what the stream brings. */
export interface EventStreamReceiver {
  /** A stream is established, and this is what it begins with. */
  subscribed(full: FullState, master: HostPort): void
  batch(batch: EventBatch): void
  /** An established stream has ended. */
  lost(): void
  /** The status is another one; `isNews` if not only by its counters. */
  changed(isNews: boolean): void
}

export interface EventStreamOptions {
  /** As a Subscriber does, of the masters known at the moment. */
  readonly connect: (open: (master: HostPort) => BodyConsumer, signal: AbortSignal) => Promise<void>
  readonly receiver: EventStreamReceiver
  /** How long a master may take until it has sent all of SUBSCRIBED. */
  readonly timeoutMs: number
  /** Whether it is worth a warning that a master has no event stream. */
  readonly isWanted: boolean
  readonly log: Logger
  /** 0 ≤ x < 1. */
  readonly random?: () => number
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

/** A heartbeat may be late, and one may get lost on the way of a busy master's queue. */
const HEARTBEATS_MISSED = 2.5
/** A stream that lasted for so long ended for something new. */
const STABLE_MS = 60_000
const BACKOFF = { minMs: 500, maxMs: 30_000 }
/** A master that recovers, or an election, takes seconds. */
const SOON = { minMs: 500, maxMs: 5_000 }
/** A master that has no event stream may be replaced by one that has. */
const UNSUPPORTED_MS = 600_000

/**
 * Keeps an event stream of the leading master: connects, notices when it is dead, and connects again. It begins
 * again with short pauses only after a stream that lasted: a master that has too many subscribers ends the
 * oldest stream, and they must not drive each other out.
 */
export class EventStream {
  readonly #options: EventStreamOptions
  readonly #random: () => number
  readonly #now: () => number
  readonly #record: StreamRecord
  readonly #decoder = createSubscribedDecoder()
  readonly #failureLog: FailureLog
  #unsupportedReason: string | undefined
  #retries = 0
  #attempts = 0
  #isLeft = false
  #running: Promise<void> | undefined
  #stopped = false
  #controller: AbortController | undefined
  #wake: (() => void) | undefined

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.#random = options.random ?? Math.random
    this.#now = options.now ?? (() => performance.now())
    this.#record = new StreamRecord(options.clock ?? Date.now)
    this.#failureLog = new FailureLog(options.log, {
      failed: 'no event stream; the state is fetched instead',
      recovered: 'event stream connected',
    })
  }

  get status(): StreamStatus {
    return this.#record.status
  }

  /** The master that it is connected to. */
  get master(): HostPort | undefined {
    return this.#record.master
  }

  /** How often it has begun to connect. */
  get attempts(): number {
    return this.#attempts
  }

  get isConnecting(): boolean {
    return this.#record.status.state === 'connecting'
  }

  /** Begins to connect; nothing new if it has begun already. */
  start(): void {
    if (!this.#stopped) this.#running ??= this.#live()
  }

  /** Another master leads: leaves the one it is connected to, or waits for, at once. Does not start it. */
  reconnect(): void {
    if (this.#running === undefined) return
    this.#retries = 0
    this.#isLeft = true
    this.#controller?.abort(new EventStreamError('lost', 'another master leads now'))
    this.#wake?.()
  }

  /** Ends for good; settles when nothing of it is left. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#controller?.abort(new EventStreamError('lost', 'stopped'))
    this.#wake?.()
    await this.#running
  }

  async #live(): Promise<void> {
    while (!this.#stopped) {
      this.#isLeft = false
      this.#attempts++
      this.#enter('connecting')
      const error = await this.#attempt()
      if (this.#stopped) break
      if (!this.#isLeft) await this.#pause(this.#failed(error))
    }
    this.#record.enter('off')
  }

  /** One connection, from its beginning to its end. Resolves with why it ended. */
  async #attempt(): Promise<unknown> {
    const { connect, receiver, timeoutMs } = this.#options
    const controller = new AbortController()
    this.#controller = controller
    const give = (reason: string) => controller.abort(new EventStreamError('lost', reason))
    const seconds = timeoutMs / 1000
    const deadline = setTimeout(() => give(`no complete SUBSCRIBED within ${seconds} s`), timeoutMs)
    let session: Session | undefined
    let silence: SilenceWatch | undefined
    let establishedAt: number | undefined
    const established = (full: FullState, { master, heartbeatMs }: SubscribedTo) => {
      clearTimeout(deadline)
      establishedAt = this.#now()
      const limitMs = heartbeatMs * HEARTBEATS_MISSED
      const dead = `${formatHostPort(master)} has sent nothing for ${limitMs / 1000} s`
      silence = watchSilence(limitMs, this.#now, () => give(dead))
      this.#record.connected(master)
      this.#unsupportedReason = undefined
      this.#failureLog.succeeded({ master: formatHostPort(master) })
      receiver.changed(true)
      receiver.subscribed(full, master)
    }
    const batch = (brought: EventBatch) => {
      this.#record.count(brought.types)
      receiver.batch(brought)
      receiver.changed(false)
    }
    let fault: unknown
    const open = (master: HostPort): BodyConsumer => {
      const opened = new Session(master, this.#decoder, { subscribed: established, batch })
      session = opened
      return (octets) => {
        if (controller.signal.aborted) return
        silence?.heard()
        try {
          opened.take(octets)
        } catch (error) {
          // As it was thrown: those in between may tell it in other words.
          fault = error
          throw error
        }
      }
    }
    try {
      await connect(open, controller.signal)
      return session?.ended()
    } catch (error) {
      return fault ?? error
    } finally {
      clearTimeout(deadline)
      silence?.stop()
      this.#controller = undefined
      if (establishedAt !== undefined) {
        if (this.#now() - establishedAt >= STABLE_MS) this.#retries = 0
        this.#record.enter('connecting')
        receiver.lost()
      }
    }
  }

  /** Returns the milliseconds until the next attempt. */
  #failed(cause: unknown): number {
    const error = asMesosNsError(cause)
    const fault = error instanceof EventStreamError ? error.fault : 'lost'
    this.#record.failed(error.message)
    if (fault === 'unsupported') {
      this.#unsupported(error)
      return UNSUPPORTED_MS
    }
    this.#failureLog.failed(error)
    this.#enter('waiting')
    const bounds = fault === 'not-ready' ? SOON : BACKOFF
    return backoffDelay(this.#retries++, bounds, this.#random)
  }

  #unsupported(error: MesosNsError): void {
    this.#enter('unsupported')
    if (error.message === this.#unsupportedReason) return
    this.#unsupportedReason = error.message
    const { log, isWanted } = this.#options
    const fields = { code: error.code, reason: error.message }
    const message = 'the leading master has no event stream; the state is fetched instead'
    if (isWanted) log.warn(fields, message)
    else log.info(fields, message)
  }

  #enter(state: StreamStatus['state']): void {
    this.#record.enter(state)
    this.#options.receiver.changed(true)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
