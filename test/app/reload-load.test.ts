// Reloads again and again under queries that never cease: each is answered, by one of the configurations that were in
// effect between the query and the reply, and by all of it.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { encode } from '../dns/question.ts'
import { eventually } from '../eventually.ts'
import { needsKoffi } from '../koffi.ts'
import { startLeader } from '../mesos/fake-master.ts'
import { decode, sorted } from '../presentation.ts'
import { startReloadable } from './reloadable.ts'
import { openSockets, type Settings, seenWorkers } from './running.ts'

const RELOADS = 200
/** After so many reloads other query threads take over. */
const RELOADS_A_GENERATION = 10
const UDP_CLIENTS = 4
const TCP_CLIENTS = 2
/** Queries that each UDP client has under way. */
const WINDOW = 2
/** Between a reply and the next query, so that clients leave this thread, which reloads, some time. */
const PAUSE_MS = 2
const RECEIVE_BUFFER = 4 << 20

/** Sockets of two more threads, for UDP and TCP, twice each: the thread that is left has taken them over. */
const KEPT = 8

const ADDRESSES = 4
const QUERY = encode({ id: 0, name: 'db.mesos', type: TYPE.A })

/** The sockets and threads that generations differ in. */
const GENERATIONS: readonly Settings[] = [
  {},
  { workers: 2 },
  { workers: 3, listener: ['127.0.0.1', '127.0.0.2'] },
  { udp: 'dgram' },
  { udp: 'dgram', workers: 2, udpReceiveBuffer: 1 << 20 },
  { udpReceiveBuffer: 1 << 20, listener: ['127.0.0.2', '127.0.0.1'] },
]

/** Each has TTL, addresses and their number of its own: those of the zone, and how many of them are told. */
function settingsOf(number: number): Settings {
  const generation = Math.floor(number / RELOADS_A_GENERATION) % GENERATIONS.length
  return {
    ...GENERATIONS[generation],
    ttl: number,
    maxAnswers: told(number),
    refreshSeconds: 3600 + (number % 3),
    ordering: number % 2 === 0 ? 'random' : 'roundrobin',
    staticRecords: Array.from({ length: ADDRESSES }, (_, i) => ({
      name: 'db',
      type: 'A',
      address: addressOf(number, i),
    })),
  }
}

function told(number: number): number {
  return 1 + (number % ADDRESSES)
}

function addressOf(number: number, i: number): string {
  return `10.${i}.${number >> 8}.${number & 255}`
}

/** What clients see, and when. */
class Scene {
  /** The newest configuration that is known to be in effect, and the newest that may be. */
  applied = 1
  begun = 1
  over = false
  asked = 0
  replies = 0
  certain = 0
  retried = 0
  readonly wrong: unknown[] = []

  check(reply: Buffer, since: number): void {
    this.replies++
    if (since === this.begun) this.certain++
    const lines = sorted(decode(reply).answers)
    const number = Number(lines[0]?.split(' ')[1])
    const possible = Array.from({ length: ADDRESSES }, (_, i) => addressOf(number, i))
    const isOne =
      number >= since &&
      number <= this.begun &&
      lines.length === told(number) &&
      lines.every((line) => possible.some((address) => line === `db.mesos. ${number} A ${address}`))
    if (!isOne && this.wrong.length < 5) {
      this.wrong.push({ lines, since, begun: this.begun, rcode: (reply[3] ?? 0) & 15 })
    }
  }
}

/** Asks on and on over UDP, and nothing twice; resolves when nothing is waited for any more. */
function udpClient(t: TestContext, scene: Scene, port: number): () => ReadonlyMap<number, number> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER })
  const waiting = new Map<number, number>()
  let id = 0
  const ask = () => {
    if (scene.over) return
    id = (id + 1) & 0xffff
    const message = Buffer.from(QUERY)
    message.writeUInt16BE(id)
    waiting.set(id, scene.applied)
    scene.asked++
    socket.send(message, port, '127.0.0.1')
  }
  socket.on('message', (reply) => {
    const since = waiting.get(reply.readUInt16BE())
    if (since === undefined) scene.wrong.push('a reply to nothing')
    else scene.check(reply, since)
    waiting.delete(reply.readUInt16BE())
    setTimeout(ask, PAUSE_MS)
  })
  socket.on('error', (error) => scene.wrong.push(error.message))
  t.after(() => socket.close())
  socket.bind(0, '127.0.0.1', () => {
    for (let i = 0; i < WINDOW; i++) ask()
  })
  return () => waiting
}

/** A stub resolver with one TCP connection at a time. */
class TcpClient {
  readonly #port: number
  #socket: ReturnType<typeof connect> | undefined
  #error = ''

  constructor(port: number) {
    this.#port = port
  }

  /**
   * Asks on and on. A server may end a connection at any time, and a query that meets that is asked again over a new
   * one (RFC 7766 §6.2.4); but there is always somebody who listens.
   */
  async run(scene: Scene): Promise<void> {
    let inVain = 0
    while (!scene.over) {
      const since = scene.applied
      scene.asked++
      const reply = await this.#ask()
      if (reply !== undefined) {
        scene.check(reply, since)
        inVain = 0
        await sleep(PAUSE_MS)
        continue
      }
      scene.retried++
      if (++inVain > 5) scene.wrong.push('no connection lives long enough for a reply')
      if (this.#error === 'ECONNREFUSED') scene.wrong.push('a connection was refused')
    }
    this.#socket?.destroy()
  }

  #ask(): Promise<Buffer | undefined> {
    if (this.#socket === undefined || this.#socket.destroyed || this.#socket.readableEnded) {
      this.#socket?.destroy()
      this.#socket = connect(this.#port, '127.0.0.1')
    }
    const socket = this.#socket
    const length = Buffer.alloc(2)
    length.writeUInt16BE(QUERY.length)
    return new Promise((resolve) => {
      let unread = Buffer.alloc(0)
      const onData = (chunk: Buffer) => {
        unread = Buffer.concat([unread, chunk])
        if (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE()) {
          done(unread.subarray(2))
        }
      }
      const onEnd = () => {
        socket.destroy()
        this.#socket = undefined
        done(undefined)
      }
      const done = (reply: Buffer | undefined) => {
        socket.off('data', onData).off('end', onEnd).off('close', onEnd)
        resolve(reply)
      }
      socket.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
        this.#error = error.code ?? ''
      })
      socket.on('data', onData).on('end', onEnd).on('close', onEnd)
      socket.write(Buffer.concat([length, QUERY]))
    })
  }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

describe('while configurations come and go', needsKoffi(), () => {
  test('every query is answered, and rightly', { timeout: 300_000 }, async (t) => {
    const master = await startLeader(t)
    const workers = seenWorkers(t)
    const all = await startReloadable(t, { masters: [master.name], ...settingsOf(1) })
    await all.server.ready
    const sockets = openSockets()
    const before = descriptors()
    const scene = new Scene()
    const clients = Array.from({ length: UDP_CLIENTS }, () => udpClient(t, scene, all.dnsPort()))
    const tcp = Array.from({ length: TCP_CLIENTS }, () => new TcpClient(all.dnsPort()).run(scene))

    for (let number = 2; number <= RELOADS; number++) {
      scene.begun = number
      const { status, error } = await all.reload(settingsOf(number))
      assert.equal(status, 'applied', String(error))
      scene.applied = number
      await sleep(2 * PAUSE_MS)
      if (scene.wrong.length > 0) break
    }
    scene.over = true
    await Promise.all(tcp)
    assert.deepEqual(scene.wrong, [])
    await eventually('every query over UDP is answered', () =>
      clients.every((waiting) => waiting().size === 0),
    )
    const { asked, replies, certain, retried } = scene
    t.diagnostic(`${asked} asked, ${replies} replies, ${certain} certain, ${retried} asked again`)
    assert.equal(asked, replies + retried)
    assert.ok(certain > 0)
    assert.equal(all.server.counters().total.answers >= replies, true)

    // Back to where it began: nothing of what came in between is left.
    await all.reload(settingsOf(1))
    await eventually('threads have ended', () => {
      return workers.filter(({ threadId }) => threadId !== -1).length === 2
    })
    await eventually('sockets are closed', () => openSockets() <= sockets + UDP_CLIENTS + KEPT)
    await eventually(
      'descriptors are closed',
      () => descriptors() <= before + UDP_CLIENTS + KEPT + 2,
    )
    assert.deepEqual(all.server.restarts(), { state: 0, query: 0 })
  })
})
