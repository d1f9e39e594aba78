import assert from 'node:assert/strict'
import { type BindOptions, createSocket, Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../src/config/index.ts'
import { type DnsServer, listenDns } from '../../src/dns/index.ts'
import type { ForwardClient, Forwarder } from '../../src/forward/index.ts'
import { silentLogger } from '../../src/log.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { ListenError } from '../../src/net/listen.ts'
import { buildZone } from '../../src/zone/build.ts'
import { defaultConfig } from '../config.ts'
import { decode, presentation, recordSet } from '../presentation.ts'
import { encode, header, type Question, SERIAL } from './question.ts'

const LINES = [
  'leader.mesos. - A 10.0.0.1',
  ...Array.from({ length: 600 }, (_, i) => `many.mesos. - A 10.1.${i >> 8}.${i & 255}`),
]

/** A forwarder whose answers the test gives out. */
class HeldForwarder implements Forwarder {
  readonly asked: { query: Buffer; client: ForwardClient; answer: (reply: Uint8Array) => void }[] =
    []

  forward(query: Uint8Array, client: ForwardClient): Promise<Uint8Array> {
    return new Promise((answer) => this.asked.push({ query: Buffer.from(query), client, answer }))
  }

  async close(): Promise<void> {
    for (const { query, answer } of this.asked) answer(servfail(query))
  }

  /** Settles once so many queries have come. */
  async waitFor(count: number): Promise<void> {
    while (this.asked.length < count) await sleep(1)
  }
}

function servfail(query: Buffer): Buffer {
  const reply = Buffer.from(query)
  reply[2] = 0x81
  reply[3] = 0x80 | RCODE.SERVFAIL
  return reply
}

const open: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()))
})

async function serve(
  change: Partial<Config> = {},
  addresses: () => readonly string[] = () => [],
): Promise<{ server: DnsServer; forwarder: HeldForwarder; port: number }> {
  const config = { ...defaultConfig(), port: 0, listener: '127.0.0.1', ...change }
  const forwarder = new HeldForwarder()
  const server = await listenDns({
    config,
    version: '1.2.3',
    log: silentLogger,
    forwarder,
    addresses,
  })
  open.push(server)
  server.publish(buildZone(recordSet(LINES), config, SERIAL))
  return { server, forwarder, port: server.address.port }
}

/** Sends datagrams from one socket; resolves with as many replies. */
async function askUdp(
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
async function askConnected(port: number, host: string): Promise<Buffer[]> {
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
    socket.send(encode({ id: 21 }))
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
class TcpClient {
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

function framed(...questions: readonly Question[]): Buffer {
  return Buffer.concat(
    questions.flatMap((question) => {
      const message = encode(question)
      return [Buffer.of(message.length >> 8, message.length & 255), message]
    }),
  )
}

const ids = (replies: readonly Buffer[]) => replies.map((reply) => reply.readUInt16BE(0))

describe('UDP', () => {
  test('many queries from one socket each get their own answer', async () => {
    const { port } = await serve()
    const questions = Array.from({ length: 50 }, (_, id) => ({
      id,
      name: id % 2 === 0 ? 'leader.mesos.' : 'nope.mesos.',
    }))
    const replies = await askUdp(port, questions)
    for (const reply of replies) {
      const { id, rcode } = header(reply)
      assert.equal(rcode, id % 2 === 0 ? RCODE.NOERROR : RCODE.NXDOMAIN)
    }
    assert.deepEqual(
      ids(replies).sort((x, y) => x - y),
      questions.map(({ id }) => id),
    )
  })

  test('forwarded names come back when the upstream has answered', async () => {
    const { port, forwarder } = await serve()
    const replies = askUdp(port, [{ id: 7, name: 'example.com.' }])
    await forwarder.waitFor(1)
    const [asked] = forwarder.asked
    assert.deepEqual(asked?.client, { transport: 'udp', address: '127.0.0.1' })
    asked?.answer(servfail(asked.query))
    assert.deepEqual(ids(await replies), [7])
  })

  test('what deserves no reply gets none, and the next query is answered', async () => {
    const { port } = await serve()
    const replies = await askUdp(port, [{ id: 2 }])
    assert.deepEqual(ids(replies), [2])
    const socket = createSocket('udp4')
    socket.send(encode({ id: 3, flags: 0x8000 }), port, '127.0.0.1')
    socket.send('x', port, '127.0.0.1')
    socket.send(encode({ id: 4 }), port, '127.0.0.1')
    const [reply] = (await once(socket, 'message')) as [Buffer]
    assert.deepEqual(ids([reply]), [4])
    socket.close()
  })
})

test('a datagram from port 0, which nobody can answer, is ignored', async (t) => {
  const sockets: UdpSocket[] = []
  const { bind } = UdpSocket.prototype
  t.mock.method(UdpSocket.prototype, 'bind', function (this: UdpSocket, options: BindOptions) {
    sockets.push(this)
    return bind.call(this, options)
  })
  await serve()
  // Only a raw socket sends such a datagram, and only root has those.
  sockets[0]?.emit('message', encode({}), {
    address: '127.0.0.1',
    family: 'IPv4',
    port: 0,
    size: 1,
  })
})

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1')

describe('listening', () => {
  test('0.0.0.0 answers on IPv4 and on IPv6, over UDP and TCP', {
    skip: !hasIpv6 && 'this host has no IPv6',
  }, async () => {
    const { port, forwarder } = await serve({ listener: '0.0.0.0' })
    for (const host of ['127.0.0.1', '::1']) {
      assert.deepEqual(ids(await askUdp(port, [{ id: 9 }], host)), [9])
      const client = new TcpClient(port, host)
      client.send({ id: 10 })
      assert.deepEqual(ids(await client.waitFor(1)), [10])
    }
    askUdp(port, [{ name: 'example.com.' }])
    await forwarder.waitFor(1)
    assert.equal(forwarder.asked[0]?.client.address, '127.0.0.1')
  })

  test('::1 alone', { skip: !hasIpv6 && 'this host has no IPv6' }, async () => {
    const { port, server } = await serve({ listener: '::1' })
    assert.equal(server.address.host, '::1')
    assert.deepEqual(ids(await askUdp(port, [{ id: 9 }], '::1')), [9])
  })

  test('0.0.0.0 replies from the address that was asked, also one that came later', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let addresses = ['127.0.0.2', '203.0.113.1']
    const { port } = await serve({ listener: '0.0.0.0' }, () => addresses)
    assert.deepEqual(ids(await askConnected(port, '127.0.0.2')), [21])
    addresses = ['127.0.0.3']
    t.mock.timers.tick(30_000)
    assert.deepEqual(ids(await askConnected(port, '127.0.0.3')), [21])
    assert.deepEqual(ids(await askConnected(port, '127.0.0.1')), [21])
  })

  test('a port that is taken is an error that says so', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    open.push({ close: () => taken.close() })
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await assert.rejects(serve({ port }), (error) => {
      assert.ok(error instanceof ListenError)
      assert.match(
        error.message,
        new RegExp(
          `cannot listen for DNS over TCP on 127\\.0\\.0\\.1:${port}: another process has this port`,
        ),
      )
      return true
    })
    // What UDP had bound is free again.
    const udp = createSocket('udp4')
    udp.bind(port, '127.0.0.1')
    await once(udp, 'listening')
    udp.close()
  })

  test('an address that is not ours is an error', async () => {
    await assert.rejects(
      serve({ listener: '203.0.113.1' }),
      /cannot listen for DNS over UDP on 203\.0\.113\.1:0/,
    )
  })
})

describe('TCP', () => {
  test('a large answer comes whole', async () => {
    const { port } = await serve()
    const client = new TcpClient(port)
    client.send({ name: 'many.mesos.' })
    const [reply] = await client.waitFor(1)
    assert.equal(decode(reply as Buffer).answers?.length, 600)
  })

  test('messages split at any octet', async () => {
    const { port } = await serve()
    const client = new TcpClient(port)
    client.socket.setNoDelay(true)
    for (const octet of framed({ id: 1 }, { id: 2, name: 'nope.mesos.' })) {
      client.socket.write(Buffer.of(octet))
      await sleep(1)
    }
    assert.deepEqual(ids(await client.waitFor(2)), [1, 2])
  })

  test('1,000 queries at once are all answered, well over the 128 of Mesos-DNS', async () => {
    const { port } = await serve()
    const client = new TcpClient(port)
    client.send(...Array.from({ length: 1000 }, (_, id) => ({ id })))
    const replies = await client.waitFor(1000)
    assert.deepEqual(
      ids(replies),
      Array.from({ length: 1000 }, (_, id) => id),
    )
    assert.deepEqual(presentation(decode(replies[999] as Buffer).answers), [
      'leader.mesos. 60 A 10.0.0.1',
    ])
  })

  test('a slow upstream does not hold up the queries behind it (RFC 7766 §6.2.1.1)', async () => {
    const { port, forwarder } = await serve()
    const client = new TcpClient(port)
    client.send(
      { id: 1, name: 'slow.example.' },
      { id: 2 },
      { id: 3, name: 'fast.example.' },
      { id: 4 },
    )
    await forwarder.waitFor(2)
    const [slow, fast] = forwarder.asked
    fast?.answer(servfail(fast.query))
    assert.deepEqual(ids(await client.waitFor(3)), [2, 4, 3])
    slow?.answer(servfail(slow.query))
    assert.deepEqual(ids(await client.waitFor(4)), [2, 4, 3, 1])
    assert.equal(slow?.client.transport, 'tcp')
  })

  test('more queries for upstreams than may wait are read later, not lost', async () => {
    const { port, forwarder } = await serve()
    const client = new TcpClient(port)
    const questions = Array.from({ length: 250 }, (_, id) => ({ id, name: `n${id}.example.` }))
    client.send(...questions)
    await forwarder.waitFor(100)
    await sleep(20)
    assert.equal(forwarder.asked.length, 100)
    for (let i = 0; i < 250; i++) {
      await forwarder.waitFor(i + 1)
      const asked = forwarder.asked[i]
      asked?.answer(servfail(asked.query))
    }
    assert.deepEqual(
      ids(await client.waitFor(250)),
      questions.map(({ id }) => id),
    )
  })

  test('a client that closes its side still gets its answers', async () => {
    const { port, forwarder } = await serve()
    const client = new TcpClient(port)
    client.socket.end(framed({ id: 1, name: 'slow.example.' }, { id: 2 }))
    await forwarder.waitFor(1)
    forwarder.asked[0]?.answer(servfail(forwarder.asked[0].query))
    assert.deepEqual(ids(await client.waitFor(2)), [2, 1])
    await client.closed()
  })

  test('however many it asked of upstreams before that', async () => {
    const { port, forwarder } = await serve()
    const client = new TcpClient(port)
    const questions = Array.from({ length: 250 }, (_, id) => ({ id, name: `n${id}.example.` }))
    client.socket.end(framed(...questions))
    for (let i = 0; i < 250; i += 10) {
      await forwarder.waitFor(i + 10)
      for (const { query, answer } of forwarder.asked.slice(i, i + 10)) answer(servfail(query))
      // Time for the server to see the client's end.
      await sleep(2)
    }
    assert.equal((await client.waitFor(250)).length, 250)
    await client.closed()
  })

  test('queries whose answers fill megabytes are all answered', async () => {
    const { port } = await serve()
    const client = new TcpClient(port)
    client.send(...Array.from({ length: 500 }, (_, id) => ({ id, name: 'many.mesos.' })))
    assert.deepEqual(
      ids(await client.waitFor(500)),
      Array.from({ length: 500 }, (_, id) => id),
    )
  })

  test('an idle connection is closed', async () => {
    const { port } = await serve({ tcpIdleTimeout: 0.5 })
    const client = new TcpClient(port)
    client.send({ id: 1 })
    await client.waitFor(1)
    await client.closed()
  })

  test('octets that never become a message do not keep it open', async (t) => {
    const { port } = await serve({ tcpIdleTimeout: 0.1 })
    const client = new TcpClient(port)
    client.socket.write(Buffer.of(0x40, 0))
    const drip = setInterval(() => client.socket.write('x'), 10)
    t.after(() => clearInterval(drip))
    await client.closed()
  })

  test('while an upstream is asked it is not idle', async () => {
    const { port, forwarder } = await serve({ tcpIdleTimeout: 0.3 })
    const client = new TcpClient(port)
    client.send({ id: 1, name: 'slow.example.' })
    await forwarder.waitFor(1)
    await sleep(900)
    forwarder.asked[0]?.answer(servfail(forwarder.asked[0].query))
    assert.deepEqual(ids(await client.waitFor(1)), [1])
  })

  test('a client that takes no answers is read no further, and closed in the end', async (t) => {
    const { port } = await serve({ tcpIdleTimeout: 0.3 })
    const client = new TcpClient(port)
    client.socket.pause()
    const before = process.memoryUsage().rss
    const query = framed({ name: 'many.mesos.' })
    for (let i = 0; i < 60; i++) client.socket.write(Buffer.concat(new Array(1000).fill(query)))
    // Whoever does not read learns of the end only by writing.
    const knock = setInterval(() => client.socket.write(query), 20)
    t.after(() => clearInterval(knock))
    await new Promise((resolve) => client.socket.once('close', resolve))
    // 60,000 answers of 9 KB would be half a gigabyte.
    assert.ok(process.memoryUsage().rss - before < 300e6)
  })

  test('a response instead of a query closes the connection', async () => {
    const { port } = await serve()
    const client = new TcpClient(port)
    client.send({ flags: 0x8000 })
    await client.closed()
    assert.equal(client.replies.length, 0)
  })

  test('connections are limited in all and per client', async () => {
    for (const limit of [{ tcpMaxConnections: 2 }, { tcpMaxConnectionsPerClient: 2 }]) {
      const { port } = await serve(limit)
      const first = [new TcpClient(port), new TcpClient(port)]
      for (const client of first) {
        client.send({ id: 1 })
        await client.waitFor(1)
      }
      const third = new TcpClient(port)
      await third.closed()
      first[0]?.socket.destroy()
      // The place is free as soon as the server has seen the close.
      for (let reply: Buffer | undefined; reply === undefined; ) {
        const next = new TcpClient(port)
        next.send({ id: 5 })
        reply = await Promise.race([
          next.waitFor(1).then(([got]) => got),
          next.closed().then(() => undefined),
        ]).catch(() => undefined)
      }
    }
  })

  test('keepalive is told in the units of RFC 7828', async () => {
    const { port } = await serve({ tcpIdleTimeout: 12 })
    const client = new TcpClient(port)
    client.send({ edns: { options: [{ code: 11, octets: Buffer.alloc(0) }] }, type: TYPE.AAAA })
    const [reply] = await client.waitFor(1)
    assert.deepEqual([...(reply ?? [])].slice(-6), [0, 11, 0, 2, 0, 120])
  })
})

describe('close', () => {
  test('answers what was received and frees the port', async () => {
    const { server, port, forwarder } = await serve()
    const tcp = new TcpClient(port)
    tcp.send({ id: 1, name: 'slow.example.' })
    const udp = askUdp(port, [{ id: 2, name: 'slow.example.' }])
    await forwarder.waitFor(2)
    await server.close()
    assert.deepEqual(ids(await tcp.waitFor(1)), [1])
    assert.deepEqual(ids(await udp), [2])
    const again = await serve({ port })
    assert.equal(again.port, port)
  })
})
