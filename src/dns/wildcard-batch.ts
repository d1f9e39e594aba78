import type { LocalAddress } from '../sockets/index.ts'
import type { BatchExchange, BatchSocket } from './batch-exchange.ts'
import type { UdpService } from './udp.ts'

/** How often the sockets are looked at while nothing comes, in milliseconds: at first, and after a while. */
const PAUSE_MS = { SOON: 20, LATER: 100 } as const
/** Looks without anything to answer that make the while: a wake-up costs more than what it does. */
const QUIET_LOOKS = 50
/** Rounds before others have their turn. */
const ROUNDS = 16
const DRAIN_ROUNDS = 4096

/**
 * Answers what comes to wildcard sockets: messages to addresses that have no socket of their own, such as
 * 127.0.0.2 or a routed one that no interface has. The reply has to leave from the address that was
 * asked, which the system tells only with recvmmsg(): Node.js, which would read the first message
 * without it, must not watch these sockets, and so they are looked at from time to time.
 */
export class WildcardBatch implements UdpService {
  readonly #sockets: readonly BatchSocket[]
  readonly #exchange: BatchExchange
  readonly #onTick: () => void
  #timer: NodeJS.Timeout | undefined
  #quietLooks = 0
  #left = false

  /**
   * The descriptors stay the caller's. `onAddress` is told of each address that was asked, `onTick` of
   * each look.
   */
  constructor(
    fds: readonly number[],
    exchange: BatchExchange,
    onAddress: (address: LocalAddress) => void,
    onTick: () => void,
  ) {
    this.#sockets = fds.map((fd) => ({
      fd,
      open: true,
      observe: (batch, slot) => {
        const address = batch.localAddressOf(slot)
        if (address !== undefined) onAddress(address)
      },
    }))
    this.#exchange = exchange
    this.#onTick = onTick
    this.#wait()
  }

  #wait(): void {
    const pause = this.#quietLooks < QUIET_LOOKS ? PAUSE_MS.SOON : PAUSE_MS.LATER
    this.#timer = setTimeout(() => this.#look(), pause).unref()
  }

  #look(): void {
    if (this.#left) return
    this.#onTick()
    if (this.#answer(ROUNDS) > 0) {
      this.#quietLooks = 0
      setImmediate(() => this.#look())
    } else {
      this.#quietLooks++
      this.#wait()
    }
  }

  #answer(rounds: number): number {
    let answered = 0
    for (const socket of this.#sockets) {
      let count = socket.open ? 1 : 0
      for (let i = 0; i < rounds && count > 0; i++) {
        count = this.#exchange.round(socket)
        answered += count
      }
    }
    return answered
  }

  leave(): void {
    this.#left = true
    clearTimeout(this.#timer)
  }

  drain(): void {
    if (!this.#left) this.#answer(DRAIN_ROUNDS)
  }

  async close(): Promise<void> {
    this.leave()
    for (const socket of this.#sockets) socket.open = false
  }
}
