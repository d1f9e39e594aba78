import { BATCH, BatchMemory, CONTROL_OCTETS, LATE } from './batch-memory.ts'
import type { Libc } from './libc.ts'
import { ERRNO, MMSGHDR, MSG_DONTWAIT, POLLOUT, SOCKADDR_OCTETS } from './linux.ts'
import { type LocalAddress, localAddress, prepareReplySource } from './pktinfo.ts'
import {
  addressAt,
  addressStart,
  type Family,
  familyAt,
  portAt,
  writeSockaddr,
} from './sockaddr.ts'

export { BATCH }

/** What became of earlier replies (ICMP) may stand before the next message, so many times. */
const MAX_PENDING_ERRORS = 64

/** How long replies wait for room in the socket's send buffer: so many times so many milliseconds. */
const WAIT_MS = 5
const MAX_WAITS = 4

/** Why the system did not take a reply. */
export type SendFailure = 'no-buffers' | 'too-long' | 'unreachable' | 'other'

/** Where a message came from and which address it was sent to, in the system's form. */
export interface Peer {
  readonly sockaddr: Uint8Array
  /** Empty where the socket is bound to the address. */
  readonly control: Uint8Array
}

/**
 * Receives up to 64 messages with one system call, and sends the replies with one. A thread needs one of
 * these for all of its sockets: everything between receive() and send() happens at once. The view of each
 * slot is made once, and addresses stay in the system's form, so that a query costs no objects.
 */
export class DatagramBatch {
  readonly #libc: Libc
  readonly #onFailure: (failure: SendFailure) => void
  readonly #memory: BatchMemory
  /** Octets of each message, valid up to lengthOf() and until the next receive(). */
  readonly messages: readonly Uint8Array[]
  /** Slots whose lengths the system has overwritten. */
  #used = BATCH
  /** Replies that wait for send(). */
  #replies = 0

  /** `onFailure` is told of each reply that the system does not take. */
  constructor(libc: Libc, onFailure: (failure: SendFailure) => void) {
    this.#libc = libc
    this.#onFailure = onFailure
    this.#memory = new BatchMemory((memory) => libc.addressOf(memory))
    this.messages = this.#memory.messages
  }

  /** Receives what is there, without waiting, into the slots from `first` on; returns how many messages. */
  receive(fd: number, first = 0): number {
    const { words, received, base } = this.#memory
    for (let slot = first; slot < this.#used; slot++) {
      const header = received.header(slot)
      words[header + MMSGHDR.NAME_LENGTH] = SOCKADDR_OCTETS.INET6
      words[header + MMSGHDR.CONTROL_LENGTH] = CONTROL_OCTETS
    }
    this.#used = first
    const vector = base + received.header(first) * 4
    for (let errors = 0; errors < MAX_PENDING_ERRORS; errors++) {
      const count = this.#libc.recvmmsg(fd, vector, BATCH - first, MSG_DONTWAIT, 0)
      if (count >= 0) {
        this.#used = first + count
        return count
      }
      if (this.#libc.errno() === ERRNO.EAGAIN) return 0
    }
    return 0
  }

  lengthOf(slot: number): number {
    const { words, received } = this.#memory
    return words[received.header(slot) + MMSGHDR.LENGTH] as number
  }

  /** Notes who sent a message that was received otherwise. `scope` belongs to a link-local `host`. */
  setPeer(slot: number, host: string, port: number, scope = 0): void {
    const { words, octets, received } = this.#memory
    const header = received.header(slot)
    const length = writeSockaddr(octets, received.name(slot), host, port, scope)
    words[header + MMSGHDR.NAME_LENGTH] = length
    words[header + MMSGHDR.CONTROL_LENGTH] = 0
    if (slot >= this.#used) this.#used = slot + 1
  }

  /** Port the message came from. */
  portOf(slot: number): number {
    return portAt(this.#memory.octets, this.#memory.received.name(slot))
  }

  familyOf(slot: number): Family {
    return familyAt(this.#memory.octets, this.#memory.received.name(slot))
  }

  /** Address the message came from, without a scope. */
  addressOf(slot: number): string {
    return addressAt(this.#memory.octets, this.#memory.received.name(slot))
  }

  /** The same as 4 or 16 octets, valid until the next receive(). */
  addressOctetsOf(slot: number): Uint8Array {
    const { octets, received } = this.#memory
    const start = addressStart(octets, received.name(slot))
    return octets.subarray(start, start + (this.familyOf(slot) === 4 ? 4 : 16))
  }

  /** The address a message was sent to; undefined if its socket does not ask for it. */
  localAddressOf(slot: number): LocalAddress | undefined {
    if (this.#controlLength(slot) === 0) return undefined
    const { words, octets, received } = this.#memory
    return localAddress(words, octets, received.control(slot) / 4)
  }

  /** What it takes to reply to a message later: see sendTo(). */
  peerOf(slot: number): Peer {
    const { words, octets, received } = this.#memory
    const name = received.name(slot)
    const control = received.control(slot)
    const nameLength = words[received.header(slot) + MMSGHDR.NAME_LENGTH] as number
    return {
      sockaddr: octets.slice(name, name + nameLength),
      control: octets.slice(control, control + this.#controlLength(slot)),
    }
  }

  /** Where the next reply is to be written: 4,096 octets and some more. */
  get out(): Uint8Array {
    return this.#memory.replies[this.#replies] as Uint8Array
  }

  /** The first `length` octets of `out` are the reply to the message of a slot. */
  reply(slot: number, length: number): void {
    const { words, received, sent } = this.#memory
    const reply = this.#replies++
    const header = sent.header(reply)
    const nameLength = words[received.header(slot) + MMSGHDR.NAME_LENGTH] as number
    words[sent.iovecLength(reply)] = length
    words[header + MMSGHDR.NAME_LENGTH] = nameLength
    copyWords(words, received.name(slot), sent.name(reply), nameLength)
    const controlLength = this.#controlLength(slot)
    words[header + MMSGHDR.CONTROL_LENGTH] = controlLength
    copyWords(words, received.control(slot), sent.control(reply), controlLength)
  }

  /** Sends the replies. One that the system does not take costs itself alone. */
  send(fd: number): void {
    const replies = this.#replies
    this.#replies = 0
    if (replies > 0) this.#send(fd, 0, replies)
  }

  /** Sends one reply to a peer noted earlier; not between reply() and send(). */
  sendTo(fd: number, reply: Uint8Array, { sockaddr, control }: Peer): void {
    const { words, octets, sent, late } = this.#memory
    const header = sent.header(LATE)
    late.set(reply)
    words[sent.iovecLength(LATE)] = reply.length
    octets.set(sockaddr, sent.name(LATE))
    words[header + MMSGHDR.NAME_LENGTH] = sockaddr.length
    octets.set(control, sent.control(LATE))
    words[header + MMSGHDR.CONTROL_LENGTH] = control.length
    this.#send(fd, LATE, LATE + 1)
  }

  #send(fd: number, first: number, end: number): void {
    const { base, sent } = this.#memory
    let next = first
    let waits = 0
    let tried = -1
    while (next < end) {
      const vector = base + sent.header(next) * 4
      const count = this.#libc.sendmmsg(fd, vector, end - next, MSG_DONTWAIT)
      if (count > 0) {
        next += count
        continue
      }
      const errno = this.#libc.errno()
      if (errno === ERRNO.EINTR) continue
      if (errno === ERRNO.EAGAIN) {
        if (waits++ < MAX_WAITS) {
          this.#waitForRoom(fd)
          continue
        }
        for (; next < end; next++) this.#onFailure('no-buffers')
        return
      }
      // It may be what became of an earlier reply; then this one has not been tried.
      if (errno === ERRNO.ECONNREFUSED && tried !== next) {
        tried = next
        continue
      }
      this.#onFailure(failureOf(errno))
      next++
    }
  }

  #waitForRoom(fd: number): void {
    const { words, base, pollfd } = this.#memory
    words[pollfd / 4] = fd
    words[pollfd / 4 + 1] = POLLOUT
    this.#libc.poll(base + pollfd, 1, WAIT_MS)
  }

  /** Octets of the ancillary data that a reply takes along; 0 if none came. */
  #controlLength(slot: number): number {
    const { words, octets, received } = this.#memory
    if (words[received.header(slot) + MMSGHDR.CONTROL_LENGTH] === 0) return 0
    return prepareReplySource(words, octets, received.control(slot) / 4)
  }
}

/** Copies so many octets, a multiple of 4 (rounded up); quicker than copyWithin() for a few words. */
function copyWords(words: Uint32Array, from: number, to: number, octets: number): void {
  for (let i = 0; i < octets; i += 4) words[(to + i) >> 2] = words[(from + i) >> 2] as number
}

function failureOf(errno: number): SendFailure {
  switch (errno) {
    case ERRNO.ENOBUFS:
    case ERRNO.ENOMEM:
      return 'no-buffers'
    case ERRNO.EMSGSIZE:
      return 'too-long'
    case ERRNO.ECONNREFUSED:
    case ERRNO.EHOSTUNREACH:
    case ERRNO.EHOSTDOWN:
    case ERRNO.ENETUNREACH:
    case ERRNO.ENETDOWN:
    case ERRNO.EPERM:
    case ERRNO.EACCES:
      return 'unreachable'
    default:
      return 'other'
  }
}
