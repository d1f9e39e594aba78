import { createRequire } from 'node:module'
import type { TestContext } from 'node:test'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const MSG_DONTWAIT = 0x40

/** A unix datagram socket that receives, as systemd has one. */
export interface UnixReceiver {
  /** What has come since the last time, one string a datagram. */
  read(): string[]
  /** Nobody listens there any more. */
  close(): void
}

/** Binds `path`, or with `@` in front a name of the abstract namespace. Needs koffi. */
export function receiveAt(t: TestContext, path: string): UnixReceiver {
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi')
  const libc = koffi.load(null)
  const socket = libc.func('int socket(int, int, int)')
  const bind = libc.func('int bind(int, const uint8_t *, uint32_t)')
  const setsockopt = libc.func('int setsockopt(int, int, int, const int *, uint32_t)')
  const recv = libc.func('int recv(int, _Out_ uint8_t *, uint64_t, int)')
  const close = libc.func('int close(int)')

  const fd = socket(AF_UNIX, SOCK_DGRAM, 0)
  const name = path.startsWith('@') ? Buffer.from(`\0${path.slice(1)}`) : Buffer.from(`${path}\0`)
  const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), name])
  if (bind(fd, address, address.length) !== 0) throw new Error(`bind ${path}: ${koffi.errno()}`)
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, [4096], 4)

  let isOpen = true
  const receiver = {
    read() {
      const messages: string[] = []
      const buffer = Buffer.alloc(8192)
      for (;;) {
        const length = recv(fd, buffer, buffer.length, MSG_DONTWAIT)
        if (length < 0) return messages
        messages.push(buffer.toString('utf8', 0, length))
      }
    },
    close() {
      if (isOpen) close(fd)
      isOpen = false
    },
  }
  t.after(receiver.close)
  return receiver
}
