import type { Config } from '../config/schema.ts'
import type { ThreadCounters } from '../counters/index.ts'
import { createFaultLog } from '../fault-log.ts'
import type { Forwarder } from '../forward/index.ts'
import type { Freshness } from '../freshness.ts'
import type { Logger } from '../log.ts'
import { loadSockets } from '../sockets/index.ts'
import type { Zone } from '../zone/zone.ts'
import { Activity, turn } from './activity.ts'
import type { Answerer } from './answer.ts'
import { createAnswerer } from './create-answerer.ts'
import { Handler } from './handler.ts'
import { openTcp, type TcpService } from './tcp.ts'
import type { ThreadListeners } from './thread-listeners.ts'
import type { UdpService } from './udp.ts'
import { openUdp } from './udp-service.ts'

/** What a query thread does: it answers. */
export interface QueryService {
  /** Answers from this zone from now on. */
  apply(zone: Zone): void
  /**
   * Answers by another configuration from the next query on. Connections stay, with the new idle timeout;
   * limits of their number hold for new ones. What is being forwarded ends with the forwarder before, which is
   * then closed. What the sockets were opened with stays: addresses, port, `udp`, `udpReceiveBuffer`, `workers`.
   *
   * @throws RangeError if the domain is no name, or the zone not that domain's; nothing has changed then
   */
  reconfigure(change: Reconfiguration): void
  /**
   * Takes no more connections, answers what the system has received for this thread, and closes the
   * forwarder and the thread's sockets. A second call changes nothing.
   */
  close(options?: CloseOptions): Promise<void>
}

export interface CloseOptions {
  /**
   * Whether another service answers on the same sockets by now: then what has not been received yet is left
   * to it, and the sockets go on listening. Default: false.
   */
  readonly successor?: boolean
  /** How long upstreams may take for what they were asked, until it gets SERVFAIL. Default: 0. */
  readonly graceMs?: number
}

export interface Reconfiguration {
  readonly config: Config
  /** See QueryServiceOptions; where the configuration has none, the one that there was. */
  readonly cookieSecret: Uint8Array
  /** The present one if it is to be kept; another one belongs to the service from now on. */
  readonly forwarder: Forwarder
  /** Default: the present one; that of another domain is answered from no more, but with SERVFAIL. */
  readonly zone?: Zone | undefined
}

export interface QueryServiceOptions {
  readonly config: Config
  /** Of the package. */
  readonly version: string
  readonly log: Logger
  readonly listeners: ThreadListeners
  readonly counters: ThreadCounters
  /** 16 octets that DNS cookies are made from, the same in all threads. */
  readonly cookieSecret: Uint8Array
  /** Belongs to the service from now on. */
  readonly forwarder: Forwarder
  /** How far the zone can be relied on. */
  readonly freshness: Freshness
  /** Addresses of this host, in canonical form; asked again from time to time. */
  readonly addresses: () => readonly string[]
}

/** Answers on the sockets of one thread, SERVFAIL until there is a zone. Rejects with a ListenError. */
export async function startQueryService(options: QueryServiceOptions): Promise<QueryService> {
  const { config, version, log, listeners, counters, forwarder } = options
  const answerer = createAnswerer(config, version, options.cookieSecret, options.freshness)
  const onFault = createFaultLog(log, 'dns query could not be answered', Date.now)
  const handler = new Handler(answerer, forwarder, counters, onFault)
  const activity = new Activity()
  const context = { handler, counters, activity, log }
  const hasDescriptors = listeners.udp.some(({ fd }) => fd !== undefined)
  const sockets = hasDescriptors ? loadSockets() : undefined
  const { addresses } = options
  const receiveBuffer = config.udpReceiveBuffer
  const udp = await openUdp({ listeners, sockets, receiveBuffer, addresses }, context)
  try {
    const tcp = await openTcp(listeners, sockets, config, context)
    return new ThreadService(options, { handler, answerer, activity, udp, tcp })
  } catch (error) {
    await udp.close()
    throw error
  }
}

/** What a service is made of. */
interface Parts {
  readonly handler: Handler
  readonly answerer: Answerer
  readonly activity: Activity
  readonly udp: UdpService
  readonly tcp: TcpService
}

class ThreadService implements QueryService {
  readonly #parts: Parts
  readonly #version: string
  readonly #freshness: Freshness
  #answerer: Answerer
  #forwarder: Forwarder
  /** Earlier forwarders that queries still wait for. */
  readonly #finishing = new Set<Forwarder>()
  #closed: Promise<void> | undefined

  constructor({ version, freshness, forwarder }: QueryServiceOptions, parts: Parts) {
    this.#parts = parts
    this.#version = version
    this.#freshness = freshness
    this.#answerer = parts.answerer
    this.#forwarder = forwarder
  }

  apply(zone: Zone): void {
    this.#answerer.zone = zone
  }

  reconfigure({ config, cookieSecret, forwarder, zone }: Reconfiguration): void {
    if (this.#closed !== undefined) {
      if (forwarder !== this.#forwarder) void forwarder.close()
      return
    }
    const { handler, tcp } = this.#parts
    const answerer = createAnswerer(config, this.#version, cookieSecret, this.#freshness)
    const present = this.#answerer.zone
    if (zone !== undefined) {
      if (!answerer.isOfDomain(zone)) {
        throw new RangeError(`the zone is not that of domain ${config.domain}`)
      }
      answerer.zone = zone
    } else if (present !== undefined && answerer.isOfDomain(present)) {
      answerer.zone = present
    }
    handler.use(answerer, forwarder)
    tcp.configure(config)
    this.#answerer = answerer
    this.#replaceForwarder(forwarder)
  }

  #replaceForwarder(forwarder: Forwarder): void {
    const before = this.#forwarder
    if (forwarder === before) return
    this.#forwarder = forwarder
    this.#finishing.add(before)
    void before.finish().then(() => this.#finishing.delete(before))
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#close(options)
    return this.#closed
  }

  async #close({ successor = false, graceMs = 0 }: CloseOptions): Promise<void> {
    const { activity, tcp, udp } = this.#parts
    await activity.settled()
    if (successor) {
      tcp.leave()
      // Its sockets may not be all of ours: what waits in the others would be lost.
      udp.drain()
      udp.leave()
      await activity.settled()
    }
    // UDP goes on meanwhile, unless somebody else reads: nothing that arrives before the end is lost.
    const forwarders = [this.#forwarder, ...this.#finishing]
    const ended = tcp.close()
    if (graceMs > 0)
      await within(
        graceMs,
        forwarders.map((forwarder) => forwarder.finish()),
      )
    await Promise.all([ended, ...forwarders.map((forwarder) => forwarder.close())])
    udp.drain()
    // The last replies of upstreams, or of the closed forwarder, are sent in here.
    await turn()
    await udp.close()
  }
}

/** Settles when all of them have, after so many milliseconds at the latest. */
async function within(milliseconds: number, promises: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([late, Promise.all(promises)])
  clearTimeout(timer)
}
