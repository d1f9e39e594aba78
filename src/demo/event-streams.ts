import type { ServerResponse } from 'node:http'
import type { ClusterChange } from './change.ts'
import type { SimulatedCluster } from './cluster.ts'
import { FaultScript } from './fault-script.ts'
import type { Fault } from './faults.ts'
import type { SimulatedMaster } from './model.ts'
import { renderJson } from './render.ts'
import type { StreamFault } from './stream-faults.ts'
import { Subscriber } from './subscriber.ts'
import type { Testimony } from './testimony.ts'
import { subscribedDocument } from './v1-document.ts'
import { eventsOf, HEARTBEAT } from './v1-events.ts'

export interface EventStreamsOptions {
  /** Default 15, as in Mesos. */
  readonly heartbeatSeconds?: number
  /** As a master's --max_operator_event_stream_subscribers (default 1000). */
  readonly maxSubscribers?: number
}

const HEARTBEAT_RECORD = [Buffer.from(JSON.stringify(HEARTBEAT))]

/** The clients that have subscribed to one master's events. */
export class EventStreams {
  /** What the next records meet, whichever stream they are of. */
  readonly faults = new FaultScript<StreamFault>()
  /** What the next SUBSCRIBE requests meet; without, the standing fault of all requests. */
  readonly requestFaults = new FaultScript<Fault>()

  readonly #cluster: SimulatedCluster
  readonly #master: SimulatedMaster
  readonly #testimony: Testimony
  readonly #heartbeatSeconds: number
  readonly #maxSubscribers: number
  /** Oldest first. */
  readonly #subscribers = new Set<Subscriber>()
  readonly #ignore: () => void

  constructor(
    cluster: SimulatedCluster,
    master: SimulatedMaster,
    testimony: Testimony,
    { heartbeatSeconds = 15, maxSubscribers = 1000 }: EventStreamsOptions = {},
  ) {
    this.#cluster = cluster
    this.#master = master
    this.#testimony = testimony
    this.#heartbeatSeconds = heartbeatSeconds
    this.#maxSubscribers = maxSubscribers
    this.#ignore = cluster.onChange((change) => this.#tell(change))
  }

  /** How many there are. */
  get size(): number {
    return this.#subscribers.size
  }

  /**
   * Streams to a client: what the master knows now, then each event as it happens. What happens while
   * the first record is still being made follows it.
   */
  subscribe(response: ServerResponse): void {
    const subscriber = new Subscriber(response, this.faults)
    const state = renderJson(subscribedDocument(this.#testimony.view(), this.#heartbeatSeconds))
    subscriber.send('subscribed', state)
    const beat = () => subscriber.send('heartbeat', HEARTBEAT_RECORD)
    beat()
    const heart = setInterval(beat, this.#heartbeatSeconds * 1000).unref()
    this.#subscribers.add(subscriber)
    response.once('close', () => {
      clearInterval(heart)
      this.#subscribers.delete(subscriber)
    })
    const [oldest] = this.#subscribers
    if (this.#subscribers.size > this.#maxSubscribers) oldest?.end()
  }

  /** Ends every stream with its last chunk; connections stay. */
  end(): void {
    for (const subscriber of this.#subscribers) subscriber.end()
  }

  /** Closes every stream's connection without a word. */
  cut(): void {
    for (const subscriber of this.#subscribers) subscriber.cut()
  }

  /** Listens to the cluster no more. */
  close(): void {
    this.#ignore()
    this.cut()
  }

  #tell(change: ClusterChange): void {
    // A master that loses the lead ends its process.
    if (change.kind === 'leader-elected' && change.leader !== this.#master) this.cut()
    if (this.#subscribers.size === 0 || !this.#testimony.isHonest) return
    if (this.#cluster.leader !== this.#master) return
    for (const event of eventsOf(change)) {
      const record = [Buffer.from(JSON.stringify(event))]
      for (const subscriber of this.#subscribers) subscriber.send('event', record)
    }
  }
}
