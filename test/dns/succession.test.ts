// Query services that follow one another on the same sockets, while clients ask on.
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../src/config/schema.ts'
import { createCounters, readCounters, ThreadCounters } from '../../src/counters/index.ts'
import { type DnsListeners, openListeners, startQueryService } from '../../src/dns/index.ts'
import { Freshness } from '../../src/freshness.ts'
import { silentLogger } from '../../src/log.ts'
import { ListenError } from '../../src/net/listen.ts'
import { loadSockets } from '../../src/sockets/index.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { eventually } from '../eventually.ts'
import { needsKoffi } from '../koffi.ts'
import { recordSet } from '../presentation.ts'
import { COOKIE_SECRET, encode, header, SERIAL } from './question.ts'
import {
  askUdp,
  closeAll,
  closeLater,
  HeldForwarder,
  hasIpv6,
  ids,
  LINES,
  servfail,
  TcpClient,
} from './served.ts'

afterEach(closeAll)

const descriptors = () => readdirSync('/proc/self/fd').length

async function listen(
  change: Partial<Config> = {},
  threads = 1,
  previous?: DnsListeners,
): Promise<DnsListeners> {
  const config = { ...defaultConfig(), port: 0, listener: ['127.0.0.1'], ...change }
  const addresses = () => ['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])]
  const listeners = await openListeners({ config, threads, log: silentLogger, addresses, previous })
  closeLater(listeners)
  return listeners
}

async function start(listeners: DnsListeners, index = 0) {
  const counters = createCounters()
  const forwarder = new HeldForwarder()
  const config = defaultConfig()
  const service = await startQueryService({
    config,
    version: '1.2.3',
    log: silentLogger,
    listeners: listeners.forThread(index),
    counters: new ThreadCounters(counters),
    cookieSecret: COOKIE_SECRET,
    forwarder,
    freshness: new Freshness(),
    addresses: () => ['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])],
  })
  closeLater(service)
  service.apply(zoneOf(recordSet(LINES), config, SERIAL))
  return { service, forwarder, counts: () => readCounters([counters]).total }
}

/** Clients that ask without a pause, over UDP, one query at a time each: a lost one ends the test. */
function load(port: number, clients: number) {
  const sockets: Socket[] = []
  let stopped = false
  const asking = Array.from({ length: clients }, async () => {
    const socket = createSocket('udp4')
    sockets.push(socket)
    socket.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    let answered = 0
    while (!stopped) {
      const reply = once(socket, 'message', { signal: AbortSignal.timeout(20_000) })
      socket.send(encode({ id: answered & 0xffff }))
      const [octets] = (await reply) as [Buffer]
      assert.equal(header(octets).id, answered & 0xffff)
      assert.equal(header(octets).counts[1], 1)
      answered++
    }
    return answered
  })
  closeLater({
    close() {
      stopped = true
      for (const socket of sockets) socket.close()
    },
  })
  return {
    /** Settles with how many queries were answered. */
    async stop(): Promise<number> {
      stopped = true
      const counts = await Promise.all(asking)
      return counts.reduce((sum, count) => sum + count, 0)
    },
  }
}

for (const udp of ['batch', 'dgram'] as const) {
  for (const listener of [['127.0.0.1'], ['0.0.0.0']]) {
    describe(`a successor, ${udp}, ${listener}`, needsKoffi(), () => {
      test('takes over under load: no query is lost, none is answered twice', async () => {
        const listeners = await listen({ udp, listener })
        const { port } = listeners.address
        const first = await start(listeners)
        const clients = load(port, 8)
        let before = { listeners, ...first }
        const all = [first]
        let connected = true
        const connections = (async () => {
          while (connected) {
            const client = new TcpClient(port)
            client.send({ id: 5 })
            assert.deepEqual(ids(await client.waitFor(1)), [5])
            client.socket.destroy()
          }
        })()
        for (let generation = 0; generation < 6; generation++) {
          await sleep(20)
          const followed = await listen({ udp, listener }, 1, before.listeners)
          assert.equal(followed.address.port, port)
          const next = { listeners: followed, ...(await start(followed)) }
          all.push(next)
          await sleep(5)
          await before.service.close({ successor: true, graceMs: 60_000 })
          before.listeners.close()
          before = next
        }
        connected = false
        await connections
        const answered = await clients.stop()
        const byUdp = all.reduce((sum, { counts }) => sum + counts().byTransport.udp4, 0)
        assert.equal(byUdp, answered)
        assert.ok(all.at(-1)?.counts().byTransport.udp4 !== 0)
      })

      test('leaves to the one before what it was asked, and connections their answers', async () => {
        const listeners = await listen({ udp, listener })
        const { port } = listeners.address
        const first = await start(listeners)
        const asked = askUdp(port, [{ id: 1, name: 'slow.example.' }])
        const client = new TcpClient(port)
        client.send({ id: 2, name: 'slow.example.' })
        await first.forwarder.waitFor(2)
        const followed = await listen({ udp, listener }, 1, listeners)
        const second = await start(followed)
        const closed = first.service.close({ successor: true, graceMs: 60_000 })
        await new Promise((resolve) => setImmediate(resolve))
        // What comes now is the successor's, over TCP too.
        const next = new TcpClient(port)
        next.send({ id: 3 })
        assert.deepEqual(ids(await next.waitFor(1)), [3])
        for (const { query, answer } of first.forwarder.asked) answer(servfail(query))
        await closed
        listeners.close()
        assert.deepEqual(ids(await asked), [1])
        assert.deepEqual(ids(await client.waitFor(1)), [2])
        await client.closed()
        assert.equal(second.counts().byTransport.tcp4, 1)
        assert.deepEqual(ids(await askUdp(port, [{ id: 4 }])), [4])
        assert.equal(second.counts().byTransport.udp4, 1)
      })

      test('leaves no descriptor behind', async () => {
        let listeners = await listen({ udp, listener })
        let before = await start(listeners)
        let open = 0
        for (let generation = 0; generation < 5; generation++) {
          const followed = await listen({ udp, listener }, 1, listeners)
          const next = await start(followed)
          await before.service.close({ successor: true })
          listeners.close()
          listeners = followed
          before = next
          await sleep(0)
          if (generation === 0) open = descriptors()
        }
        assert.equal(descriptors(), open)
      })
    })
  }
}

describe('a service that leaves its socket to another', needsKoffi(), () => {
  test('receives nothing more, though it waits for upstreams', async () => {
    const listeners = await listen({ udp: 'batch' })
    const { port } = listeners.address
    const first = await start(listeners)
    const asked = askUdp(port, [{ id: 1, name: 'slow.example.' }])
    await first.forwarder.waitFor(1)
    const closed = first.service.close({ successor: true, graceMs: 60_000 })
    // Once nobody receives any more, what comes waits in the socket for whoever is next.
    const client = createSocket('udp4')
    const replies: Buffer[] = []
    client.on('message', (reply) => replies.push(reply))
    closeLater(client)
    let sent = 0
    await eventually('a query is left unread', async () => {
      const before = first.counts().answers
      client.send(encode({ id: sent++ }), port, '127.0.0.1')
      await sleep(20)
      return first.counts().answers === before
    })
    const before = first.counts().answers
    for (let i = 0; i < 200; i++) client.send(encode({ id: sent++ }), port, '127.0.0.1')
    await sleep(50)
    assert.equal(first.counts().answers, before)
    const [held] = first.forwarder.asked
    held?.answer(servfail(held.query))
    await closed
    assert.deepEqual(ids(await asked), [1])
    const followed = await listen({ udp: 'batch' }, 1, listeners)
    listeners.close()
    const second = await start(followed)
    await eventually('all are answered', () => replies.length === sent)
    // The first has answered one more: the forwarded one.
    assert.equal(first.counts().answers + second.counts().answers, sent + 1)
    assert.ok(second.counts().answers >= 201)
  })

  test('answers upstreams’ late replies with SERVFAIL once the grace is over', async () => {
    const listeners = await listen({ udp: 'batch' })
    const first = await start(listeners)
    const asked = askUdp(listeners.address.port, [{ id: 1, name: 'slow.example.' }])
    await first.forwarder.waitFor(1)
    await first.service.close({ successor: true, graceMs: 1 })
    assert.deepEqual(ids(await asked), [1])
  })
})

describe('listeners that follow others', needsKoffi(), () => {
  test('have the same sockets, and the port of port 0', async () => {
    const first = await listen({ listener: ['127.0.0.1', '127.0.0.3'] })
    const second = await listen({ listener: ['127.0.0.3', '127.0.0.1'] }, 1, first)
    assert.equal(second.address.port, first.address.port)
    assert.equal(second.address.host, '127.0.0.3')
    assert.ok(first.canBeFollowed)
    // A socket that is the same keeps what waits in it.
    const replies = askUdp(first.address.port, [{ id: 1 }])
    await new Promise((resolve) => setImmediate(resolve))
    first.close()
    await start(second)
    assert.deepEqual(ids(await replies), [1])
  })

  test('can have another receive buffer, mode, and number of threads', async () => {
    const sockets = loadSockets()
    const first = await listen({ udpReceiveBuffer: 65_536, udp: 'dgram' }, 1)
    const fd = (listeners: DnsListeners) => listeners.forThread(0).udp[0]?.fd ?? -1
    const size = sockets?.receiveBuffer(fd(first)) ?? 0
    const second = await listen({ udpReceiveBuffer: 131_072, udp: 'batch' }, 2, first)
    assert.deepEqual([second.mode, second.threads], ['batch', 2])
    assert.equal(sockets?.receiveBuffer(fd(second)), 2 * size)
    const third = await listen({ udp: 'batch' }, 1, second)
    first.close()
    second.close()
    await start(third)
    for (let id = 0; id < 30; id++) {
      assert.deepEqual(ids(await askUdp(third.address.port, [{ id }])), [id])
    }
  })

  test('fewer threads have the sockets of more, and lose nothing that waits in them', async () => {
    const first = await listen({}, 4)
    const { port } = first.address
    // From so many ports that some wait in each of the sockets.
    const replies = Promise.all(Array.from({ length: 40 }, (_, id) => askUdp(port, [{ id }])))
    await sleep(20)
    const second = await listen({}, 2, first)
    first.close()
    assert.deepEqual(
      [0, 1].map((index) => second.forThread(index).udp.length),
      [2, 2],
    )
    const third = await listen({}, 3, second)
    second.close()
    assert.deepEqual(
      [0, 1, 2].map((index) => third.forThread(index).tcp.length),
      [2, 1, 1],
    )
    const services = await Promise.all([0, 1, 2].map((index) => start(third, index)))
    assert.equal((await replies).flat().length, 40)
    for (let id = 0; id < 40; id++) {
      const client = new TcpClient(port)
      client.send({ id })
      assert.deepEqual(ids(await client.waitFor(1)), [id])
      client.socket.destroy()
    }
    const sum = services.reduce((total, { counts }) => total + counts().answers, 0)
    assert.equal(sum, 80)
  })

  test('what waits at an address that goes is answered', async () => {
    const first = await listen({ listener: ['127.0.0.1', '127.0.0.5'], udp: 'batch' })
    const { port } = first.address
    const { service, forwarder } = await start(first)
    const second = await listen({ listener: ['127.0.0.1'], udp: 'batch' }, 1, first)
    await start(second)
    const forwarded = askUdp(port, [{ id: 9, name: 'slow.example.' }], '127.0.0.5')
    await forwarder.waitFor(1)
    const questions = Array.from({ length: 100 }, (_, id) => ({ id }))
    const waiting = askUdp(port, questions, '127.0.0.5')
    await new Promise((resolve) => setImmediate(resolve))
    await service.close({ successor: true })
    first.close()
    assert.equal((await waiting).length, 100)
    assert.deepEqual(ids(await forwarded), [9])
  })

  test('from one address to all of them and back, on one port', async () => {
    let before = await listen({ listener: ['127.0.0.1'] })
    const { port } = before.address
    let serving = await start(before)
    for (const listener of [['0.0.0.0'], ['127.0.0.1', '127.0.0.5'], ['127.0.0.5'], ['0.0.0.0']]) {
      const next = await listen({ listener, port }, 1, before)
      const service = await start(next)
      await serving.service.close({ successor: true })
      before.close()
      before = next
      serving = service
      const host = listener[0] === '127.0.0.5' ? '127.0.0.5' : '127.0.0.1'
      assert.deepEqual(ids(await askUdp(port, [{ id: 7 }], host)), [7])
      const client = new TcpClient(port, host)
      client.send({ id: 8 })
      assert.deepEqual(ids(await client.waitFor(1)), [8])
      client.socket.destroy()
    }
  })

  test('another port is another socket; the one before is closed with its listeners', async () => {
    const first = await listen()
    const second = await listen({ listener: ['127.0.0.1'], port: 0 })
    const third = await listen({ port: second.address.port }, 1, second)
    assert.notEqual(third.address.port, first.address.port)
    first.close()
    const refused = connect(first.address.port, '127.0.0.1')
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
    assert.equal(error.code, 'ECONNREFUSED')
  })

  test('a new address that somebody else has is an error, and the others stay', async () => {
    const first = await listen()
    const { port } = first.address
    const taken = createSocket('udp4')
    taken.bind(port, '127.0.0.6')
    await once(taken, 'listening')
    closeLater(taken)
    await assert.rejects(listen({ port, listener: ['127.0.0.6'] }, 1, first), ListenError)
    await start(first)
    assert.deepEqual(ids(await askUdp(port, [{ id: 1 }])), [1])
  })
})

test('without descriptors listeners cannot be followed', async () => {
  const config = { ...defaultConfig(), port: 0, listener: ['127.0.0.1'] }
  const options = { config, threads: 1, log: silentLogger, addresses: () => [] }
  const listeners = await openListeners({ ...options, loadSockets: () => undefined })
  assert.equal(listeners.canBeFollowed, false)
  listeners.close()
})
