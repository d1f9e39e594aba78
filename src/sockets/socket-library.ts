import type { HostPort } from '../net/address.ts'
import { DatagramBatch, type SendFailure } from './batch.ts'
import type { Libc } from './libc.ts'
import {
  AF,
  F_DUPFD_CLOEXEC,
  MEMINFO,
  OPTION,
  PMTUDISC_OMIT,
  SHUT_RD,
  SOCK,
  SOCKADDR_OCTETS,
  type SocketOption,
} from './linux.ts'
import { portAt, writeSockaddr } from './sockaddr.ts'
import { SystemCallError } from './system-error.ts'
import { UnixDatagramSender } from './unix-datagram.ts'

const VALUE_OCTETS = 64

/** Where to bind. `scope` is the number of the interface that a link-local address belongs to. */
export interface Binding extends HostPort {
  readonly scope?: number
}

export interface UdpOptions {
  /** Octets that the system may keep for the socket; what it allows may be less. */
  readonly receiveBuffer: number
  /** Whether the batch is told which local address each message was sent to; for wildcard addresses. */
  readonly localAddresses?: boolean
}

/**
 * Sockets as descriptors, for what Node.js has no options for. All of them may share their port with
 * others of the same user (SO_REUSEPORT), between which the system spreads clients; none takes the other
 * address family's messages. Functions throw a SystemCallError.
 */
export class SocketLibrary {
  readonly #libc: Libc
  readonly #octets: Uint8Array
  readonly #words: Int32Array
  readonly #address: number

  constructor(libc: Libc) {
    this.#libc = libc
    const memory = new ArrayBuffer(2 * VALUE_OCTETS)
    this.#octets = new Uint8Array(memory)
    this.#words = new Int32Array(memory)
    this.#address = libc.addressOf(memory)
  }

  /** A bound socket that does not block. An address that nothing has yet, or no more, can be bound too. */
  openUdp(where: Binding, { receiveBuffer, localAddresses = false }: UdpOptions): number {
    const isIpv6 = where.host.includes(':')
    return this.#open(where, SOCK.DGRAM, (fd) => {
      this.#set(fd, isIpv6 ? OPTION.IPV6_FREEBIND : OPTION.IP_FREEBIND, 1)
      // A kernel or a sandbox that does not know it: then path MTU discovery stays on.
      this.#try(fd, isIpv6 ? OPTION.IPV6_MTU_DISCOVER : OPTION.IP_MTU_DISCOVER, PMTUDISC_OMIT)
      if (localAddresses) this.#set(fd, isIpv6 ? OPTION.IPV6_RECVPKTINFO : OPTION.IP_PKTINFO, 1)
      this.setReceiveBuffer(fd, receiveBuffer)
    })
  }

  /** A bound socket that does not listen yet. */
  openTcp(where: Binding): number {
    return this.#open(where, SOCK.STREAM, (fd) => this.#set(fd, OPTION.REUSEADDR, 1))
  }

  #open(where: Binding, type: number, configure: (fd: number) => void): number {
    const isIpv6 = where.host.includes(':')
    const family = isIpv6 ? AF.INET6 : AF.INET
    const fd = this.#libc.socket(family, type | SOCK.NONBLOCK | SOCK.CLOEXEC, 0)
    if (fd < 0) throw this.#error('socket', where)
    try {
      if (isIpv6) this.#set(fd, OPTION.IPV6_V6ONLY, 1)
      this.#set(fd, OPTION.REUSEPORT, 1)
      configure(fd)
      const length = writeSockaddr(this.#octets, 0, where.host, where.port, where.scope)
      if (this.#libc.bind(fd, this.#address, length) < 0) throw this.#error('bind', where)
      return fd
    } catch (error) {
      this.close(fd)
      throw error
    }
  }

  /** The local port. */
  port(fd: number): number {
    this.#words[VALUE_OCTETS / 4] = SOCKADDR_OCTETS.INET6
    if (this.#libc.getsockname(fd, this.#address, this.#address + VALUE_OCTETS) < 0) {
      throw this.#error('getsockname')
    }
    return portAt(this.#octets, 0)
  }

  /** Another descriptor of the same socket. */
  duplicate(fd: number): number {
    const copy = this.#libc.fcntl(fd, F_DUPFD_CLOEXEC, 0)
    if (copy < 0) throw this.#error('fcntl')
    return copy
  }

  close(fd: number): void {
    this.#libc.close(fd)
  }

  /** Has a TCP socket refuse connections, whoever else has a descriptor of it, until it listens again. */
  stopListening(fd: number): void {
    this.#libc.shutdown(fd, SHUT_RD)
  }

  /** Octets that the system keeps for the socket at most, twice of what was asked for at best. */
  receiveBuffer(fd: number): number {
    this.#get(fd, OPTION.RCVBUF, 4)
    return this.#words[0] as number
  }

  /** Sets the octets that the system may keep for the socket; what it allows may be less. */
  setReceiveBuffer(fd: number, octets: number): void {
    if (!this.#try(fd, OPTION.RCVBUFFORCE, octets)) this.#try(fd, OPTION.RCVBUF, octets)
  }

  /** Sets the octets of replies that may wait to be sent; the system has a least value. */
  setSendBuffer(fd: number, octets: number): void {
    this.#set(fd, OPTION.SNDBUF, octets)
  }

  /** How many datagrams the system has dropped since the socket was opened: its receive buffer was full. */
  overflowed(fd: number): number {
    this.#get(fd, OPTION.MEMINFO, 4 * MEMINFO.NUMBERS)
    return (this.#words[MEMINFO.DROPS] as number) >>> 0
  }

  /** See DatagramBatch. */
  createBatch(onFailure: (failure: SendFailure) => void): DatagramBatch {
    return new DatagramBatch(this.#libc, onFailure)
  }

  /** See UnixDatagramSender. */
  openUnixSender(path: string): UnixDatagramSender {
    return new UnixDatagramSender(this.#libc, path)
  }

  #get(fd: number, [level, name]: SocketOption, length: number): void {
    this.#words[VALUE_OCTETS / 4] = length
    const status = this.#libc.getsockopt(
      fd,
      level,
      name,
      this.#address,
      this.#address + VALUE_OCTETS,
    )
    if (status < 0) throw this.#error('getsockopt')
  }

  #set(fd: number, option: SocketOption, value: number): void {
    if (!this.#try(fd, option, value)) throw this.#error('setsockopt')
  }

  #try(fd: number, [level, name]: SocketOption, value: number): boolean {
    this.#words[0] = value
    return this.#libc.setsockopt(fd, level, name, this.#address, 4) === 0
  }

  #error(syscall: string, where?: HostPort): SystemCallError {
    return new SystemCallError(syscall, this.#libc.errno(), where)
  }
}
