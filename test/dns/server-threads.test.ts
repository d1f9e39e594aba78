// Query threads that die while they are asked.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { openListeners, type ThreadListeners } from '../../src/dns/index.ts'
import { silentLogger } from '../../src/log.ts'
import { defaultConfig } from '../config.ts'
import { eventually } from '../eventually.ts'
import { needsKoffi } from '../koffi.ts'
import { encode } from './question.ts'
import { closeAll, closeLater, framed, ids } from './served.ts'

afterEach(closeAll)

async function start(listeners: ThreadListeners): Promise<Worker> {
  const worker = new Worker(new URL('./server-thread.ts', import.meta.url), {
    workerData: listeners,
  })
  worker.on('error', () => {})
  await once(worker, 'message')
  return worker
}

/** Settles once it has ended, of whatever. */
function end(worker: Worker): Promise<void> {
  return new Promise((resolve) => worker.once('exit', () => resolve()))
}

const descriptors = () => readdirSync('/proc/self/fd').length

for (const udp of ['batch', 'dgram'] as const) {
  describe(`a thread that dies, ${udp}`, needsKoffi(), () => {
    async function open() {
      const config = { ...defaultConfig(), port: 0, listener: ['127.0.0.1'], udp }
      const listeners = await openListeners({
        config,
        threads: 1,
        log: silentLogger,
        addresses: () => [],
      })
      closeLater(listeners)
      const client = createSocket('udp4')
      const replies: Buffer[] = []
      client.on('message', (reply) => replies.push(reply))
      client.connect(listeners.address.port, '127.0.0.1')
      await once(client, 'connect')
      closeLater(client)
      return { listeners, client, replies }
    }

    test('loses neither queries that wait nor connections', async () => {
      const { listeners, client, replies } = await open()
      const first = await start(listeners.forThread(0))
      const ended = end(first)
      await first.terminate()
      await ended
      for (let id = 0; id < 100; id++) client.send(encode({ id }))
      const tcp = connect(listeners.address.port, '127.0.0.1')
      closeLater({ close: () => tcp.destroy() })
      await once(tcp, 'connect')
      tcp.write(framed({ id: 7 }))
      const second = await start(listeners.forThread(0))
      const [octets] = (await once(tcp, 'data')) as [Buffer]
      assert.equal(octets.readUInt16BE(2), 7)
      tcp.destroy()
      await eventually('all are answered', () => replies.length === 100)
      assert.deepEqual(
        ids(replies).sort((x, y) => x - y),
        Array.from({ length: 100 }, (_, id) => id),
      )
      await second.terminate()
    })

    test('leaves no descriptor behind and does not take the process with it, under load', async () => {
      const { listeners, client } = await open()
      let before = 0
      const flood = setInterval(() => {
        for (let id = 0; id < 200; id++) client.send(encode({ id }))
      }, 1)
      closeLater({ close: () => clearInterval(flood) })
      for (let i = 0; i < 4; i++) {
        const worker = await start(listeners.forThread(0))
        await sleep(20)
        const ended = end(worker)
        if (i % 3 === 0) await worker.terminate()
        else worker.postMessage(i % 3 === 1 ? 'throw' : 'close')
        await ended
        if (i === 0) before = descriptors()
      }
      assert.equal(descriptors(), before)
    })
  })
}
