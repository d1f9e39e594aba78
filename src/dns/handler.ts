import type { Forwarder } from '../forward/index.ts'
import { ipToBytes } from '../net/address.ts'
import { type Answerer, DROP, FORWARD } from './answer.ts'
import type { Transport } from './settings.ts'

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
  readonly #needsClient: boolean
  readonly #out = new Uint8Array(MAX_MESSAGE)

  constructor(answerer: Answerer, forwarder: Forwarder, options: { needsClient: boolean }) {
    this.#answerer = answerer
    this.#forwarder = forwarder
    this.#needsClient = options.needsClient
  }

  /**
   * The reply to a message: its octets, valid until the next call; a promise of them where it has to be
   * forwarded; or undefined if it deserves none. The promise never rejects.
   */
  handle(message: Uint8Array, source: Source): Uint8Array | Promise<Uint8Array> | undefined {
    const client = this.#needsClient ? ipToBytes(clientAddress(source.address)) : undefined
    const length = this.#answerer.answer(
      message,
      message.length,
      this.#out,
      source.transport,
      client,
    )
    if (length === DROP) return undefined
    if (length === FORWARD) {
      const address = clientAddress(source.address)
      return this.#forwarder.forward(message, { transport: source.transport, address })
    }
    return this.#out.subarray(0, length)
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
