import { randomBytes } from 'node:crypto'
import type { Config } from '../config/schema.ts'
import { createCounters, ThreadCounters } from '../counters/index.ts'
import type { Forwarder } from '../forward/index.ts'
import { Freshness } from '../freshness.ts'
import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import type { Zone } from '../zone/zone.ts'
import { type ListenOptions, openListeners } from './listen.ts'
import { type CloseOptions, type QueryService, startQueryService } from './service.ts'

export { createAnswerer } from './create-answerer.ts'
export { type DnsListeners, type ListenOptions, openListeners } from './listen.ts'
export {
  type CloseOptions,
  type QueryService,
  type QueryServiceOptions,
  type Reconfiguration,
  startQueryService,
} from './service.ts'
export type { ListenSocket, ThreadListeners, UdpListenSocket, UdpMode } from './thread-listeners.ts'

/** A DNS server within one thread. */
export interface DnsServer extends Pick<QueryService, 'reconfigure'> {
  /** The first of `addresses`. */
  readonly address: HostPort
  /** Where it listens; the port is the real one where 0 was configured. */
  readonly addresses: readonly HostPort[]
  /** Answers from this zone from now on. */
  publish(zone: Zone): void
  /** Stops listening, answers what was received, and frees the sockets. Safe to call twice. */
  close(options?: Pick<CloseOptions, 'graceMs'>): Promise<void>
}

export interface DnsServerOptions extends Pick<ListenOptions, 'loadSockets'> {
  readonly config: Config
  readonly version: string
  readonly log: Logger
  readonly forwarder: Forwarder
  /** Addresses of this host, in canonical form; asked again from time to time. */
  readonly addresses: () => readonly string[]
  /** Default: memory of its own. */
  readonly counters?: SharedArrayBuffer
  /** Default: always fresh. */
  readonly freshness?: Freshness
}

/** The secret that all threads make DNS cookies from: the configured one, or one that no other server has. */
export function cookieSecret({ cookieSecret }: Pick<Config, 'cookieSecret'>): Uint8Array {
  return cookieSecret === '' ? randomBytes(16) : Buffer.from(cookieSecret, 'hex')
}

/** Listens and answers in this thread, on UDP and TCP. Rejects with a ListenError. */
export async function listenDns(options: DnsServerOptions): Promise<DnsServer> {
  const { config, counters = createCounters() } = options
  const listeners = await openListeners({ ...options, threads: 1 })
  try {
    const service = await startQueryService({
      ...options,
      listeners: listeners.forThread(0),
      counters: new ThreadCounters(counters),
      cookieSecret: cookieSecret(config),
      freshness: options.freshness ?? new Freshness(),
    })
    const { address, addresses } = listeners
    return {
      address,
      addresses,
      publish: (zone) => service.apply(zone),
      reconfigure: (change) => service.reconfigure(change),
      async close(how) {
        await service.close(how)
        listeners.close()
      },
    }
  } catch (error) {
    listeners.close()
    throw error
  }
}
