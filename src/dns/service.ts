import type { Config } from '../config/schema.ts'
import type { ThreadCounters } from '../counters/index.ts'
import { createFaultLog } from '../fault-log.ts'
import type { Forwarder } from '../forward/index.ts'
import type { Logger } from '../log.ts'
import { loadSockets } from '../sockets/index.ts'
import type { Zone } from '../zone/zone.ts'
import { Activity, turn } from './activity.ts'
import { createAnswerer } from './create-answerer.ts'
import { Handler } from './handler.ts'
import { openTcp, type TcpListener } from './tcp.ts'
import type { ThreadListeners } from './thread-listeners.ts'
import type { UdpService } from './udp.ts'
import { openUdp } from './udp-service.ts'

/** What a query thread does: it answers. */
export interface QueryService {
  /** Answers from this zone from now on. */
  apply(zone: Zone): void
  /**
   * Takes no more connections, answers what the system has received for this thread and waits for
   * upstreams; then closes the forwarder and the thread's sockets. Safe to call twice.
   */
  close(): Promise<void>
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
  /** Addresses of this host, in canonical form; asked again from time to time. */
  readonly addresses: () => readonly string[]
}

/** Answers on the sockets of one thread, SERVFAIL until there is a zone. Rejects with a ListenError. */
export async function startQueryService(options: QueryServiceOptions): Promise<QueryService> {
  const { config, version, log, listeners, counters, forwarder } = options
  const answerer = createAnswerer(config, version, options.cookieSecret)
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
    let closed: Promise<void> | undefined
    return {
      apply(zone) {
        answerer.zone = zone
      },
      close() {
        closed ??= close({ udp, tcp, forwarder, activity })
        return closed
      },
    }
  } catch (error) {
    await udp.close()
    throw error
  }
}

interface Closing {
  readonly udp: UdpService
  readonly tcp: readonly TcpListener[]
  readonly forwarder: Forwarder
  readonly activity: Activity
}

async function close({ udp, tcp, forwarder, activity }: Closing): Promise<void> {
  await activity.settled()
  // UDP goes on meanwhile: nothing that arrives before the end is lost.
  await Promise.all([...tcp.map((listener) => listener.close()), forwarder.close()])
  udp.drain()
  // The last replies of upstreams, or of the closed forwarder, are sent in here.
  await turn()
  await udp.close()
}
