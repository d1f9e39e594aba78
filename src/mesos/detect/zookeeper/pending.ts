import type { Clock } from './clock.ts'
import { ZookeeperError } from './errors.ts'
import type { JuteReader } from './jute.ts'
import { describeErrorReply } from './protocol.ts'

interface Pending {
  readonly settle: (reader: JuteReader, error: number) => void
  readonly fail: (error: ZookeeperError) => void
}

/** Requests that await their reply. ZooKeeper answers in the order in which it was asked. */
export class PendingReplies {
  readonly #pending = new Map<number, Pending>()
  readonly #clock: Clock
  readonly #onLate: (what: string) => void

  /** `onLate` is told what was asked when a reply does not come in time. */
  constructor(clock: Clock, onLate: (what: string) => void) {
    this.#clock = clock
    this.#onLate = onLate
  }

  has(xid: number): boolean {
    return this.#pending.has(xid)
  }

  /**
   * Settles with the reply to request `xid`, which `read` decodes; rejects with ZookeeperError (`reply`)
   * for an error reply. `what` was asked, for messages; `timeoutMs` is the time to answer.
   */
  add<T>(
    xid: number,
    what: string,
    timeoutMs: number,
    read: (reader: JuteReader) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(timeoutMs, () =>
        this.#onLate(`${what} within ${Math.round(timeoutMs)} ms`),
      )
      this.#pending.set(xid, {
        settle: (reader, error) => {
          if (error === 0) resolve(read(reader))
          else reject(errorReply(what, error))
          cancel()
        },
        fail: (error) => {
          cancel()
          reject(error)
        },
      })
    })
  }

  /** Throws ZookeeperError (`malformed`) for a reply out of order or one that does not decode. */
  settle(xid: number, reader: JuteReader, error: number): void {
    const [next] = this.#pending
    if (next?.[0] !== xid) {
      const due = next === undefined ? 'none' : `that to ${next[0]}`
      throw new ZookeeperError('malformed', `reply to request ${xid} where ${due} was due`)
    }
    next[1].settle(reader, error)
    this.#pending.delete(xid)
  }

  /** Rejects all that are left. */
  failAll(error: ZookeeperError): void {
    for (const { fail } of this.#pending.values()) fail(error)
    this.#pending.clear()
  }
}

function errorReply(what: string, reply: number): ZookeeperError {
  return new ZookeeperError('reply', `${what}: ${describeErrorReply(reply)}`, { reply })
}
