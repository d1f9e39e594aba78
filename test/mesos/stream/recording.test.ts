// What a real Mesos 1.12 sent, HTTP head and chunks included, through a TCP server.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { noAuthenticator } from '../../../src/mesos/auth/authenticator.ts'
import { createMasterHttp } from '../../../src/mesos/http.ts'
import { Session } from '../../../src/mesos/stream/session.ts'
import { createSubscriber } from '../../../src/mesos/stream/subscribe.ts'
import type { HostPort } from '../../../src/net/address.ts'
import type { ClusterEvent } from '../../../src/state/cluster-event.ts'
import { decodeEvent } from '../../../src/state/decode-event.ts'
import { createHostResolver } from '../../../src/state/host-resolver.ts'
import { createSubscribedDecoder } from '../../../src/state/stream/subscribed-decoder.ts'
import { sharedPath } from '../../shared.ts'

/** A TCP server that answers one request with these octets, cut up as `cut` says, and then closes. */
async function play(
  t: TestContext,
  octets: Buffer,
  cut: (at: number) => number,
): Promise<HostPort> {
  const send = (socket: Socket, at: number) => {
    if (at >= octets.length) return void socket.end()
    const end = Math.min(octets.length, at + cut(at))
    socket.write(octets.subarray(at, end), () => setImmediate(send, socket, end))
  }
  const server = createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('data', () => send(socket, 0))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** Everything a subscriber learns, until the stream ends, and whether that was in order. */
async function follow(t: TestContext, master: HostPort) {
  const http = createMasterHttp({
    tls: { rejectUnauthorized: true },
    userAgent: 'mesos-ns/test',
    timeoutMs: 60_000,
  })
  t.after(() => http.close())
  const learned = {
    types: [] as string[],
    events: [] as ClusterEvent[],
    agents: -1,
    problems: 0,
    endedInOrder: true,
  }
  const subscribe = createSubscriber({
    http,
    authenticator: noAuthenticator,
    resolver: createHostResolver(),
    scheme: 'http',
  })
  const open = (from: HostPort) => {
    const session = new Session(from, createSubscribedDecoder(), {
      subscribed: ({ state }) => {
        learned.agents = state.agents.size
      },
      batch({ types, events, unreadable }) {
        learned.types.push(...types)
        learned.events.push(...events)
        learned.problems += unreadable.length
      },
    })
    return (octets: Uint8Array) => session.take(octets)
  }
  await subscribe([master], open, new AbortController().signal).catch(() => {
    learned.endedInOrder = false
  })
  return learned
}

const PIECES: readonly (readonly [what: string, cut: (at: number) => number])[] = [
  ['whole', () => Number.POSITIVE_INFINITY],
  ['in large pieces', () => 5_000],
  ['in small pieces of all sizes', (at) => 1 + ((at * 7_919) % 97)],
]

// The master was killed at the end of the first, and ended the second for a newer subscriber.
const RECORDINGS = [
  ['main', false],
  ['container-ips', true],
] as const

for (const [name, endedInOrder] of RECORDINGS) {
  const path = sharedPath(`mesos/stream/${name}.tcp`)
  describe(`the recording ${name}`, {
    skip: path === undefined && 'the recordings are not here',
  }, () => {
    const octets = path === undefined ? Buffer.alloc(0) : readFileSync(path)
    const records = recordsIn(octets)

    for (const [what, cut] of PIECES) {
      test(`sent ${what}`, async (t) => {
        const learned = await follow(t, await play(t, octets, cut))
        assert.ok(records.length > 1)
        assert.deepEqual(
          learned.types,
          records.map(({ type }) => type),
        )
        const expected = records.slice(1).flatMap((record) => decodeEvent(record).event ?? [])
        assert.deepEqual(learned.events, expected)
        assert.ok(learned.agents >= 1)
        assert.equal(learned.problems, 0)
        assert.equal(learned.endedInOrder, endedInOrder)
      })
    }

    test('taken octet by octet, and cut in two at every place', () => {
      const body = unchunk(octets)
      const whole = take([body])
      assert.deepEqual(take(Array.from(body, (octet) => Uint8Array.of(octet))), whole)
      // Each cut costs a whole body, so every so many octets; prime, to meet all sorts of places.
      for (let at = 1; at < body.length; at += 997) {
        assert.deepEqual(take([body.subarray(0, at), body.subarray(at)]), whole, `cut at ${at}`)
      }
    })
  })
}

/** The types of all records in these pieces of a body. */
function take(pieces: readonly Uint8Array[]): string[] {
  const all: string[] = []
  const session = new Session({ host: 'm', port: 1 }, createSubscribedDecoder(), {
    subscribed() {},
    batch: ({ types, events }) => void all.push(...types, ...events.map((e) => JSON.stringify(e))),
  })
  for (const piece of pieces) session.take(piece)
  return all.sort()
}

/** The body of a chunked answer, by a way of its own. */
function unchunk(octets: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (let at = octets.indexOf('\r\n\r\n') + 4; at < octets.length; ) {
    const line = octets.indexOf('\r\n', at)
    const size = Number.parseInt(octets.toString('latin1', at, line), 16)
    if (size === 0) break
    pieces.push(octets.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
  return Buffer.concat(pieces)
}

/** The records of an answer, by a way of its own. */
function recordsIn(octets: Buffer): { readonly type: string }[] {
  const body = unchunk(octets)
  const records: { readonly type: string }[] = []
  for (let at = 0; at < body.length; ) {
    const line = body.indexOf('\n', at)
    const end = line + 1 + Number(body.toString('latin1', at, line))
    records.push(JSON.parse(body.toString('utf8', line + 1, end)))
    at = end
  }
  return records
}
