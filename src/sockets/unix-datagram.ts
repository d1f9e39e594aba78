import type { Libc } from './libc.ts'
import { AF, ERRNO, MSG_DONTWAIT, SOCK } from './linux.ts'
import { SystemCallError } from './system-error.ts'

/** Longest message in octets; what is sent here is a few lines. */
const MESSAGE_OCTETS = 4096

/** struct sockaddr_un: the family, and a path with an octet of 0 behind it (unix(7)). */
const PATH_AT = 2
const PATH_OCTETS = 108

/** A datagram socket that sends to a unix socket, which Node.js has no functions for. It never blocks. */
export class UnixDatagramSender {
  readonly #libc: Libc
  readonly #octets: Uint8Array
  readonly #address: number
  readonly #addressLength: number
  #fd: number

  /**
   * `path` is that of a file, or a name in the abstract namespace with `@` in front of it. Whether
   * anybody listens there shows when something is sent. Throws a SystemCallError.
   */
  constructor(libc: Libc, path: string) {
    const name = Buffer.from(path)
    if (name.length >= PATH_OCTETS) throw new SystemCallError('sendto', ERRNO.ENAMETOOLONG)
    const memory = new ArrayBuffer(MESSAGE_OCTETS + PATH_AT + PATH_OCTETS)
    this.#libc = libc
    this.#octets = new Uint8Array(memory)
    this.#address = libc.addressOf(memory)
    const isAbstract = path.startsWith('@')
    if (isAbstract) name[0] = 0
    this.#octets[MESSAGE_OCTETS] = AF.UNIX
    this.#octets.set(name, MESSAGE_OCTETS + PATH_AT)
    // In the abstract namespace every octet belongs to the name.
    this.#addressLength = PATH_AT + name.length + (isAbstract ? 0 : 1)
    this.#fd = libc.socket(AF.UNIX, SOCK.DGRAM | SOCK.NONBLOCK | SOCK.CLOEXEC, 0)
    if (this.#fd < 0) throw new SystemCallError('socket', libc.errno())
  }

  /** Sends up to 4,096 octets. False if the receiver has no room now. Throws a SystemCallError. */
  send(message: Uint8Array): boolean {
    if (message.length > MESSAGE_OCTETS) throw new SystemCallError('sendto', ERRNO.EMSGSIZE)
    this.#octets.set(message)
    const to = this.#address + MESSAGE_OCTETS
    const sent = this.#libc.sendto(
      this.#fd,
      this.#address,
      message.length,
      MSG_DONTWAIT,
      to,
      this.#addressLength,
    )
    if (sent >= 0) return true
    const errno = this.#libc.errno()
    if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOBUFS) return false
    throw new SystemCallError('sendto', errno)
  }

  /** Safe to call twice; nothing can be sent any more. */
  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd)
    this.#fd = -1
  }
}
