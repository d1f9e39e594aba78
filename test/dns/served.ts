import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../src/config/index.ts'
import { type Counts, createCounters, readCounters } from '../../src/counters/index.ts'
import { type DnsServer, type DnsServerOptions, listenDns } from '../../src/dns/index.ts'
import type { ForwardClient, Forwarder } from '../../src/forward/index.ts'
import { silentLogger } from '../../src/log.ts'
import { RCODE } from '../../src/net/dns-numbers.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { needsKoffi } from '../koffi.ts'
import { recordSet } from '../presentation.ts'
import { encode, type Question, SERIAL } from './question.ts'

/** The ways to receive and send: with koffi in batches and one by one, and with Node.js alone. */
export const MODES: readonly {
  readonly name: string
  readonly udp: Config['udp']
  readonly options: Pick<DnsServerOptions, 'loadSockets'>
  /** Why it cannot be tested here. */
  readonly skip: string | false
}[] = [
  { name: 'batch', udp: 'batch', options: {}, ...needsKoffi() },
  { name: 'dgram', udp: 'dgram', options: {}, ...needsKoffi() },
  {
    name: 'dgram without koffi',
    udp: 'auto',
    options: { loadSockets: () => undefined },
    skip: false,
  },
]
export type Mode = (typeof MODES)[number]

export const hasIpv6: boolean = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1')

/** How many names `h0.mesos.` and so on there are, each with the address of its number: see hostAddress(). */
export const HOSTS = 1000

export const hostAddress = (i: number): string => `10.2.${i >> 8}.${i & 255}`

export const LINES = [
  'leader.mesos. - A 10.0.0.1',
  ...Array.from({ length: HOSTS }, (_, i) => `h${i}.mesos. - A ${hostAddress(i)}`),
  ...Array.from({ length: 600 }, (_, i) => `many.mesos. - A 10.1.${i >> 8}.${i & 255}`),
]

/** A forwarder whose answers the test gives out. */
export class HeldForwarder implements Forwarder {
  readonly asked: { query: Buffer; client: ForwardClient; answer: (reply: Uint8Array) => void }[] =
    []
  answered = 0
  isClosed = false

  forward(query: Uint8Array, client: ForwardClient): Promise<Uint8Array> {
    return new Promise((resolve) => {
      const answer = (reply: Uint8Array) => {
        this.answered++
        resolve(reply)
      }
      this.asked.push({ query: Buffer.from(query), client, answer })
    })
  }

  async finish(): Promise<void> {
    while (this.answered < this.asked.length) await sleep(1)
    await this.close()
  }

  async close(): Promise<void> {
    this.isClosed = true
    for (const { query, answer } of this.asked) answer(servfail(query))
  }

  /** Settles once so many queries have come. */
  async waitFor(count: number): Promise<void> {
    while (this.asked.length < count) await sleep(1)
  }
}

export function servfail(query: Buffer): Buffer {
  const reply = Buffer.from(query)
  reply[2] = 0x81
  reply[3] = 0x80 | RCODE.SERVFAIL
  return reply
}

export interface Served {
  readonly server: DnsServer
  readonly forwarder: HeldForwarder
  readonly port: number
  readonly config: Config
  readonly counts: () => Counts
}

const open: { close(): unknown }[] = []

/** Closes what serve() and others have opened, at the end of each test. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((each) => each.close()))
}

export function closeLater(resource: { close(): unknown }): void {
  open.push(resource)
}

/** A server on 127.0.0.1 with a zone of LINES, unless `change` says otherwise. */
export async function serve(
  mode: Mode,
  change: Partial<Config> = {},
  options: Partial<Pick<DnsServerOptions, 'addresses' | 'log' | 'freshness'>> = {},
): Promise<Served> {
  const config = {
    ...defaultConfig(),
    port: 0,
    listener: ['127.0.0.1'],
    udp: mode.udp,
    ...change,
  }
  const forwarder = new HeldForwarder()
  const counters = createCounters()
  const server = await listenDns({
    config,
    version: '1.2.3',
    log: silentLogger,
    forwarder,
    addresses: () => [],
    counters,
    ...mode.options,
    ...options,
  })
  open.push(server)
  server.publish(zoneOf(recordSet(LINES), config, SERIAL))
  return {
    server,
    forwarder,
    port: server.address.port,
    config,
    counts: () => readCounters([counters]).total,
  }
}

/** Sends datagrams from one socket; resolves with as many replies. */
export async function askUdp(
  port: number,
  questions: readonly Question[],
  host = '127.0.0.1',
): Promise<Buffer[]> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  const replies: Buffer[] = []
  for (const question of questions) socket.send(encode(question), port, host)
  for await (const [reply] of on(socket, questions.length)) replies.push(reply)
  socket.close()
  return replies
}

/** Asks as resolvers do: from a socket that takes replies only from the address it asked. */
export async function askConnected(
  port: number,
  host: string,
  question: Question = { id: 21 },
): Promise<Buffer[]> {
  const socket = createSocket('udp4')
  socket.connect(port, host)
  await once(socket, 'connect')
  const reply = once(socket, 'message')
  // The address may have been found a moment ago: ask until its socket is there.
  let knocking = true
  reply.then(() => {
    knocking = false
  })
  while (knocking) {
    socket.send(encode(question))
    await sleep(5)
  }
  socket.close()
  const [message] = (await reply) as [Buffer]
  return [message]
}

async function* on(
  socket: ReturnType<typeof createSocket>,
  count: number,
): AsyncGenerator<[Buffer]> {
  const received: Buffer[] = []
  let wake = () => {}
  socket.on('message', (message) => {
    received.push(message)
    wake()
  })
  for (let i = 0; i < count; i++) {
    while (received.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    yield [received.shift() as Buffer]
  }
}

/** A TCP client that collects whole messages. */
export class TcpClient {
  readonly socket: Socket
  readonly replies: Buffer[] = []
  #unread = Buffer.alloc(0)

  constructor(port: number, host = '127.0.0.1') {
    this.socket = connect({ port, host, allowHalfOpen: true })
    open.push({ close: () => this.socket.destroy() })
    this.socket.on('error', () => {})
    this.socket.on('data', (chunk) => {
      this.#unread = Buffer.concat([this.#unread, chunk])
      while (this.#unread.length >= 2 && this.#unread.length >= 2 + this.#unread.readUInt16BE()) {
        const end = 2 + this.#unread.readUInt16BE()
        this.replies.push(this.#unread.subarray(2, end))
        this.#unread = this.#unread.subarray(end)
      }
    })
  }

  send(...questions: readonly Question[]): void {
    this.socket.write(framed(...questions))
  }

  async waitFor(count: number): Promise<Buffer[]> {
    while (this.replies.length < count) {
      if (this.socket.destroyed) throw new Error(`closed after ${this.replies.length} replies`)
      await sleep(1)
    }
    return this.replies
  }

  /** Settles once the server has closed its side, with or without a reset. */
  async closed(): Promise<void> {
    if (this.socket.readableEnded || this.socket.destroyed) return
    await new Promise<void>((resolve) => {
      this.socket.once('end', resolve)
      this.socket.once('close', () => resolve())
    })
  }
}

export function framed(...questions: readonly Question[]): Buffer {
  return Buffer.concat(
    questions.flatMap((question) => {
      const message = encode(question)
      return [Buffer.of(message.length >> 8, message.length & 255), message]
    }),
  )
}

export const ids = (replies: readonly Buffer[]): number[] =>
  replies.map((reply) => reply.readUInt16BE(0))
