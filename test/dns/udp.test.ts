import assert from 'node:assert/strict'
import { type BindOptions, createSocket, Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { RCODE } from '../../src/net/dns-numbers.ts'
import { eventually } from '../eventually.ts'
import { recordingLog } from '../recording-log.ts'
import { encode, header } from './question.ts'
import {
  askUdp,
  closeAll,
  closeLater,
  HOSTS,
  hostAddress,
  ids,
  MODES,
  serve,
  servfail,
} from './served.ts'

afterEach(closeAll)

/** A client's socket that keeps what it is told. */
async function client(): Promise<{ socket: UdpSocket; replies: Buffer[] }> {
  const socket = createSocket('udp4')
  const replies: Buffer[] = []
  socket.on('message', (message) => replies.push(message))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.setRecvBufferSize(1 << 22)
  closeLater(socket)
  return { socket, replies }
}

for (const mode of MODES) {
  describe(`UDP, ${mode.name}`, { skip: mode.skip }, () => {
    test('many queries from one socket each get their own answer', async () => {
      const { port } = await serve(mode)
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

    test('12,000 queries from 24 sockets each get the answer to theirs', async () => {
      const { port, counts } = await serve(mode)
      const sockets = await Promise.all(Array.from({ length: 24 }, client))
      // Bursts of 40 from each: the system may lose none of them.
      for (let sent = 0; sent < 500; sent += 20) {
        for (const [i, { socket }] of sockets.entries()) {
          for (let id = sent; id < sent + 20; id++) {
            const name = `h${(id * 37 + i * 101) % HOSTS}.mesos.`
            socket.send(encode({ id, name }), port, '127.0.0.1')
          }
        }
        const expected = sent + 20
        await eventually('all have their answers', () =>
          sockets.every(({ replies }) => replies.length === expected),
        )
      }
      for (const [i, { replies }] of sockets.entries()) {
        const expected = Array.from({ length: 500 }, (_, id) => {
          return `${id} 0 ${hostAddress((id * 37 + i * 101) % HOSTS)}`
        })
        const got = replies.map((reply) => {
          const { id, rcode } = header(reply)
          return `${id} ${rcode} ${reply.subarray(-4).join('.')}`
        })
        assert.deepEqual(got.sort(), expected.sort())
      }
      const { answers, byTransport, latency, overflow } = counts()
      assert.equal(answers, 12_000)
      assert.equal(byTransport.udp4, 12_000)
      assert.equal(latency.count, 12_000)
      assert.equal(overflow, 0)
    })

    test('forwarded names come back when the upstream has answered', async () => {
      const { port, forwarder } = await serve(mode)
      const replies = askUdp(port, [{ id: 7, name: 'example.com.' }])
      await forwarder.waitFor(1)
      const [asked] = forwarder.asked
      assert.deepEqual(asked?.client, { transport: 'udp', address: '127.0.0.1' })
      asked?.answer(servfail(asked.query))
      assert.deepEqual(ids(await replies), [7])
    })

    test('replies of upstreams go to who asked, in any order, between other answers', async () => {
      const { port, forwarder } = await serve(mode)
      const clients = await Promise.all(Array.from({ length: 10 }, client))
      for (const [i, { socket }] of clients.entries()) {
        socket.send(encode({ id: i, name: `n${i}.example.` }), port, '127.0.0.1')
        socket.send(encode({ id: 100 + i }), port, '127.0.0.1')
      }
      await forwarder.waitFor(10)
      for (const { query, answer } of forwarder.asked.toReversed()) answer(servfail(query))
      await eventually('all have both', () => clients.every(({ replies }) => replies.length === 2))
      assert.deepEqual(
        clients.map(({ replies }) => ids(replies).sort((x, y) => x - y)),
        clients.map((_, i) => [i, 100 + i]),
      )
    })

    test('what deserves no reply gets none, and the next query is answered', async () => {
      const { port, counts } = await serve(mode)
      const { socket, replies } = await client()
      const send = (message: Uint8Array) => socket.send(message, port, '127.0.0.1')
      send(encode({ id: 3, flags: 0x8000 }))
      send(Buffer.from('x'))
      send(Buffer.alloc(0))
      // The largest datagram there is: a response, and then a query with something behind it.
      send(Buffer.concat([encode({ id: 5, flags: 0x8000 }), Buffer.alloc(65_507)], 65_507))
      send(Buffer.concat([encode({ id: 6 }), Buffer.alloc(60_000)]))
      send(encode({ id: 4 }))
      await eventually('the last is answered', () => ids(replies).includes(4))
      assert.deepEqual(ids(replies), [6, 4])
      const { dropped } = counts()
      assert.deepEqual(dropped, { short: 2, response: 2, 'port-0': 0, closed: 0 })
    })

    test('a datagram from port 0, which nobody can answer, is ignored', async (t) => {
      const sockets: UdpSocket[] = []
      const { bind } = UdpSocket.prototype
      t.mock.method(UdpSocket.prototype, 'bind', function (this: UdpSocket, options: BindOptions) {
        sockets.push(this)
        return bind.call(this, options)
      })
      const { counts } = await serve(mode)
      // Only a raw socket sends such a datagram, and only root has those.
      sockets.at(-1)?.emit('message', encode({}), {
        address: '127.0.0.1',
        family: 'IPv4',
        port: 0,
        size: 1,
      })
      assert.equal(counts().dropped['port-0'], 1)
      assert.equal(counts().answers, 0)
    })

    test('clients that are gone when their replies come cost nobody else anything', async () => {
      const { port, forwarder } = await serve(mode)
      const gone = createSocket('udp4')
      gone.bind(0, '127.0.0.1')
      await once(gone, 'listening')
      const questions = Array.from({ length: 20 }, (_, id) => ({ id, name: `n${id}.example.` }))
      for (const question of questions) gone.send(encode(question), port, '127.0.0.1')
      await forwarder.waitFor(20)
      gone.close()
      await once(gone, 'close')
      for (const { query, answer } of forwarder.asked) answer(servfail(query))
      // Each reply may have brought back an ICMP error that stands before the next message.
      const replies = await askUdp(
        port,
        questions.map(({ id }) => ({ id: 100 + id })),
      )
      assert.equal(replies.length, 20)
    })

    test('what the system had no room for is counted, and said once', async () => {
      const { log, lines } = recordingLog()
      const served = await serve(mode, { udpReceiveBuffer: 4096 }, { log })
      const { socket } = await client()
      // All of them are sent before the event loop gets round to receiving.
      let sent = 0
      const query = encode({ id: 1 })
      await new Promise<void>((resolve) => {
        const done = () => {
          sent++
          if (sent === 2000) resolve()
        }
        for (let i = 0; i < 2000; i++) socket.send(query, served.port, '127.0.0.1', done)
      })
      await served.server.close()
      const { answers, overflow } = served.counts()
      assert.ok(overflow > 0, 'nothing was lost: the test did not send fast enough')
      assert.equal(answers + overflow, 2000)
      const [line, ...others] = lines.filter(({ level }) => level === 'warn')
      assert.match(line?.message ?? '', /queries came faster than they were answered/)
      assert.deepEqual(line?.fields, { dropped: overflow })
      assert.deepEqual(others, [])
    })

    test('closing answers what is in the queue', async () => {
      const { port, server, counts } = await serve(mode)
      const { socket, replies } = await client()
      const sent = Array.from({ length: 1500 }, (_, id) => {
        return new Promise<void>((resolve) => {
          socket.send(encode({ id }), port, '127.0.0.1', () => resolve())
        })
      })
      const closed = server.close()
      await Promise.all([...sent, closed])
      assert.equal(counts().answers, 1500)
      await eventually('all have come', () => replies.length === 1500)
    })

    test('closing waits for upstreams, and leaves no descriptor open', async () => {
      const { port: warm, server: first } = await serve(mode)
      await askUdp(warm, [{ id: 1 }])
      await first.close()
      const before = readdirSync('/proc/self/fd').length
      for (const listener of [['127.0.0.1', '127.0.0.3'], ['0.0.0.0']]) {
        const { port, server, forwarder } = await serve(mode, { listener })
        const asked = askUdp(port, [{ id: 2, name: 'slow.example.' }])
        await forwarder.waitFor(1)
        await server.close()
        assert.deepEqual(ids(await asked), [2])
      }
      await sleep(0)
      assert.equal(readdirSync('/proc/self/fd').length, before)
    })
  })
}
