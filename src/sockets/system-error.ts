import { getSystemErrorName } from 'node:util'
import { formatHostPort, type HostPort } from '../net/address.ts'

/** A system call failed; `code` is the name that Node.js gives the same error, such as EADDRINUSE. */
export class SystemCallError extends Error {
  readonly syscall: string
  readonly errno: number
  readonly code: string

  constructor(syscall: string, errno: number, where?: HostPort) {
    const code = getSystemErrorName(-errno)
    super([syscall, code, ...(where === undefined ? [] : [formatHostPort(where)])].join(' '))
    this.name = new.target.name
    this.syscall = syscall
    this.errno = errno
    this.code = code
  }
}
