import { formatHostPort, type HostPort } from '../../net/address.ts'
import type { StreamStatus } from '../../status.ts'

/** What `events` tells apart; masters to come may send others. */
const TYPES: ReadonlySet<string> = new Set([
  'SUBSCRIBED',
  'HEARTBEAT',
  'TASK_ADDED',
  'TASK_UPDATED',
  'AGENT_ADDED',
  'AGENT_REMOVED',
  'FRAMEWORK_ADDED',
  'FRAMEWORK_UPDATED',
  'FRAMEWORK_REMOVED',
])

/** Keeps count of what becomes of an event stream. */
export class StreamRecord {
  readonly #clock: () => number
  readonly #events: Record<string, number> = {}
  #master: HostPort | undefined
  #state: StreamStatus['state'] = 'off'
  #since: number
  #connects = 0
  #failures = 0
  #lastError: string | undefined
  #lastEventAt: number | undefined

  /** `clock` gives milliseconds since the epoch. */
  constructor(clock: () => number) {
    this.#clock = clock
    this.#since = clock()
  }

  get master(): HostPort | undefined {
    return this.#master
  }

  get status(): StreamStatus {
    return {
      state: this.#state,
      since: this.#since,
      master: this.#master && formatHostPort(this.#master),
      connects: this.#connects,
      failures: this.#failures,
      lastError: this.#lastError,
      events: { ...this.#events },
      lastEventAt: this.#lastEventAt,
    }
  }

  connected(master: HostPort): void {
    this.enter('connected')
    this.#master = master
    this.#connects++
  }

  /** Any state but `connected`. */
  enter(state: StreamStatus['state']): void {
    this.#master = undefined
    if (state === this.#state) return
    this.#state = state
    this.#since = this.#clock()
  }

  failed(message: string): void {
    this.#failures++
    this.#lastError = message
  }

  /** Heartbeats are counted, but they are no events. */
  count(types: readonly string[]): void {
    for (const type of types) {
      const key = TYPES.has(type) ? type : 'other'
      this.#events[key] = (this.#events[key] ?? 0) + 1
      if (type !== 'HEARTBEAT') this.#lastEventAt = this.#clock()
    }
  }
}
