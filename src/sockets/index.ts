import { loadLibc } from './libc.ts'
import { SocketLibrary } from './socket-library.ts'

/** Sockets beyond those of Node.js: shared ports, many datagrams per system call, local addresses, unix datagrams. */
export { BATCH, type DatagramBatch, type Peer, type SendFailure } from './batch.ts'
export type { LocalAddress } from './pktinfo.ts'
export type { Binding, SocketLibrary, UdpOptions } from './socket-library.ts'
export { SystemCallError } from './system-error.ts'
export type { UnixDatagramSender } from './unix-datagram.ts'

let loaded: { readonly sockets: SocketLibrary | undefined } | undefined

/**
 * The sockets of this thread; undefined where they are not to be had: other systems than Linux, machines
 * with other numbers, or without koffi, which is an optional dependency.
 */
export function loadSockets(): SocketLibrary | undefined {
  if (loaded === undefined) {
    const libc = loadLibc()
    loaded = { sockets: libc === undefined ? undefined : new SocketLibrary(libc) }
  }
  return loaded.sockets
}
