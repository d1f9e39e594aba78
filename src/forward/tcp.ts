import { connect } from 'node:net'
import { errorCode, type Transport } from './exchange.ts'
import { FrameReader } from './frame-reader.ts'
import { HEADER_LENGTH } from './message.ts'

/** A connection of its own for each exchange; messages have a length prefix (RFC 1035 §4.2.2). */
export const tcp: Transport = ({ host, port }, attempt) => {
  const socket = connect({ host, port, noDelay: true })
  const frames = new FrameReader(HEADER_LENGTH)
  socket.on('error', (error) => attempt.fail('network', errorCode(error)))
  socket.on('close', () => attempt.fail('network', 'closed before the whole reply'))
  socket.on('data', (chunk) => {
    const intact = frames.read(chunk, (message) => attempt.offer(message))
    if (!intact) attempt.fail('malformed', 'length prefix too short for a message')
  })
  // One write, so that no peer has to put the prefix together from two segments (RFC 7766 §8).
  const framed = Buffer.allocUnsafe(2 + attempt.packet.length)
  framed.writeUInt16BE(attempt.packet.length, 0)
  attempt.packet.copy(framed, 2)
  socket.write(framed)
  return () => socket.destroy()
}
