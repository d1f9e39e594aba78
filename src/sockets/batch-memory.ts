import { IOVEC, MMSGHDR } from './linux.ts'

/** Messages that one system call receives or sends at most. */
export const BATCH = 64
/** The slot behind those of the batch, for a reply that is sent by itself. */
export const LATE = BATCH

/** Largest datagram: no message is ever cut. */
const MESSAGE_OCTETS = 0xffff
/** The largest reply of the zone: `ednsBufferSize` is 4,096 at most. */
export const REPLY_OCTETS = 4096 + 512

/**
 * Distances in octets. An odd number of cache lines puts the starts of messages into different sets of the
 * cache. Memory that no message reaches into is never touched and costs nothing.
 */
const STRIDE = { MESSAGE: 0x10000 + 64, REPLY: REPLY_OCTETS + 64, NAME: 32, CONTROL: 64 } as const
export const CONTROL_OCTETS = STRIDE.CONTROL

/**
 * The structures of one direction: a vector of struct mmsghdr, what each of them points to, and the octets
 * of the messages. Slots are counted from 0.
 */
class Area {
  readonly #headers: number
  readonly #iovecs: number
  readonly #names: number
  readonly #controls: number

  constructor(take: (octets: number) => number, slots: number) {
    this.#headers = take(slots * MMSGHDR.WORDS * 4)
    this.#iovecs = take(slots * IOVEC.WORDS * 4)
    this.#names = take(slots * STRIDE.NAME)
    this.#controls = take(slots * STRIDE.CONTROL)
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

  /** Points the structures of a slot to each other and to its buffer, once and for all. */
  describe(slot: number, words: Uint32Array, base: number, buffer: number, length: number): void {
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
    pointer(iovec / 4 + IOVEC.BASE, buffer)
    words[this.iovecLength(slot)] = length
  }
}

/** All memory of a batch: one piece, so that the system's structures can point into it. */
export class BatchMemory {
  readonly received: Area
  readonly sent: Area
  /** A struct pollfd. */
  readonly pollfd: number
  readonly octets: Uint8Array
  /** The structures, without the octets of messages and replies. */
  readonly words: Uint32Array
  /** Address of the first octet. */
  readonly base: number
  readonly messages: readonly Uint8Array[]
  readonly replies: readonly Uint8Array[]
  /** Room for a reply of any size. */
  readonly late: Uint8Array

  constructor(addressOf: (memory: ArrayBuffer) => number) {
    let end = 0
    const take = (octets: number) => {
      const at = end
      end += (octets + 63) & ~63
      return at
    }
    this.received = new Area(take, BATCH)
    this.sent = new Area(take, BATCH + 1)
    this.pollfd = take(8)
    const structures = end
    const messages = take(BATCH * STRIDE.MESSAGE)
    const replies = take(BATCH * STRIDE.REPLY)
    const late = take(MESSAGE_OCTETS)
    const memory = new ArrayBuffer(end)
    this.octets = new Uint8Array(memory)
    this.words = new Uint32Array(memory, 0, structures / 4)
    this.base = addressOf(memory)
    const views = (at: number, stride: number, length: number) =>
      Array.from({ length: BATCH }, (_, i) => new Uint8Array(memory, at + i * stride, length))
    this.messages = views(messages, STRIDE.MESSAGE, MESSAGE_OCTETS)
    this.replies = views(replies, STRIDE.REPLY, REPLY_OCTETS)
    this.late = new Uint8Array(memory, late, MESSAGE_OCTETS)
    const { received, sent, words, base } = this
    for (const { byteOffset, byteLength } of this.messages) {
      received.describe(
        (byteOffset - messages) / STRIDE.MESSAGE,
        words,
        base,
        byteOffset,
        byteLength,
      )
    }
    for (const { byteOffset } of this.replies) {
      sent.describe((byteOffset - replies) / STRIDE.REPLY, words, base, byteOffset, 0)
    }
    sent.describe(LATE, words, base, late, 0)
  }
}
