import type { Logger } from '../log.ts'
import type { SocketLibrary, UnixDatagramSender } from '../sockets/index.ts'
import type { Channel } from './channel.ts'

/** How long a message waits that systemd had no room for, in milliseconds. */
const RETRY_MS = 100

/** Messages that wait; more only come if systemd takes none for a long time, and then the oldest go. */
const MAX_WAITING = 16

/** Sends messages through a socket of our own. What goes wrong is said once. */
export class SocketChannel implements Channel {
  readonly #log: Logger
  readonly #socket: string
  readonly #sender: UnixDatagramSender
  readonly #said = new Set<string>()
  #waiting: string[] = []
  #retry: NodeJS.Timeout | undefined

  /** Throws a SystemCallError if there can be no such socket. */
  constructor(sockets: SocketLibrary, socket: string, log: Logger) {
    this.#log = log
    this.#socket = socket
    this.#sender = sockets.openUnixSender(socket)
  }

  /** In the order in which they were given. */
  send(message: string): void {
    this.#waiting.push(message)
    if (this.#retry === undefined) this.#flush()
    else if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()
  }

  /** The next one says the same: it does not wait. */
  sendNow(message: string): void {
    if (this.#waiting.length === 0) this.#try(message)
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#waiting = []
    this.#sender.close()
  }

  #flush(): void {
    this.#retry = undefined
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#try(next)) {
        this.#retry = setTimeout(() => this.#flush(), RETRY_MS)
        this.#retry.unref()
        return
      }
      this.#waiting.shift()
    }
  }

  /** False if it is worth trying again. */
  #try(message: string): boolean {
    try {
      if (this.#sender.send(Buffer.from(message))) return true
      this.#say('debug', 'busy', { socket: this.#socket }, 'systemd takes no message now')
      return false
    } catch (err) {
      const text = 'systemd cannot be told how the service fares'
      this.#say('warn', 'failed', { socket: this.#socket, err }, text)
      return true
    }
  }

  #say(level: 'debug' | 'warn', kind: string, fields: object, text: string): void {
    if (this.#said.has(kind)) return
    this.#said.add(kind)
    this.#log[level](fields, text)
  }
}
