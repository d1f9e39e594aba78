import { type PlainError, revivedError } from './plain-error.ts'

/** What came of a request, posted back by the thread that it was put to. */
export interface ReplyMessage {
  readonly kind: 'reply'
  readonly id: number
  readonly value?: unknown
  readonly error?: PlainError
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** Requests to another thread that have no reply yet. */
export class Requests {
  readonly #pending = new Map<number, Pending>()
  #lastId = 0

  /** Hands `post` the id that the reply will bear; settles with that reply. */
  request(post: (id: number) => void): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      post(id)
    })
  }

  /** Takes a reply in; one to a request that was given up is ignored. */
  settle({ id, value, error }: ReplyMessage): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) pending?.resolve(value)
    else pending?.reject(revivedError(error))
  }

  /** There will be no replies: the thread has ended. */
  rejectAll(error: Error): void {
    const all = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of all) reject(error)
  }
}
