import { createSocket, type Socket } from 'node:dgram'

/** How many queries each socket has under way. */
const WINDOW = 4
/** Queries without a reply are sent again at every other of these. */
const ROUND_MS = 200

/** A query under way, or its reply. */
export interface Asked<Question> {
  readonly question: Question
  /** What `now` said when it was first sent. */
  readonly since: number
}

interface Pending<Question> extends Asked<Question> {
  readonly message: Buffer
  rounds: number
}

export interface AskingOptions<Question> {
  readonly port: number
  readonly sockets: number
  /** The next question, and its message; the id is written into it. */
  readonly next: () => { readonly question: Question; readonly message: Buffer }
  readonly now: () => number
  /** Sees each reply once. */
  readonly onReply: (reply: Buffer, asked: Asked<Question>) => void
}

/** Stub resolvers that ask as fast as they are answered, each from its own port, while they may. */
export class AskingClient<Question> {
  readonly #options: AskingOptions<Question>
  readonly #sockets: Socket[] = []
  readonly #rounds: NodeJS.Timeout[] = []
  /** Sockets that have something to ask and may not. */
  #parked: (() => void)[] = []
  #allowed = 0
  #used: () => void = () => {}
  #replies = 0
  #closed = false

  constructor(options: AskingOptions<Question>) {
    this.#options = options
    for (let i = 0; i < options.sockets; i++) this.#open()
  }

  get replies(): number {
    return this.#replies
  }

  /** Lets so many more queries be asked; resolves when the last one has been. */
  allow(queries: number): Promise<void> {
    this.#allowed += queries
    const used = new Promise<void>((resolve) => {
      this.#used = resolve
    })
    for (const ask of this.#parked.splice(0)) ask()
    return used
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const round of this.#rounds) clearInterval(round)
    for (const socket of this.#sockets) socket.close()
  }

  #open(): void {
    const { port, next, now, onReply } = this.#options
    const pending = new Map<number, Pending<Question>>()
    const socket = createSocket({
      type: 'udp4',
      lookup: (host, _options, done) => done(null, host, 4),
    })
    this.#sockets.push(socket)
    let id = 0
    const send = (message: Buffer) => socket.send(message, port, '127.0.0.1')
    const ask = () => {
      if (this.#closed) return
      if (this.#allowed === 0) {
        this.#parked.push(ask)
        return
      }
      if (--this.#allowed === 0) this.#used()
      id = (id + 1) & 0xffff
      const { question, message } = next()
      message.writeUInt16BE(id)
      pending.set(id, { question, message, since: now(), rounds: 0 })
      send(message)
    }
    socket.on('message', (reply) => {
      const asked = pending.get(reply.readUInt16BE())
      // The reply to a query that was sent twice comes twice.
      if (asked === undefined || !pending.delete(reply.readUInt16BE())) return
      this.#replies++
      onReply(reply, asked)
      ask()
    })
    socket.on('error', () => {})
    socket.bind(0, '127.0.0.1', () => {
      for (let i = 0; i < WINDOW; i++) ask()
    })
    const again = () => {
      for (const asked of pending.values()) if (++asked.rounds >= 2) send(asked.message)
    }
    this.#rounds.push(setInterval(again, ROUND_MS))
  }
}
