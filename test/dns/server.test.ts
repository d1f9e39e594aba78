import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { createCounters, readCounters, ThreadCounters } from '../../src/counters/index.ts'
import { type DnsListeners, openListeners, startQueryService } from '../../src/dns/index.ts'
import { hasReusePort } from '../../src/dns/thread-listeners.ts'
import { Freshness } from '../../src/freshness.ts'
import { silentLogger } from '../../src/log.ts'
import { ListenError } from '../../src/net/listen.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { needsKoffi } from '../koffi.ts'
import { recordSet } from '../presentation.ts'
import { recordingLog } from '../recording-log.ts'
import { COOKIE_SECRET, SERIAL } from './question.ts'
import {
  askConnected,
  askUdp,
  closeAll,
  closeLater,
  HeldForwarder,
  hasIpv6,
  ids,
  LINES,
  MODES,
  serve,
  servfail,
  TcpClient,
} from './served.ts'

afterEach(closeAll)

const noIpv6 = !hasIpv6 && 'this host has no IPv6'

for (const mode of MODES) {
  describe(`listening, ${mode.name}`, { skip: mode.skip }, () => {
    test('0.0.0.0 answers on IPv4 and on IPv6, over UDP and TCP', { skip: noIpv6 }, async () => {
      const { port, forwarder } = await serve(mode, { listener: ['0.0.0.0'] })
      for (const host of ['127.0.0.1', '::1']) {
        assert.deepEqual(ids(await askUdp(port, [{ id: 9 }], host)), [9])
        const client = new TcpClient(port, host)
        client.send({ id: 10 })
        assert.deepEqual(ids(await client.waitFor(1)), [10])
      }
      const asked = askUdp(port, [{ name: 'example.com.' }])
      await forwarder.waitFor(1)
      const [held] = forwarder.asked
      assert.equal(held?.client.address, '127.0.0.1')
      held?.answer(servfail(held.query))
      await asked
    })

    test('::1 alone', { skip: noIpv6 }, async () => {
      const { port, server } = await serve(mode, { listener: ['::1'] })
      assert.equal(server.address.host, '::1')
      assert.deepEqual(ids(await askUdp(port, [{ id: 9 }], '::1')), [9])
    })

    test('several addresses of both families share a port', { skip: noIpv6 }, async () => {
      const listener = ['127.0.0.1', '::1', '127.0.0.3']
      const { port, server } = await serve(mode, { listener })
      assert.deepEqual(
        server.addresses,
        listener.map((host) => ({ host, port })),
      )
      for (const host of listener) {
        assert.deepEqual(ids(await askUdp(port, [{ id: 9 }], host)), [9])
        const client = new TcpClient(port, host)
        client.send({ id: 10 })
        assert.deepEqual(ids(await client.waitFor(1)), [10])
      }
    })

    test('0.0.0.0 replies from the address that was asked, also one that came later', async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] })
      let addresses = ['127.0.0.2', '203.0.113.1']
      const options = { addresses: () => addresses }
      const { port } = await serve(mode, { listener: ['0.0.0.0'] }, options)
      assert.deepEqual(ids(await askConnected(port, '127.0.0.2')), [21])
      addresses = ['127.0.0.3']
      t.mock.timers.tick(30_000)
      assert.deepEqual(ids(await askConnected(port, '127.0.0.3')), [21])
      assert.deepEqual(ids(await askConnected(port, '127.0.0.1')), [21])
    })

    test('a port that is taken is an error that says so', async () => {
      const taken = createServer().listen(0, '127.0.0.1')
      await once(taken, 'listening')
      closeLater(taken)
      const { port } = taken.address() as AddressInfo
      await assert.rejects(serve(mode, { port }), (error) => {
        assert.ok(error instanceof ListenError)
        assert.equal(
          error.message,
          `cannot listen for DNS over TCP on 127.0.0.1:${port}: another process has this port ` +
            `(see who: ss -lntup "sport = :${port}"); stop it or set port`,
        )
        return true
      })
      // What UDP had bound is free again.
      const udp = createSocket('udp4')
      udp.bind(port, '127.0.0.1')
      await once(udp, 'listening')
      udp.close()
    })

    test('so is one that another server of ours has', async () => {
      const { port } = await serve(mode)
      await assert.rejects(
        serve(mode, { port }),
        /DNS over UDP on .*: another process has this port/,
      )
    })

    test('an address that is not ours is an error', async () => {
      await assert.rejects(
        serve(mode, { listener: ['127.0.0.1', '203.0.113.1'] }),
        /cannot listen for DNS over UDP on 203\.0\.113\.1:\d+: no interface of this host has/,
      )
    })
  })

  describe(`close, ${mode.name}`, { skip: mode.skip }, () => {
    test('answers what was received and frees the port', async () => {
      const { server, port, forwarder } = await serve(mode)
      const tcp = new TcpClient(port)
      tcp.send({ id: 1, name: 'slow.example.' })
      const udp = askUdp(port, [{ id: 2, name: 'slow.example.' }])
      await forwarder.waitFor(2)
      await server.close()
      assert.deepEqual(ids(await tcp.waitFor(1)), [1])
      assert.deepEqual(ids(await udp), [2])
      const again = await serve(mode, { port })
      assert.equal(again.port, port)
    })

    test('answers what a connection has sent and the server has not yet read', async () => {
      const { server, port } = await serve(mode)
      const client = new TcpClient(port)
      await once(client.socket, 'connect')
      client.send({ id: 1 }, { id: 2 })
      await server.close()
      assert.deepEqual(ids(await client.waitFor(2)), [1, 2])
      await client.closed()
    })
  })
}

describe('0.0.0.0 in batch mode', needsKoffi(), () => {
  const [batch] = MODES
  const mode = batch as (typeof MODES)[number]

  test('addresses that no interface was known to have reply for themselves', async () => {
    const { port, counts, forwarder } = await serve(mode, { listener: ['0.0.0.0'] })
    for (const host of ['127.0.0.2', '127.0.0.3', '127.1.2.3']) {
      // The first comes to the wildcard socket, the others to one for that address.
      for (let i = 0; i < 3; i++) assert.deepEqual(ids(await askConnected(port, host)), [21])
      const forwarded = askConnected(port, host, { id: 22, name: 'example.com.' })
      const before = forwarder.asked.length
      await forwarder.waitFor(before + 1)
      for (const { query, answer } of forwarder.asked) answer(servfail(query))
      assert.deepEqual(ids(await forwarded), [22])
    }
    assert.deepEqual(Object.values(counts().sendFailed), [0, 0, 0, 0])
  })

  test('more of them than get sockets are answered all the same', async () => {
    const { port } = await serve(mode, { listener: ['0.0.0.0'] })
    const hosts = Array.from({ length: 80 }, (_, i) => `127.7.7.${i + 1}`)
    for (const host of hosts) assert.deepEqual(ids(await askConnected(port, host)), [21])
  })
})

describe('several threads', () => {
  const config = { ...defaultConfig(), port: 0, listener: ['127.0.0.1'] }
  const options = { config, threads: 3, log: silentLogger, addresses: () => [] }

  async function start(listeners: DnsListeners, index: number) {
    const counters = createCounters()
    const service = await startQueryService({
      config,
      version: '1.2.3',
      log: silentLogger,
      listeners: listeners.forThread(index),
      counters: new ThreadCounters(counters),
      cookieSecret: COOKIE_SECRET,
      forwarder: new HeldForwarder(),
      freshness: new Freshness(),
      addresses: () => [],
    })
    service.apply(zoneOf(recordSet(LINES), config, SERIAL))
    return { service, counts: () => readCounters([counters]).total }
  }

  test('share one port, and every query is answered by one of them', needsKoffi(), async () => {
    const listeners = await openListeners(options)
    assert.equal(listeners.threads, 3)
    const threads = await Promise.all([0, 1, 2].map((index) => start(listeners, index)))
    closeLater({
      async close() {
        await Promise.all(threads.map(({ service }) => service.close()))
        listeners.close()
      },
    })
    const { port } = listeners.address
    for (let i = 0; i < 60; i++) {
      assert.deepEqual(ids(await askUdp(port, [{ id: i }])), [i])
      const client = new TcpClient(port)
      client.send({ id: i })
      assert.deepEqual(ids(await client.waitFor(1)), [i])
    }
    const counts = threads.map(({ counts }) => counts())
    assert.equal(
      counts.reduce((sum, { answers }) => sum + answers, 0),
      120,
    )
    for (const { byTransport } of counts) {
      assert.ok(byTransport.udp4 > 0 && byTransport.tcp4 > 0)
    }
  })

  test('what came before a thread is answered by the one that comes', needsKoffi(), async () => {
    const listeners = await openListeners({ ...options, threads: 1 })
    const replies = askUdp(listeners.address.port, [{ id: 1 }, { id: 2 }])
    await new Promise((resolve) => setImmediate(resolve))
    const first = await start(listeners, 0)
    assert.deepEqual(ids(await replies), [1, 2])
    // Its service ends; the socket stays, and so does what comes to it until there is another.
    await first.service.close()
    const late = askUdp(listeners.address.port, [{ id: 3 }])
    await new Promise((resolve) => setImmediate(resolve))
    const second = await start(listeners, 0)
    assert.deepEqual(ids(await late), [3])
    const client = new TcpClient(listeners.address.port)
    client.send({ id: 4 })
    assert.deepEqual(ids(await client.waitFor(1)), [4])
    client.socket.destroy()
    await second.service.close()
    listeners.close()
  })

  test('without koffi there are as many as Node.js can, or one with a warning', async () => {
    const { log, lines } = recordingLog()
    const listeners = await openListeners({ ...options, log, loadSockets: () => undefined })
    const canShare = hasReusePort(process.versions.node, process.platform)
    assert.equal(listeners.threads, canShare ? 3 : 1)
    assert.deepEqual(
      lines.map(({ level, fields }) => ({ level, fields })),
      canShare ? [] : [{ level: 'warn', fields: { workers: 3 } }],
    )
    const threads = Array.from({ length: listeners.threads }, (_, i) => i)
    const services = await Promise.all(threads.map((index) => start(listeners, index)))
    for (let id = 0; id < 20; id++) {
      assert.deepEqual(ids(await askUdp(listeners.address.port, [{ id }])), [id])
    }
    await Promise.all(services.map(({ service }) => service.close()))
    listeners.close()
  })

  test('batch without koffi is an error that says what to do', async () => {
    const asked = { ...options, config: { ...config, udp: 'batch' as const } }
    await assert.rejects(openListeners({ ...asked, loadSockets: () => undefined }), (error) => {
      assert.ok(error instanceof ListenError)
      assert.match(error.message, /udp is "batch".*install it, or set udp to "auto" or "dgram"/)
      return true
    })
  })

  test('Node.js shares ports from 22.12 and 23.1 on, on Linux', () => {
    const able = ['22.12.0', '22.20.1', '23.1.0', '24.0.0', '26.3.0']
    const unable = ['20.19.0', '20.99.0', '22.11.0', '23.0.0']
    for (const version of able) assert.ok(hasReusePort(version, 'linux'), version)
    for (const version of unable) assert.ok(!hasReusePort(version, 'linux'), version)
    assert.ok(!hasReusePort('24.0.0', 'darwin'))
  })
})
