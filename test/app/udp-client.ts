import { createSocket, type Socket } from 'node:dgram'
import packet from 'dns-packet'
import type { Reply } from '../interop/resolver-client.ts'

/** When a query is sent again, as stub resolvers do. */
const RETRY_MS = 250

/** A stub resolver over UDP from a port of its own, which sends what got no reply again until it gets one. */
export class UdpClient {
  readonly #socket: Socket
  readonly #port: number
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  readonly #repeating = new Set<NodeJS.Timeout>()
  #nextId = 0
  #replies = 0
  #closed = false

  constructor(port: number) {
    this.#port = port
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (message) => this.#receive(message))
    // ECONNREFUSED and the like: the query is sent again.
    this.#socket.on('error', () => {})
  }

  /** Replies so far. */
  get replies(): number {
    return this.#replies
  }

  async ask(name: string, type: string): Promise<Reply> {
    const id = this.#nextId++ & 0xffff
    const query = packet.encode({
      type: 'query',
      id,
      flags: packet.RECURSION_DESIRED,
      questions: [{ name, type: type as packet.RecordType, class: 'IN' }],
    })
    const send = () => this.#socket.send(query, this.#port, '127.0.0.1')
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve))
    const again = setInterval(send, RETRY_MS)
    this.#repeating.add(again)
    send()
    try {
      return await reply
    } finally {
      clearInterval(again)
      this.#repeating.delete(again)
    }
  }

  /** Asks the same over and over until it is closed; `check` sees every reply. */
  async askOn(name: string, type: string, check: (reply: Reply) => void): Promise<void> {
    while (!this.#closed) check(await this.ask(name, type))
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#repeating) clearInterval(timer)
    this.#socket.close()
  }

  #receive(message: Buffer): void {
    const reply = packet.decode(message) as Reply
    const id = reply.id ?? -1
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (waiting === undefined) return
    this.#replies++
    waiting(reply)
  }
}
