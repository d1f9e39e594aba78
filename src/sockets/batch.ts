import { BATCH, BatchMemory, CONTROL_OCTETS, LATE, MESSAGE_OCTETS } from './batch-memory.ts'
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
 * Receives up to 64 messages with one system call, and sends the replies with one. A reply takes the place
 * of its message, and so leaves with the structures the system has filled in: nothing is copied. A thread
 * needs one of these for all of its sockets: everything between receive() and send() happens at once. The
 * view of each slot is made once, and addresses stay in the system's form, so that a query costs no objects.
 */
export class DatagramBatch {
  readonly #libc: Libc
  readonly #onFailure: (failure: SendFailure) => void
  readonly #memory: BatchMemory
  /** Octets of each message, valid up to lengthOf() and until the next receive(); room for its reply. */
  readonly messages: readonly Uint8Array[]
  /** Slots whose lengths have been overwritten, by the system or by replies. */
  #used = BATCH
  /** Lengths of the replies that wait for send() in each slot; 0 for none. */
  readonly #replies = new Uint16Array(BATCH)

  /** `onFailure` is told of each reply that the system does not take. */
  constructor(libc: Libc, onFailure: (failure: SendFailure) => void) {
    this.#libc = libc
    this.#onFailure = onFailure
    this.#memory = new BatchMemory((memory) => libc.addressOf(memory))
    this.messages = this.#memory.messages
  }

  /** Receives what is there, without waiting, into the slots from `first` on; returns how many messages. */
  receive(fd: number, first = 0): number {
    const memory = this.#memory
    const { words } = memory
    for (let slot = first; slot < this.#used; slot++) {
      const header = memory.header(slot)
      words[header + MMSGHDR.NAME_LENGTH] = SOCKADDR_OCTETS.INET6
      words[header + MMSGHDR.CONTROL_LENGTH] = CONTROL_OCTETS
      words[memory.iovecLength(slot)] = MESSAGE_OCTETS
    }
    this.#used = first
    const vector = memory.base + memory.header(first) * 4
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
    const memory = this.#memory
    return memory.words[memory.header(slot) + MMSGHDR.LENGTH] as number
  }

  /** Takes in a message that was received otherwise. `scope` belongs to a link-local `host`. */
  put(slot: number, message: Uint8Array, host: string, port: number, scope = 0): void {
    const memory = this.#memory
    const { words, octets } = memory
    const header = memory.header(slot)
    ;(memory.messages[slot] as Uint8Array).set(message)
    words[header + MMSGHDR.LENGTH] = message.length
    words[header + MMSGHDR.NAME_LENGTH] = writeSockaddr(
      octets,
      memory.name(slot),
      host,
      port,
      scope,
    )
    words[header + MMSGHDR.CONTROL_LENGTH] = 0
    if (slot >= this.#used) this.#used = slot + 1
  }

  /** Port the message came from. */
  portOf(slot: number): number {
    return portAt(this.#memory.octets, this.#memory.name(slot))
  }

  familyOf(slot: number): Family {
    return familyAt(this.#memory.octets, this.#memory.name(slot))
  }

  /** Address the message came from, without a scope. */
  addressOf(slot: number): string {
    return addressAt(this.#memory.octets, this.#memory.name(slot))
  }

  /** The same as 4 or 16 octets, valid until the next receive(). */
  addressOctetsOf(slot: number): Uint8Array {
    const { octets } = this.#memory
    const start = addressStart(octets, this.#memory.name(slot))
    return octets.subarray(start, start + (this.familyOf(slot) === 4 ? 4 : 16))
  }

  /** The address a message was sent to; undefined if its socket does not ask for it. */
  localAddressOf(slot: number): LocalAddress | undefined {
    if (this.#controlLength(slot) === 0) return undefined
    const { words, octets } = this.#memory
    return localAddress(words, octets, this.#memory.control(slot) / 4)
  }

  /** What it takes to reply to a message later: see sendTo(). */
  peerOf(slot: number): Peer {
    const memory = this.#memory
    const { words, octets } = memory
    const name = memory.name(slot)
    const control = memory.control(slot)
    const nameLength = words[memory.header(slot) + MMSGHDR.NAME_LENGTH] as number
    return {
      sockaddr: octets.slice(name, name + nameLength),
      control: octets.slice(control, control + this.#controlLength(slot)),
    }
  }

  /** The first `length` octets of a slot are no longer the message, but the reply to it. */
  reply(slot: number, length: number): void {
    const memory = this.#memory
    const { words } = memory
    words[memory.iovecLength(slot)] = length
    words[memory.header(slot) + MMSGHDR.CONTROL_LENGTH] = this.#controlLength(slot)
    this.#replies[slot] = length
  }

  /** Sends the replies. One that the system does not take costs itself alone. */
  send(fd: number): void {
    const replies = this.#replies
    const used = this.#used
    // One call for all, or more where some messages get no reply now.
    for (let first = 0; first < used; first++) {
      let end = first
      while (end < used && replies[end] !== 0) replies[end++] = 0
      if (end > first) this.#send(fd, first, end)
      first = end
    }
  }

  /** Sends one reply to a peer noted earlier. */
  sendTo(fd: number, reply: Uint8Array, { sockaddr, control }: Peer): void {
    const memory = this.#memory
    const { words, octets } = memory
    const header = memory.header(LATE)
    ;(memory.messages[LATE] as Uint8Array).set(reply)
    words[memory.iovecLength(LATE)] = reply.length
    octets.set(sockaddr, memory.name(LATE))
    words[header + MMSGHDR.NAME_LENGTH] = sockaddr.length
    octets.set(control, memory.control(LATE))
    words[header + MMSGHDR.CONTROL_LENGTH] = control.length
    this.#send(fd, LATE, LATE + 1)
  }

  #send(fd: number, first: number, end: number): void {
    const memory = this.#memory
    let next = first
    let waits = 0
    let tried = -1
    while (next < end) {
      const vector = memory.base + memory.header(next) * 4
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
    const memory = this.#memory
    const { words, octets } = memory
    if (words[memory.header(slot) + MMSGHDR.CONTROL_LENGTH] === 0) return 0
    return prepareReplySource(words, octets, memory.control(slot) / 4)
  }
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
