import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { formatHostPort } from '../../src/net/address.ts'

/** A server on loopback that keeps what it was sent and does with it what a test tells it to. */
export interface HostileUpstream {
  /** `ip:port` as in the configuration. */
  readonly name: string
  readonly received: Buffer[]
  /** Source ports of the clients, in order. */
  readonly ports: number[]
}

export type UdpBehaviour = (
  query: Buffer,
  reply: (message: Buffer) => void,
  client: RemoteInfo,
) => void

export async function udpUpstream(
  t: TestContext,
  behave: UdpBehaviour,
  host = '127.0.0.1',
): Promise<HostileUpstream> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const received: Buffer[] = []
  const ports: number[] = []
  socket.on('message', (query, client) => {
    received.push(query)
    ports.push(client.port)
    behave(query, (message) => socket.send(message, client.port, client.address), client)
  })
  socket.bind(0, host)
  await once(socket, 'listening')
  t.after(() => {
    socket.close()
  })
  return { name: formatHostPort({ host, port: socket.address().port }), received, ports }
}

/** Called once for each message that comes in, with its length prefix taken off. */
export type TcpBehaviour = (query: Buffer, socket: Socket) => void

export async function tcpUpstream(
  t: TestContext,
  behave: TcpBehaviour,
  host = '127.0.0.1',
): Promise<HostileUpstream> {
  const received: Buffer[] = []
  const ports: number[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    ports.push(socket.remotePort ?? 0)
    let pending = Buffer.alloc(0)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0)
        const query = pending.subarray(2, end)
        pending = pending.subarray(end)
        received.push(query)
        behave(query, socket)
      }
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { name: formatHostPort({ host, port }), received, ports }
}

/** An address where nothing listens, for either transport. */
export async function deadUpstream(): Promise<string> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return `127.0.0.1:${port}`
}

/** With the length prefix of TCP, which may lie. */
export function framed(message: Buffer, length = message.length): Buffer {
  const prefix = Buffer.alloc(2)
  prefix.writeUInt16BE(length)
  return Buffer.concat([prefix, message])
}
