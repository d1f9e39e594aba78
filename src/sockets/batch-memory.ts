import { IOVEC, MMSGHDR } from './linux.ts'

/** Messages that one system call receives or sends at most. */
export const BATCH = 64
/** The slot behind those of the batch, for a reply that is sent by itself. */
export const LATE = BATCH
const SLOTS = BATCH + 1

/** Largest datagram: no message is ever cut. */
export const MESSAGE_OCTETS = 0xffff

/**
 * Distances in octets. An odd number of cache lines puts the starts of messages into different sets of the
 * cache. Memory that no message reaches into is never touched and costs nothing.
 */
const STRIDE = { MESSAGE: 0x10000 + 64, NAME: 32, CONTROL: 64 } as const
export const CONTROL_OCTETS = STRIDE.CONTROL

/**
 * All memory of a batch: one piece, so that the system's structures can point into it. A slot is a struct
 * mmsghdr and what it points to: the peer's address, ancillary data, and the octets of a message, in whose
 * place its reply is sent. Slots are counted from 0.
 */
export class BatchMemory {
  /** A struct pollfd. */
  readonly pollfd: number
  readonly octets: Uint8Array
  /** The structures, without the octets of messages. */
  readonly words: Uint32Array
  /** Address of the first octet. */
  readonly base: number
  /** One per slot. */
  readonly messages: readonly Uint8Array[]
  readonly #headers: number
  readonly #iovecs: number
  readonly #names: number
  readonly #controls: number

  constructor(addressOf: (memory: ArrayBuffer) => number) {
    let end = 0
    const take = (octets: number) => {
      const at = end
      end += (octets + 63) & ~63
      return at
    }
    this.#headers = take(SLOTS * MMSGHDR.WORDS * 4)
    this.#iovecs = take(SLOTS * IOVEC.WORDS * 4)
    this.#names = take(SLOTS * STRIDE.NAME)
    this.#controls = take(SLOTS * STRIDE.CONTROL)
    this.pollfd = take(8)
    const structures = end
    const messages = take(SLOTS * STRIDE.MESSAGE)
    const memory = new ArrayBuffer(end)
    this.octets = new Uint8Array(memory)
    this.words = new Uint32Array(memory, 0, structures / 4)
    this.base = addressOf(memory)
    this.messages = Array.from({ length: SLOTS }, (_, slot) => {
      return new Uint8Array(memory, messages + slot * STRIDE.MESSAGE, MESSAGE_OCTETS)
    })
    for (let slot = 0; slot < SLOTS; slot++) this.#describe(slot)
  }

  /** First word of a struct mmsghdr. */
  header(slot: number): number {
    return this.#headers / 4 + slot * MMSGHDR.WORDS
  }

  /** The word of a slot's struct iovec that holds the length. */
  iovecLength(slot: number): number {
    return this.#iovecs / 4 + slot * IOVEC.WORDS + IOVEC.LENGTH
  }

  /** First octet of the peer's struct sockaddr. */
  name(slot: number): number {
    return this.#names + slot * STRIDE.NAME
  }

  /** First octet of the ancillary data. */
  control(slot: number): number {
    return this.#controls + slot * STRIDE.CONTROL
  }

  /** Points the structures of a slot to each other and to its octets, once and for all. */
  #describe(slot: number): void {
    const { words, base } = this
    const header = this.header(slot)
    const pointer = (word: number, offset: number) => {
      words[word] = (base + offset) % 2 ** 32
      words[word + 1] = Math.floor((base + offset) / 2 ** 32)
    }
    const iovec = this.#iovecs + slot * IOVEC.WORDS * 4
    pointer(header + MMSGHDR.NAME, this.name(slot))
    pointer(header + MMSGHDR.IOV, iovec)
    words[header + MMSGHDR.IOV_LENGTH] = 1
    pointer(header + MMSGHDR.CONTROL, this.control(slot))
    pointer(iovec / 4 + IOVEC.BASE, (this.messages[slot] as Uint8Array).byteOffset)
    words[this.iovecLength(slot)] = MESSAGE_OCTETS
  }
}
