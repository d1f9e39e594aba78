import { randomInt } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import packet, { type DecodedPacket } from 'dns-packet'

/** A decoded reply; the decoder's types leave its RCODE out. */
export type Reply = DecodedPacket & { readonly rcode: string }

/** A stub resolver that asks one server over one TCP connection, so that every answer comes whole. */
export class ResolverClient {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  readonly #failed: Promise<never>
  #unread = Buffer.alloc(0)
  #nextId = randomInt(0x10000)

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#failed = new Promise((_resolve, reject) => {
      this.#socket.on('error', reject)
      this.#socket.on('close', () => reject(new Error('the resolver closed the connection')))
    })
    this.#failed.catch(() => {})
    this.#socket.on('data', (chunk) => this.#receive(chunk))
  }

  /** Asks with RD set; rejects if the connection ends first. */
  ask(name: string, type: string): Promise<Reply> {
    const id = this.#nextId++ & 0xffff
    const answered = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve))
    this.#socket.write(
      packet.streamEncode({
        type: 'query',
        id,
        flags: packet.RECURSION_DESIRED,
        questions: [{ name, type: type as packet.RecordType, class: 'IN' }],
      }),
    )
    return Promise.race([answered, this.#failed])
  }

  /** Asks them all, at most `width` at a time; the replies are in the order of the questions. */
  async askAll<Question extends { readonly name: string; readonly type: string }>(
    questions: readonly Question[],
    width = 50,
  ): Promise<{ readonly question: Question; readonly reply: Reply }[]> {
    const results: { question: Question; reply: Reply }[] = []
    let next = 0
    const work = async () => {
      while (next < questions.length) {
        const i = next++
        const question = questions[i] as Question
        results[i] = { question, reply: await this.ask(question.name, question.type) }
      }
    }
    await Promise.all(Array.from({ length: width }, work))
    return results
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk])
    for (;;) {
      const length =
        this.#unread.length < 2 ? Number.POSITIVE_INFINITY : this.#unread.readUInt16BE()
      if (this.#unread.length < 2 + length) return
      const message = this.#unread.subarray(2, 2 + length)
      this.#unread = this.#unread.subarray(2 + length)
      const reply = packet.decode(message) as Reply
      const id = reply.id ?? -1
      this.#waiting.get(id)?.(reply)
      this.#waiting.delete(id)
    }
  }
}
