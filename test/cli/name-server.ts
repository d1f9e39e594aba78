import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { TestContext } from 'node:test'
import packet, { type Packet } from 'dns-packet'

/** What a stub answers to a query over a transport; nothing at all if undefined. */
export type Answers = (
  query: Packet,
  transport: 'udp' | 'tcp',
) => Packet | Uint8Array | readonly (Packet | Uint8Array)[] | undefined

/** A name server on a loopback port, made with an encoder of its own; returns the port. */
export async function stubServer(t: TestContext, answers: Answers): Promise<number> {
  const replies = (query: Buffer, transport: 'udp' | 'tcp') =>
    [answers(packet.decode(query), transport) ?? []]
      .flat()
      .map((reply) =>
        'length' in reply ? Buffer.from(reply as Uint8Array) : packet.encode(reply as Packet),
      )

  const udp = createSocket('udp4')
  udp.on('message', (query, { port, address }) => {
    for (const reply of replies(query, 'udp')) udp.send(reply, port, address)
  })
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const { port } = udp.address()

  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.once('data', (bytes) => {
      const frames = replies(bytes.subarray(2), 'tcp').map((reply) => {
        const length = Buffer.alloc(2)
        length.writeUInt16BE(reply.length)
        return Buffer.concat([length, reply])
      })
      socket.end(Buffer.concat(frames))
    })
  })
  tcp.listen(port, '127.0.0.1')
  await once(tcp, 'listening')
  t.after(() => {
    udp.close()
    tcp.close()
  })
  return (tcp.address() as AddressInfo).port
}

/** A reply to the query: answers, and flags besides QR. */
export function replyTo(
  query: Packet,
  answers: Packet['answers'] = [],
  change: Partial<Packet> = {},
): Packet {
  return { ...query, type: 'response', answers: answers ?? [], additionals: [], ...change }
}
