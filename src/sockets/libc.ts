import { createRequire } from 'node:module'
import { endianness } from 'node:os'
import { MACHINES } from './linux.ts'

/**
 * The system calls that Node.js has no functions for. Memory is passed by address, as a plain number: below
 * 2^53 on every machine, and cheaper to pass than objects. A call that failed returns -1.
 */
export interface Libc {
  socket(family: number, type: number, protocol: number): number
  bind(fd: number, address: number, length: number): number
  /** `length` is the address of the length. */
  getsockname(fd: number, address: number, length: number): number
  setsockopt(fd: number, level: number, name: number, value: number, length: number): number
  /** `length` is the address of the length. */
  getsockopt(fd: number, level: number, name: number, value: number, length: number): number
  fcntl(fd: number, command: number, argument: number): number
  shutdown(fd: number, how: number): number
  close(fd: number): number
  recvmmsg(fd: number, messages: number, count: number, flags: number, timeout: number): number
  sendmmsg(fd: number, messages: number, count: number, flags: number): number
  sendto(
    fd: number,
    message: number,
    octets: number,
    flags: number,
    address: number,
    length: number,
  ): number
  poll(fds: number, count: number, milliseconds: number): number
  /** Why the call before failed. */
  errno(): number
  /** Where the memory lies; it stays there for as long as somebody holds the buffer. */
  addressOf(memory: ArrayBuffer): number
}

/** The C library through koffi, or undefined where koffi is not installed or the machine is another. */
export function loadLibc(): Libc | undefined {
  if (process.platform !== 'linux' || !MACHINES.has(process.arch) || endianness() !== 'LE') {
    return undefined
  }
  let koffi: typeof import('koffi')
  try {
    koffi = createRequire(import.meta.url)('koffi')
  } catch {
    return undefined
  }
  const library = koffi.load(null)
  const define = (name: string, ...types: readonly string[]) =>
    library.func(name, 'int', [...types])
  return {
    socket: define('socket', 'int', 'int', 'int'),
    bind: define('bind', 'int', 'uintptr_t', 'uint32'),
    getsockname: define('getsockname', 'int', 'uintptr_t', 'uintptr_t'),
    setsockopt: define('setsockopt', 'int', 'int', 'int', 'uintptr_t', 'uint32'),
    getsockopt: define('getsockopt', 'int', 'int', 'int', 'uintptr_t', 'uintptr_t'),
    // Declared with `...` in C; on these machines that makes no difference to how arguments are passed.
    fcntl: define('fcntl', 'int', 'int', 'int'),
    shutdown: define('shutdown', 'int', 'int'),
    close: define('close', 'int'),
    recvmmsg: define('recvmmsg', 'int', 'uintptr_t', 'uint32', 'int', 'uintptr_t'),
    sendmmsg: define('sendmmsg', 'int', 'uintptr_t', 'uint32', 'int'),
    sendto: define('sendto', 'int', 'uintptr_t', 'uint64', 'int', 'uintptr_t', 'uint32'),
    poll: define('poll', 'uintptr_t', 'uint64', 'int'),
    errno: () => koffi.errno(),
    addressOf: (memory) => Number(koffi.address(memory)),
  }
}
