import type { RemoteInfo, Socket } from 'node:dgram'
import { once } from 'node:events'
import type { BatchExchange, BatchSocket } from './batch-exchange.ts'
import type { ThreadContext } from './thread-context.ts'
import { openDgram, type UdpService } from './udp.ts'

/**
 * Datagrams answered in one go before TCP, upstreams and a new zone have their turn: some milliseconds'
 * worth.
 */
const BUDGET = 1024
/** Most that drain() answers: more than a receive buffer holds, so that a flood cannot hold up the end. */
const DRAIN_ROUNDS = 4096

/**
 * Answers datagrams of one socket, many at once. Node.js watches the socket and hands over the first
 * message of each burst: the signal to fetch the others with as few system calls as possible.
 */
export class BatchListener implements UdpService {
  readonly #dgram: Socket
  readonly #socket: BatchSocket
  readonly #exchange: BatchExchange
  #budget = BUDGET
  /** Settles when Node.js has let go of the socket that it watched. */
  #left: Promise<unknown> | undefined

  private constructor(dgram: Socket, fd: number, exchange: BatchExchange, { log }: ThreadContext) {
    this.#dgram = dgram
    this.#socket = { fd, open: true }
    this.#exchange = exchange
    dgram.on('message', (message, from) => this.#receive(message, from))
    // What became of an earlier reply (ICMP).
    dgram.on('error', (error) => log.debug({ err: error.message }, 'udp socket error'))
  }

  /** Takes over a descriptor that is bound to `host`. Rejects with the system's error. */
  static async open(
    host: string,
    fd: number,
    exchange: BatchExchange,
    context: ThreadContext,
  ): Promise<BatchListener> {
    return new BatchListener(await openDgram({ host, fd }), fd, exchange, context)
  }

  #receive(message: Buffer, from: RemoteInfo): void {
    // With the budget spent there is still this round: Node.js goes on to read, up to 32 messages, before it
    // looks at anything else, and by itself it would read them one by one.
    let count = this.#exchange.roundAfter(message, from, this.#socket)
    while (count > 0 && this.#spend(count)) count = this.#exchange.round(this.#socket)
  }

  /** False once the budget is spent; others then have their turn before there is a new one. */
  #spend(count: number): boolean {
    if (this.#budget <= 0) return false
    this.#budget -= count
    if (this.#budget > 0) return true
    setImmediate(() => {
      this.#budget = BUDGET
    })
    return false
  }

  leave(): void {
    if (this.#left !== undefined) return
    try {
      this.#exchange.keep(this.#socket)
    } catch {
      // No descriptor to be had: then it goes on.
      return
    }
    this.#left = once(this.#dgram, 'close')
    this.#dgram.close()
  }

  drain(): void {
    if (this.#left !== undefined) return
    for (let i = 0; i < DRAIN_ROUNDS && this.#exchange.round(this.#socket) > 0; i++);
  }

  async close(): Promise<void> {
    if (this.#left !== undefined) {
      this.#exchange.release(this.#socket)
      await this.#left
      return
    }
    this.#socket.open = false
    const closed = once(this.#dgram, 'close')
    this.#dgram.close()
    await closed
  }
}
