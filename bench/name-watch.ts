import { createSocket, type Socket } from 'node:dgram'
import { decode, encode, RECURSION_DESIRED } from 'dns-packet'
import { monotonicNow } from './cluster/live-cluster.ts'

/** A name that is not answered for so long never will be. */
const PATIENCE_MS = 120_000

interface Watched {
  readonly message: Buffer
  readonly resolve: (at: number) => void
}

/** Asks one server for names over UDP, again and again, until each has an address. */
export class NameWatch {
  readonly #socket: Socket
  readonly #port: number
  readonly #watched = new Map<number, Watched>()
  #nextId = 0

  constructor(port: number) {
    this.#port = port
    this.#socket = createSocket('udp4')
    this.#socket.on('message', (message) => this.#receive(message))
  }

  /** When each of the names was first answered with an address, asking every so many milliseconds. */
  async answered(names: readonly string[], everyMs: number): Promise<readonly number[]> {
    const ids: number[] = []
    const answers = names.map(
      (name) =>
        new Promise<number>((resolve) => {
          const id = this.#nextId++ & 0xffff
          ids.push(id)
          this.#watched.set(id, { message: query(id, name), resolve })
        }),
    )
    const begun = monotonicNow()
    let late: (error: Error) => void = () => {}
    const failed = new Promise<never>((_resolve, reject) => {
      late = reject
    })
    const ask = () => {
      if (monotonicNow() - begun > PATIENCE_MS) late(new Error(`${names[0]} is never answered`))
      for (const id of ids) {
        const watched = this.#watched.get(id)
        if (watched !== undefined) this.#socket.send(watched.message, this.#port, '127.0.0.1')
      }
    }
    ask()
    const timer = setInterval(ask, everyMs)
    try {
      return await Promise.race([Promise.all(answers), failed])
    } finally {
      clearInterval(timer)
      for (const id of ids) this.#watched.delete(id)
    }
  }

  close(): void {
    this.#socket.close()
  }

  #receive(message: Buffer): void {
    const at = monotonicNow()
    const { id = 0, answers = [] } = decode(message)
    if (!answers.some(({ type }) => type === 'A')) return
    this.#watched.get(id)?.resolve(at)
    this.#watched.delete(id)
  }
}

function query(id: number, name: string): Buffer {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type: 'A', class: 'IN' }],
  })
}
