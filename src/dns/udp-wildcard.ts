import { bytesToIp } from '../net/address.ts'
import type { LocalAddress } from '../sockets/index.ts'
import type { LocalAddresses } from './local-addresses.ts'
import type { ThreadContext } from './thread-context.ts'
import { isLinkLocal } from './thread-listeners.ts'
import type { UdpService } from './udp.ts'

/** How often addresses that came or went are looked for, in milliseconds. */
const RESCAN_MS = 30_000

/** An address that can have a socket of its own. `scope` is the interface of a link-local one. */
export interface SocketAddress {
  readonly host: string
  readonly scope?: number
}

export interface WildcardOptions {
  /** The wildcard addresses that are listened on. */
  readonly wildcards: readonly string[]
  /** Addresses of this host, in canonical form. */
  readonly addresses: () => readonly string[]
  readonly shared: LocalAddresses
  /** Opens a socket for an address. Rejects with the system's error. */
  readonly open: (address: SocketAddress) => Promise<UdpService>
  readonly log: ThreadContext['log']
}

interface Entry {
  /** Undefined while it is being opened. */
  service: UdpService | undefined
  /** Whether it goes when the address goes from its interface. */
  readonly passing: boolean
}

/**
 * A socket bound to a wildcard address replies from whatever address the route back suggests. On a
 * host with several that may be another than was asked, and clients ignore such a reply. So each address
 * gets a socket of its own, which the system prefers; the wildcard's is left with those not found yet.
 */
export class AddressSockets implements UdpService {
  readonly #options: WildcardOptions
  readonly #entries = new Map<string, Entry>()
  #opening: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(options: WildcardOptions) {
    this.#options = options
  }

  /** Takes over a socket that is there already, and stays. */
  adopt(host: string, service: UdpService): void {
    this.#entries.set(keyOf({ host }), { service, passing: false })
  }

  async start(): Promise<void> {
    this.#scan()
    await this.#opening
    this.#timer = setInterval(() => this.#scan(), RESCAN_MS)
    this.#timer.unref()
  }

  /** A query was sent to this address, and it has no socket yet. */
  learn({ octets, interface: scope }: LocalAddress): void {
    const key = keyOf({ host: bytesToIp(octets), scope })
    if (!this.#entries.has(key)) this.#options.shared.add(octets, scope)
  }

  /** Opens sockets for addresses that threads have learnt of. */
  openLearnt(): void {
    for (let next = this.#options.shared.next(); next !== undefined; ) {
      this.#open(next, false)
      next = this.#options.shared.next()
    }
  }

  #scan(): void {
    const { addresses, wildcards } = this.#options
    const present = addresses().filter(
      (host) => wildcards.includes(host.includes(':') ? '::' : '0.0.0.0') && !isLinkLocal(host),
    )
    for (const host of present) this.#open({ host }, true)
    for (const [key, { service, passing }] of this.#entries) {
      if (!passing || service === undefined || present.includes(key)) continue
      this.#entries.delete(key)
      this.#opening = this.#opening.then(() => service.close())
    }
  }

  #open(address: SocketAddress, passing: boolean): void {
    const key = keyOf(address)
    if (this.#entries.has(key)) return
    const entry: Entry = { service: undefined, passing }
    this.#entries.set(key, entry)
    this.#opening = this.#opening.then(async () => {
      try {
        entry.service = await this.#options.open(address)
      } catch (error) {
        // An address on its way in or out; it is tried again at the next scan.
        this.#entries.delete(key)
        this.#options.log.debug(
          { address: key, err: (error as Error).message },
          'address not bound',
        )
      }
    })
  }

  leave(): void {
    for (const { service } of this.#entries.values()) service?.leave()
  }

  drain(): void {
    for (const { service } of this.#entries.values()) service?.drain()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#opening
    await Promise.all([...this.#entries.values()].map(({ service }) => service?.close()))
  }
}

function keyOf({ host, scope = 0 }: SocketAddress): string {
  return scope === 0 ? host : `${host}%${scope}`
}
