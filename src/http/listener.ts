import type { RequestListener } from 'node:http'
import type { HostPort } from '../net/address.ts'
import { errorCode } from '../net/listen.ts'
import { listenOn } from './listen.ts'
import { createDrainingServer, type DrainingServer } from './server.ts'

/** How long answers that have begun may take once a server is told to stop, in milliseconds. */
const GRACE_MS = 5_000

interface Open {
  readonly server: DrainingServer
  /** As configured: a port of 0 is still 0. */
  readonly where: HostPort
  readonly address: HostPort
}

/** Where HTTP is served: at one address, and for a moment also where it was before. */
export class Listener {
  readonly #answer: RequestListener
  readonly #onError: (error: Error) => void
  readonly #draining = new Set<Promise<void>>()
  #open: Open | undefined
  /** The last move; close() lets it end. */
  #move: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** `onError` gets what goes wrong while it listens. */
  constructor(answer: RequestListener, onError: (error: Error) => void) {
    this.#answer = answer
    this.#onError = onError
  }

  /** Where it listens, with the real port where 0 was configured. */
  get address(): HostPort | undefined {
    return this.#open?.address
  }

  /** Binds and resolves to the address it got; rejects with a ListenError. */
  async open(where: HostPort): Promise<HostPort> {
    this.#open = await this.#bind(where)
    return this.#open.address
  }

  /**
   * Goes on at another address, if this is another one and if it listens at all. Requests that have begun
   * are answered, without anybody waiting for them here: the one that asked for this may be among them.
   * Rejects with a ListenError, and then goes on where it was.
   */
  move(where: HostPort): Promise<void> {
    const move = this.#move.then(() => this.#go(where))
    this.#move = move.catch(() => {})
    return move
  }

  /** Stops listening; resolves when every connection has ended, those that take too long being cut. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#move
    if (this.#open !== undefined) this.#drain(this.#open)
    await Promise.all(this.#draining)
  }

  async #bind(where: HostPort): Promise<Open> {
    const server = createDrainingServer(this.#answer, this.#onError)
    return { server, where, address: await listenOn(server.server, where) }
  }

  async #go(where: HostPort): Promise<void> {
    const before = this.#open
    if (before === undefined || this.#closing !== undefined) return
    if (before.where.host === where.host && before.where.port === where.port) return
    try {
      this.#open = await this.#bind(where)
      this.#drain(before)
    } catch (error) {
      if (!isTakenBy(before, where, error)) throw error
      await this.#replace(before, where)
    }
  }

  /**
   * A wildcard address and one of its own cannot be bound side by side, so here the old one has to go
   * first. For less than a millisecond nobody listens.
   */
  async #replace(before: Open, where: HostPort): Promise<void> {
    this.#drain(before)
    try {
      this.#open = await this.#bind(where)
    } catch (error) {
      const { server, address } = await this.#bind(before.address)
      this.#open = { server, where: before.where, address }
      throw error
    }
  }

  #drain({ server }: Open): void {
    const drained = server.drain(GRACE_MS).finally(() => this.#draining.delete(drained))
    this.#draining.add(drained)
  }
}

/** Whether it may be our own socket that stands in the way. */
function isTakenBy(before: Open, where: HostPort, error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return errorCode(cause) === 'EADDRINUSE' && where.port === before.address.port
}
