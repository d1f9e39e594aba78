import type { Socket } from 'node:net'
import type { Activity } from './activity.ts'
import type { Handler } from './handler.ts'

/** Queries of one connection that may wait for an upstream at once; reading pauses above it. */
const MAX_PENDING = 100
/** Unsent octets above which reading pauses until the client has taken them. */
const MAX_UNSENT = 1 << 20
const LENGTH_OCTETS = 2

/**
 * One connection: messages with a two-octet length in front (RFC 1035 §4.2.2), split over segments in
 * any way, as many in a row as the client likes, each answered as soon as its answer is known and so
 * possibly out of order (RFC 7766 §6.2.1.1).
 */
export class TcpConnection {
  readonly #socket: Socket
  readonly #handler: Handler
  readonly #activity: Activity
  readonly #source: { readonly transport: 'tcp'; readonly address: string }
  /** Runs while nothing is pending; only a whole message restarts it, so that a drip does not. */
  #idle: NodeJS.Timeout
  /** What was read and not yet answered; joined only when `#needed` octets are there. */
  #chunks: Buffer[] = []
  #unread = 0
  #needed = LENGTH_OCTETS
  #pending = 0
  #ending = false

  constructor(socket: Socket, handler: Handler, idleMs: number, activity: Activity) {
    this.#socket = socket
    this.#handler = handler
    this.#activity = activity
    this.#source = { transport: 'tcp', address: socket.remoteAddress ?? '' }
    this.#idle = setTimeout(() => this.#onIdle(), idleMs)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('end', () => this.finish())
    socket.on('drain', () => this.#goOn())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => clearTimeout(this.#idle))
  }

  /** How long it may be idle, in milliseconds from now on. */
  set idleMs(idleMs: number) {
    clearTimeout(this.#idle)
    if (!this.#socket.destroyed) this.#idle = setTimeout(() => this.#onIdle(), idleMs)
  }

  /** Takes no more queries; ends once those that were received are answered. */
  finish(): void {
    this.#ending = true
    this.#goOn()
  }

  #onIdle(): void {
    if (this.#pending > 0) {
      this.#idle.refresh()
      return
    }
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#activity.events++
    if (this.#ending) return
    this.#chunks.push(chunk)
    this.#unread += chunk.length
    this.#goOn()
  }

  /** Answers what was read as far as there is room for answers; then reads on, or ends. */
  #goOn(): void {
    // Writing may make room again at once: nobody would say when to go on.
    while (this.#unread >= this.#needed && !this.#isFull()) this.#answerUnread()
    if (this.#isFull()) this.#socket.pause()
    else if (!this.#ending) this.#socket.resume()
    else if (this.#pending === 0) this.#socket.destroySoon()
  }

  #answerUnread(): void {
    const octets = Buffer.concat(this.#chunks, this.#unread)
    this.#socket.cork()
    let at = 0
    while (!this.#isFull()) {
      const end = messageEnd(octets, at)
      if (end > octets.length) break
      this.#answer(octets.subarray(at + LENGTH_OCTETS, end))
      at = end
    }
    this.#chunks = at < octets.length ? [octets.subarray(at)] : []
    this.#unread = octets.length - at
    this.#needed = messageEnd(octets, at) - at
    this.#socket.uncork()
  }

  #answer(message: Buffer): void {
    this.#idle.refresh()
    const reply = this.#handler.handle(message, this.#source)
    // What is not a query at all says that the client speaks something else.
    if (reply === undefined) this.#socket.destroy()
    else if (reply instanceof Promise) this.#answerLater(reply)
    else this.#send(reply)
  }

  #answerLater(reply: Promise<Uint8Array>): void {
    this.#pending++
    reply.then((octets) => {
      this.#pending--
      this.#send(octets)
      this.#goOn()
    })
  }

  #send(reply: Uint8Array): void {
    if (this.#socket.destroyed) return
    this.#idle.refresh()
    const framed = Buffer.allocUnsafe(LENGTH_OCTETS + reply.length)
    framed.writeUInt16BE(reply.length)
    framed.set(reply, LENGTH_OCTETS)
    this.#socket.write(framed)
  }

  /** Whether queries have to wait: for upstreams, for the client to take its answers, or for ever. */
  #isFull(): boolean {
    const { writableLength, destroyed } = this.#socket
    return destroyed || this.#pending >= MAX_PENDING || writableLength > MAX_UNSENT
  }
}

/** Where the message that starts at `at` ends, or its length field if that is not there yet. */
function messageEnd(octets: Buffer, at: number): number {
  const start = at + LENGTH_OCTETS
  return octets.length < start ? start : start + octets.readUInt16BE(at)
}
