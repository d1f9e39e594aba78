import type { Logger } from '../log.ts'
import type { HostPort } from '../net/address.ts'
import type { Handler } from './handler.ts'
import { UdpListener } from './udp.ts'

/** How often addresses that came or went are looked for, in milliseconds. */
const RESCAN_MS = 30_000

/** A bound UDP service, of one socket or several. */
export interface UdpService {
  readonly port: number
  close(): Promise<void>
}

export interface UdpOptions {
  readonly handler: Handler
  readonly log: Logger
  /** Addresses of this host, in canonical form. */
  readonly addresses: () => readonly string[]
}

/** Binds one socket, or for a wildcard address one for each address of the host besides. */
export async function bindUdp(where: HostPort, options: UdpOptions): Promise<UdpService> {
  const { handler, log } = options
  const isWildcard = where.host === '0.0.0.0' || where.host === '::'
  const listener = await UdpListener.bind(where, handler, log, { shared: isWildcard })
  if (!isWildcard) return listener
  const wildcard = new WildcardUdp(where.host, listener, options)
  await wildcard.start()
  return wildcard
}

/**
 * A socket bound to the wildcard address replies from whatever address the route back suggests. On a
 * host with several that may be another than was asked, and clients ignore such a reply. So each address
 * gets a socket of its own, which the system prefers; the wildcard's is left with those not found yet.
 */
class WildcardUdp implements UdpService {
  readonly #wildcard: UdpListener
  readonly #options: UdpOptions
  readonly #family: (address: string) => boolean
  readonly #listeners = new Map<string, UdpListener>()
  #scanning: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(host: string, wildcard: UdpListener, options: UdpOptions) {
    this.#wildcard = wildcard
    this.#options = options
    this.#family = host === '::' ? () => true : (address) => !address.includes(':')
  }

  get port(): number {
    return this.#wildcard.port
  }

  async start(): Promise<void> {
    await this.#scan()
    this.#timer = setInterval(() => {
      this.#scanning = this.#scanning.then(() => this.#scan())
    }, RESCAN_MS)
    this.#timer.unref()
  }

  async #scan(): Promise<void> {
    const present = new Set(
      this.#options.addresses().filter((address) => this.#family(address) && !isLinkLocal(address)),
    )
    for (const [address, listener] of this.#listeners) {
      if (present.has(address)) continue
      this.#listeners.delete(address)
      await listener.close()
    }
    for (const address of present) {
      if (!this.#listeners.has(address)) await this.#listen(address)
    }
  }

  async #listen(host: string): Promise<void> {
    const { handler, log } = this.#options
    const where = { host, port: this.port }
    try {
      this.#listeners.set(host, await UdpListener.bind(where, handler, log, { shared: true }))
    } catch (error) {
      // An address on its way in or out; it is tried again at the next scan.
      log.debug({ address: host, err: (error as Error).message }, 'address not bound')
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#scanning
    const listeners = [this.#wildcard, ...this.#listeners.values()]
    await Promise.all(listeners.map((listener) => listener.close()))
  }
}

/** Bound only together with an interface; replies to them leave from the right one anyway. */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/.test(address)
}
