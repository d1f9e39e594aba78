import type { Forwarder } from '../forward/index.ts'
import { ipToBytes } from '../net/address.ts'
import { RCODE } from '../net/dns-numbers.ts'
import { type Answerer, DROP, FORWARD } from './answer.ts'
import { joinTarget, targetQuery } from './foreign-alias.ts'
import { FLAG, HEADER_OCTETS } from './gate.ts'
import { headerOnly } from './reply.ts'
import type { ClientAddress, Transport } from './settings.ts'

/** Largest DNS message. */
const MAX_MESSAGE = 0xffff

/** Where a message came from. */
export interface Source {
  readonly transport: Transport
  /** Source address as the socket gives it. */
  readonly address: string
}

/**
 * Decides for one message who answers it, and hands the reply back: at once for names of the zone,
 * later for names that are forwarded.
 */
export class Handler {
  readonly #answerer: Answerer
  readonly #forwarder: Forwarder
  readonly #onFault: (fault: Error) => void
  readonly #out = new Uint8Array(MAX_MESSAGE)
  /** Address of the message at hand, in text form until a reply depends on it. */
  #address = ''
  readonly #client: ClientAddress = () => ipToBytes(clientAddress(this.#address))

  /** `onFault` is told of what answering threw: a fault of ours, which costs that one answer. */
  constructor(answerer: Answerer, forwarder: Forwarder, onFault: (fault: Error) => void) {
    this.#answerer = answerer
    this.#forwarder = forwarder
    this.#onFault = onFault
  }

  /**
   * The reply to a message: its octets, valid until the next call; a promise of them where it has to be
   * forwarded; or undefined if it deserves none. The promise never rejects.
   */
  handle(message: Uint8Array, source: Source): Uint8Array | Promise<Uint8Array> | undefined {
    try {
      const reply = this.#answer(message, source)
      if (!(reply instanceof Promise)) return reply
      return reply.catch((fault: unknown) => this.#fail(message, fault))
    } catch (fault) {
      return this.#fail(message, fault)
    }
  }

  #fail(message: Uint8Array, fault: unknown): Uint8Array {
    this.#onFault(fault instanceof Error ? fault : new Error(String(fault)))
    const reply = new Uint8Array(HEADER_OCTETS)
    headerOnly(message, reply, RCODE.SERVFAIL)
    return reply
  }

  #answer(message: Uint8Array, source: Source): Uint8Array | Promise<Uint8Array> | undefined {
    this.#address = source.address
    const length = this.#answerer.answer(
      message,
      message.length,
      this.#out,
      source.transport,
      this.#client,
    )
    if (length === DROP) return undefined
    if (length === FORWARD) {
      const address = clientAddress(source.address)
      return this.#forwarder.forward(message, { transport: source.transport, address })
    }
    const reply = this.#out.subarray(0, length)
    const { foreignTarget } = this.#answerer
    if (foreignTarget === 0 || !wantsRecursion(message)) return reply
    return this.#completeAlias(message, Buffer.from(reply), foreignTarget, source)
  }

  /** Adds what a CNAME out of the domain points to. `reply` is the caller's no more. */
  async #completeAlias(
    message: Uint8Array,
    reply: Buffer,
    target: number,
    { transport, address }: Source,
  ): Promise<Uint8Array> {
    const { query, replyLimit, setTruncateBit } = this.#answerer
    const question = targetQuery(message, reply, target, query)
    const client = { transport, address: clientAddress(address) }
    const found = await this.#forwarder.forward(question, client)
    return joinTarget(reply, found, replyLimit, setTruncateBit)
  }
}

function wantsRecursion(message: Uint8Array): boolean {
  return ((message[2] as number) & FLAG.RD) !== 0
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
