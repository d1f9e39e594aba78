import type { ThreadCounters } from '../counters/index.ts'
import type { Forwarder } from '../forward/index.ts'
import { ipToBytes } from '../net/address.ts'
import * as numbers from '../net/dns-numbers.ts'
import type { Answerer } from './answer.ts'
import * as answers from './answer.ts'
import { joinTarget, targetQuery } from './foreign-alias.ts'
import * as gate from './gate.ts'
import { headerOnly } from './reply.ts'
import type { Client, Transport } from './settings.ts'
import type { DatagramSource } from './source.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { RCODE } = numbers
const { DROP, FORWARD } = answers
const { FLAG, HEADER_OCTETS } = gate

/** Largest DNS message. */
const MAX_MESSAGE = 0xffff

/** What datagram() returns where nothing is to be sent at once. */
export const NO_REPLY = 0
export const REPLY_LATER = -1

/** What answers names that are not ours; when it is closed is its owner's business. */
type AnyForwarder = Pick<Forwarder, 'forward'>

/** Where a message came from that did not come as a datagram. */
export interface Source {
  readonly transport: Transport
  /** Source address as the socket gives it. */
  readonly address: string
}

/** What a query was, for counting a reply that comes later. */
interface Asked {
  readonly transport: Transport
  readonly family: 4 | 6
  readonly type: number
  /** When it came, in milliseconds. */
  readonly since: number
}

/**
 * Decides for one message who answers it, and hands the reply back: at once for names of the zone,
 * later for names that are forwarded. Counts what becomes of each message.
 */
export class Handler {
  #answerer: Answerer
  #forwarder: AnyForwarder
  readonly #counters: ThreadCounters
  readonly #onFault: (fault: Error) => void
  readonly #now: () => number
  readonly #out = new Uint8Array(MAX_MESSAGE)
  readonly #client = new StreamClient()

  /**
   * `onFault` is told of what answering threw: a fault of ours, which costs that one answer. `now` gives
   * milliseconds from any start.
   */
  constructor(
    answerer: Answerer,
    forwarder: AnyForwarder,
    counters: ThreadCounters,
    onFault: (fault: Error) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#answerer = answerer
    this.#forwarder = forwarder
    this.#counters = counters
    this.#onFault = onFault
    this.#now = now
  }

  /**
   * Has these two answer from the next message on. What is being forwarded ends as it began: its reply is
   * that of the forwarder before, cut as the answerer before would have.
   */
  use(answerer: Answerer, forwarder: AnyForwarder): void {
    this.#answerer = answerer
    this.#forwarder = forwarder
  }

  /**
   * Answers a datagram, the first `length` octets of `message`, into `out`, which has room for as many as
   * are configured (`ednsBufferSize`), at least 512; the two may be the same array. Returns the length of the reply, NO_REPLY if it
   * deserves none, or REPLY_LATER if `source` has been detached to send it. Never throws. Nothing of
   * `message` and `source` is kept. The latency of what is answered at once is left to the caller to
   * count: it sends replies in batches.
   */
  datagram(message: Uint8Array, length: number, out: Uint8Array, source: DatagramSource): number {
    const answerer = this.#answerer
    try {
      const octets = answerer.answer(message, length, out, 'udp', source)
      if (octets === DROP) {
        this.#counters.dropped(length < HEADER_OCTETS ? 'short' : 'response')
        return NO_REPLY
      }
      if (octets === FORWARD || isUnfinished(answerer, message)) {
        const asked = this.#asked('udp', source.family)
        const address = source.address()
        const reply =
          octets === FORWARD
            ? this.#forward(Buffer.from(message.subarray(0, length)), asked, address)
            : this.#completeAlias(message, Buffer.from(out.subarray(0, octets)), asked, address)
        reply.then(source.detach())
        return REPLY_LATER
      }
      this.#count('udp', source.family, out)
      return octets
    } catch (fault) {
      this.#failed(fault, 'udp', source.family, answerer.query.type)
      return headerOnly(message, out, RCODE.SERVFAIL)
    }
  }

  /**
   * Says that the messages from `first` to before `end` are to be answered next, which makes that cheaper.
   * Their lengths do not matter.
   */
  expect(messages: readonly Uint8Array[], first: number, end: number): void {
    this.#answerer.expect(messages, first, end)
  }

  /**
   * The reply to a message from a stream: its octets, valid until the next call; a promise of them where
   * it has to be forwarded; or undefined if it deserves none. The promise never rejects.
   */
  handle(message: Uint8Array, source: Source): Uint8Array | Promise<Uint8Array> | undefined {
    const out = this.#out
    const { transport } = source
    const since = this.#now()
    const address = clientAddress(source.address)
    const family = address.includes(':') ? 6 : 4
    const answerer = this.#answerer
    try {
      this.#client.address = address
      const octets = answerer.answer(message, message.length, out, transport, this.#client)
      if (octets === DROP) {
        this.#counters.dropped(message.length < HEADER_OCTETS ? 'short' : 'response')
        return undefined
      }
      if (octets === FORWARD) {
        return this.#forward(message, this.#asked(transport, family, since), address)
      }
      const reply = out.subarray(0, octets)
      if (isUnfinished(answerer, message)) {
        const asked = this.#asked(transport, family, since)
        return this.#completeAlias(message, Buffer.from(reply), asked, address)
      }
      this.#count(transport, family, out)
      this.#counters.latency((this.#now() - since) / 1000, 1)
      return reply
    } catch (fault) {
      this.#failed(fault, transport, family, answerer.query.type)
      return out.subarray(0, headerOnly(message, out, RCODE.SERVFAIL))
    }
  }

  #asked(transport: Transport, family: 4 | 6, since = this.#now()): Asked {
    return { transport, family, type: this.#answerer.query.type, since }
  }

  /** Counts the reply that was made last. */
  #count(transport: Transport, family: 4 | 6, out: Uint8Array): void {
    const answerer = this.#answerer
    const rcode = (answerer.extendedRcode << 4) | ((out[3] as number) & 0x0f)
    const truncated = ((out[2] as number) & FLAG.TC) !== 0
    this.#counters.answered(transport, family, answerer.query.type, rcode, truncated)
  }

  /** Reports and counts a fault of ours, which the client gets SERVFAIL for. */
  #failed(fault: unknown, transport: Transport, family: 4 | 6, type: number): void {
    this.#onFault(fault instanceof Error ? fault : new Error(String(fault)))
    this.#counters.answered(transport, family, type, RCODE.SERVFAIL, false)
  }

  /** Asks an upstream; `message` is the caller's no more. */
  #forward(message: Uint8Array, asked: Asked, address: string): Promise<Uint8Array> {
    this.#counters.forwarded()
    const reply = this.#forwarder.forward(message, { transport: asked.transport, address })
    return this.#later(message, reply, asked)
  }

  /** Adds what a CNAME out of the domain points to. `reply` is the caller's no more. */
  #completeAlias(
    message: Uint8Array,
    reply: Buffer,
    asked: Asked,
    address: string,
  ): Promise<Uint8Array> {
    const { query, foreignTarget, replyLimit, setTruncateBit } = this.#answerer
    const question = targetQuery(message, reply, foreignTarget, query)
    this.#counters.forwarded()
    const found = this.#forwarder.forward(question, { transport: asked.transport, address })
    const joined = found.then((octets) => joinTarget(reply, octets, replyLimit, setTruncateBit))
    return this.#later(reply, joined, asked)
  }

  /** Counts the reply when it is there; `question` is what a reply of SERVFAIL is made from. */
  async #later(
    question: Uint8Array,
    promise: Promise<Uint8Array>,
    { transport, family, type, since }: Asked,
  ): Promise<Uint8Array> {
    let reply: Uint8Array
    try {
      reply = await promise
      const rcode = (reply[3] ?? 0) & 0x0f
      this.#counters.answered(transport, family, type, rcode, ((reply[2] ?? 0) & FLAG.TC) !== 0)
    } catch (fault) {
      reply = new Uint8Array(HEADER_OCTETS)
      headerOnly(question, reply, RCODE.SERVFAIL)
      this.#failed(fault, transport, family, type)
    }
    this.#counters.latency((this.#now() - since) / 1000, 1)
    return reply
  }
}

/** Whether the reply made last ends in a CNAME out of the domain, and the client wants to know the rest. */
function isUnfinished(answerer: Answerer, message: Uint8Array): boolean {
  return answerer.foreignTarget !== 0 && ((message[2] as number) & FLAG.RD) !== 0
}

/** The client at the other end of a connection. */
class StreamClient implements Client {
  /** In canonical form, see clientAddress(). */
  address = ''

  addressOctets(): Uint8Array | undefined {
    return ipToBytes(this.address)
  }
}

const MAPPED_PREFIX = '::ffff:'

/** The address of a socket without the marks of a dual-stack socket or a link-local scope. */
export function clientAddress(address: string): string {
  if (address.startsWith(MAPPED_PREFIX) && address.includes('.')) {
    return address.slice(MAPPED_PREFIX.length)
  }
  const scope = address.indexOf('%')
  return scope < 0 ? address : address.slice(0, scope)
}
