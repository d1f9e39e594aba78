import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { errorCode, type Transport } from './exchange.ts'

/**
 * A socket of its own for each exchange: the kernel picks a random source port (RFC 5452 §9.2), and
 * because the socket is connected it drops datagrams from anyone else and reports ICMP errors.
 */
export const udp: Transport = ({ host, port }, attempt) => {
  const family = isIPv6(host) ? 6 : 4
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // Addresses need no resolver; without this each would take a turn through it.
    lookup: (address, _options, callback) => callback(null, address, family),
  })
  const failed = (error: unknown) => attempt.fail('network', errorCode(error))
  const send = () => {
    socket.send(attempt.packet, (error) => {
      if (error !== null) failed(error)
    })
  }
  socket.on('error', failed)
  socket.on('message', (message) => attempt.offer(message))
  socket.on('connect', send)
  // Bound first: a socket whose implicit bind fails inside connect() can no longer be closed.
  socket.on('listening', () => socket.connect(port, host))
  socket.bind({ port: 0, exclusive: true })
  return () => {
    // 'connect' comes a tick after the fact, on a closed socket too.
    socket.off('connect', send)
    socket.close()
  }
}
