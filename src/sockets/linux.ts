/**
 * Numbers of the Linux system call interface, as the 64-bit little-endian machines below share them
 * (asm-generic). 32-bit machines lay the structures out differently; mips, parisc and sparc have numbers
 * of their own, and s390x stores them the other way round: there, and on other systems, none of this is used.
 */
export const MACHINES: ReadonlySet<string> = new Set(['x64', 'arm64', 'riscv64', 'loong64'])

export const AF = { UNIX: 1, INET: 2, INET6: 10 } as const

export const SOCK = { STREAM: 1, DGRAM: 2, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const

export const SOL = { SOCKET: 1, IP: 0, IPV6: 41 } as const

/** Level and name of each socket option. */
export const OPTION = {
  REUSEADDR: [SOL.SOCKET, 2],
  SNDBUF: [SOL.SOCKET, 7],
  RCVBUF: [SOL.SOCKET, 8],
  REUSEPORT: [SOL.SOCKET, 15],
  /** Like RCVBUF beyond net.core.rmem_max; needs CAP_NET_ADMIN. */
  RCVBUFFORCE: [SOL.SOCKET, 33],
  MEMINFO: [SOL.SOCKET, 55],
  IP_PKTINFO: [SOL.IP, 8],
  IP_MTU_DISCOVER: [SOL.IP, 10],
  IP_FREEBIND: [SOL.IP, 15],
  IPV6_MTU_DISCOVER: [SOL.IPV6, 23],
  IPV6_V6ONLY: [SOL.IPV6, 26],
  IPV6_RECVPKTINFO: [SOL.IPV6, 49],
  IPV6_FREEBIND: [SOL.IPV6, 78],
} as const satisfies Record<string, readonly [number, number]>
export type SocketOption = (typeof OPTION)[keyof typeof OPTION]

/** Fragments are cut by the interface alone: a forged ICMP "too big" changes nothing (ip(7), RFC 9715 §3). */
export const PMTUDISC_OMIT = 5

/** Types of ancillary data (struct cmsghdr) that carry the address a datagram was sent to. */
export const CMSG = { IP_PKTINFO: 8, IPV6_PKTINFO: 50 } as const

/** What MEMINFO gives: 32-bit numbers, of which the last counts dropped datagrams (linux/sock_diag.h). */
export const MEMINFO = { NUMBERS: 9, DROPS: 8 } as const

export const F_DUPFD_CLOEXEC = 1030
export const MSG_DONTWAIT = 0x40
export const POLLOUT = 4
export const SHUT_RD = 0

export const ERRNO = {
  EPERM: 1,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  ENAMETOOLONG: 36,
  EMSGSIZE: 90,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  EHOSTDOWN: 112,
  EHOSTUNREACH: 113,
} as const

/** struct sockaddr_in and sockaddr_in6. */
export const SOCKADDR_OCTETS = { INET: 16, INET6: 28 } as const

/** struct msghdr, followed in struct mmsghdr by the length; offsets in 32-bit words. */
export const MMSGHDR = {
  NAME: 0,
  NAME_LENGTH: 2,
  IOV: 4,
  IOV_LENGTH: 6,
  CONTROL: 8,
  CONTROL_LENGTH: 10,
  LENGTH: 14,
  WORDS: 16,
} as const

/** struct iovec; offsets in 32-bit words. */
export const IOVEC = { BASE: 0, LENGTH: 2, WORDS: 4 } as const

/** struct cmsghdr with a struct in_pktinfo or in6_pktinfo behind it; offsets in 32-bit words. */
export const PKTINFO = {
  LEVEL: 2,
  TYPE: 3,
  /** in_pktinfo: interface, the local address that was asked, the destination in the header. */
  IP_INTERFACE: 4,
  IP_LOCAL: 5,
  IP_OCTETS: 28,
  /** in6_pktinfo: address, interface. */
  IPV6_LOCAL: 4,
  IPV6_INTERFACE: 8,
  IPV6_OCTETS: 36,
} as const
