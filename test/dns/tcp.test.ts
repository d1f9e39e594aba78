import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { decode, presentation } from '../presentation.ts'
import { closeAll, framed, ids, MODES, serve, servfail, TcpClient } from './served.ts'

afterEach(closeAll)

// TCP is the same in batch mode and in dgram mode.
for (const mode of MODES.filter(({ name }) => name !== 'dgram')) {
  describe(`TCP, ${mode.name}`, { skip: mode.skip }, () => {
    test('a large answer comes whole', async () => {
      const { port } = await serve(mode)
      const client = new TcpClient(port)
      client.send({ name: 'many.mesos.' })
      const [reply] = await client.waitFor(1)
      assert.equal(decode(reply as Buffer).answers?.length, 600)
    })

    test('messages split at any octet', async () => {
      const { port } = await serve(mode)
      const client = new TcpClient(port)
      client.socket.setNoDelay(true)
      for (const octet of framed({ id: 1 }, { id: 2, name: 'nope.mesos.' })) {
        client.socket.write(Buffer.of(octet))
        await sleep(1)
      }
      assert.deepEqual(ids(await client.waitFor(2)), [1, 2])
    })

    test('1,000 queries at once are all answered, well over the 128 of Mesos-DNS', async () => {
      const { port } = await serve(mode)
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
      const { port, forwarder } = await serve(mode)
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
      const { port, forwarder } = await serve(mode)
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
      const { port, forwarder } = await serve(mode)
      const client = new TcpClient(port)
      client.socket.end(framed({ id: 1, name: 'slow.example.' }, { id: 2 }))
      await forwarder.waitFor(1)
      forwarder.asked[0]?.answer(servfail(forwarder.asked[0].query))
      assert.deepEqual(ids(await client.waitFor(2)), [2, 1])
      await client.closed()
    })

    test('however many it asked of upstreams before that', async () => {
      const { port, forwarder } = await serve(mode)
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
      const { port } = await serve(mode)
      const client = new TcpClient(port)
      client.send(...Array.from({ length: 500 }, (_, id) => ({ id, name: 'many.mesos.' })))
      assert.deepEqual(
        ids(await client.waitFor(500)),
        Array.from({ length: 500 }, (_, id) => id),
      )
    })

    test('an idle connection is closed', async () => {
      const { port } = await serve(mode, { tcpIdleTimeout: 0.5 })
      const client = new TcpClient(port)
      client.send({ id: 1 })
      await client.waitFor(1)
      await client.closed()
    })

    test('octets that never become a message do not keep it open', async (t) => {
      const { port } = await serve(mode, { tcpIdleTimeout: 0.1 })
      const client = new TcpClient(port)
      client.socket.write(Buffer.of(0x40, 0))
      const drip = setInterval(() => client.socket.write('x'), 10)
      t.after(() => clearInterval(drip))
      await client.closed()
    })

    test('while an upstream is asked it is not idle', async () => {
      const { port, forwarder } = await serve(mode, { tcpIdleTimeout: 0.3 })
      const client = new TcpClient(port)
      client.send({ id: 1, name: 'slow.example.' })
      await forwarder.waitFor(1)
      await sleep(900)
      forwarder.asked[0]?.answer(servfail(forwarder.asked[0].query))
      assert.deepEqual(ids(await client.waitFor(1)), [1])
    })

    test('a client that takes no answers is read no further, and closed in the end', async (t) => {
      const { port } = await serve(mode, { tcpIdleTimeout: 0.3 })
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
      const { port } = await serve(mode)
      const client = new TcpClient(port)
      client.send({ flags: 0x8000 })
      await client.closed()
      assert.equal(client.replies.length, 0)
    })

    test('connections are limited in all and per client', async () => {
      for (const limit of [{ tcpMaxConnections: 2 }, { tcpMaxConnectionsPerClient: 2 }]) {
        const { port } = await serve(mode, limit)
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
      const { port } = await serve(mode, { tcpIdleTimeout: 12 })
      const client = new TcpClient(port)
      client.send({ edns: { options: [{ code: 11, octets: Buffer.alloc(0) }] }, type: TYPE.AAAA })
      const [reply] = await client.waitFor(1)
      assert.deepEqual([...(reply ?? [])].slice(-6), [0, 11, 0, 2, 0, 120])
    })
  })
}
