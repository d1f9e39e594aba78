import type { Server } from 'node:net'
import type { HostPort } from '../net/address.ts'
import { bindAt } from '../net/listen.ts'

const HTTP = { what: 'HTTP', hostKey: 'HTTPListener', portKey: 'httpport' }

/** Binds `server` and resolves to the address it got; rejects with a ListenError. */
export function listenOn(server: Server, where: HostPort): Promise<HostPort> {
  return bindAt(HTTP, where, ({ host, port }) => bind(server, host, port))
}

function bind(server: Server, host: string, port: number): Promise<HostPort> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') throw new TypeError('not a TCP server')
      resolve({ host: address.address, port: address.port })
    })
  })
}
