import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { silentLogger } from '../../../src/log.ts'
import { createAuthenticator } from '../../../src/mesos/auth/index.ts'
import type { MesosConfig } from '../../../src/mesos/config.ts'
import { AuthError } from '../../../src/mesos/errors.ts'
import { createMasterHttp } from '../../../src/mesos/http.ts'
import { EventStreamError } from '../../../src/mesos/stream/errors.ts'
import { createSubscriber } from '../../../src/mesos/stream/subscribe.ts'
import { loadTls } from '../../../src/mesos/tls.ts'
import { formatHostPort, type HostPort } from '../../../src/net/address.ts'
import { createHostResolver, type Lookup } from '../../../src/state/host-resolver.ts'
import { type FakeMaster, type Handler, redirectTo, respond, startMaster } from '../fake-master.ts'
import { BASIC, BASIC_HEADER, CONFIG, deadAddress } from '../fetching.ts'
import { frame, HEARTBEAT, Subscribers, subscribed } from './fake-stream.ts'

interface Settings {
  readonly config?: Partial<MesosConfig>
  readonly lookup?: Lookup
}

/** Subscribes as createStateSource does; `heard` is what came, by master. */
function setUp(t: TestContext, settings: Settings = {}) {
  const config = { ...CONFIG, ...settings.config }
  const http = createMasterHttp({
    tls: loadTls(config),
    userAgent: 'mesos-ns/test',
    // Streams outlive it.
    timeoutMs: 50,
  })
  t.after(() => http.close())
  const subscribe = createSubscriber({
    http,
    authenticator: createAuthenticator(config, http, silentLogger),
    resolver: createHostResolver({ lookup: settings.lookup ?? (async () => []) }),
    scheme: 'http',
  })
  const controller = new AbortController()
  t.after(() => controller.abort(new Error('test is over')))
  const heard: string[] = []
  const pieces = new EventTarget()
  const open = (master: HostPort) => (octets: Uint8Array) => {
    heard.push(`${formatHostPort(master)} ${Buffer.from(octets)}`)
    pieces.dispatchEvent(new Event('piece'))
  }
  return {
    controller,
    heard,
    pieces,
    subscribe: (...masters: readonly { address: HostPort }[]) =>
      subscribe(
        masters.map(({ address }) => address),
        open,
        controller.signal,
      ),
  }
}

const nextPiece = (pieces: EventTarget) =>
  new Promise((resolve) => pieces.addEventListener('piece', resolve, { once: true }))

test('the request is what masters want, and the stream is taken as it comes', async (t) => {
  const { subscribe, heard, pieces } = setUp(t)
  const subscribers = new Subscribers()
  subscribers.greeting = [subscribed()]
  const leader = await startMaster(t, subscribers.handler)
  let piece = nextPiece(pieces)
  const stream = subscribe(leader)
  await piece
  const [{ request, body } = assert.fail()] = subscribers.requests
  assert.equal(`${request.method} ${request.url}`, 'POST /api/v1')
  assert.equal(request.headers['content-type'], 'application/json')
  assert.equal(request.headers.accept, 'application/json')
  assert.equal(request.headers['accept-encoding'], 'identity')
  assert.equal(request.headers['user-agent'], 'mesos-ns/test')
  assert.deepEqual(JSON.parse(body), { type: 'SUBSCRIBE' })
  assert.deepEqual(heard, [`${leader.name} ${frame(subscribed())}`])
  // Later than any other request would be given up.
  await new Promise((resolve) => setTimeout(resolve, 100))
  piece = nextPiece(pieces)
  subscribers.send(HEARTBEAT)
  await piece
  assert.deepEqual(heard[1], `${leader.name} ${frame(HEARTBEAT)}`)
  subscribers.last.end()
  await stream
})

test('a zero chunk ends it, though the connection stays open', async (t) => {
  const { subscribe } = setUp(t)
  const leader = await startMaster(t, ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n0\n\r\n0\r\n\r\n')
  })
  await subscribe(leader)
})

test('an abort ends it with its reason, and the connection with it', async (t) => {
  const { subscribe, controller, pieces } = setUp(t)
  const subscribers = new Subscribers()
  const leader = await startMaster(t, subscribers.handler)
  const piece = nextPiece(pieces)
  const stream = subscribe(leader)
  await piece
  controller.abort(new Error('enough'))
  await assert.rejects(stream, { message: 'enough' })
  await subscribers.left()
})

const BREAKS: readonly (readonly [what: string, Handler, message: RegExp])[] = [
  [
    'a reset',
    (_, response) => response.write(frame(subscribed()), () => response.socket?.resetAndDestroy()),
    /connection reset|closed before|cut short/,
  ],
  [
    'a death',
    (_, response) => response.write(frame(subscribed()), () => response.destroy()),
    /closed before|cut short/,
  ],
  [
    'broken chunks',
    ({ socket }) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n0\n\r\nzz\r\n'),
    /no HTTP/,
  ],
]

for (const [what, handler, message] of BREAKS) {
  test(`${what} of the connection is told, and nobody else is asked`, async (t) => {
    const { subscribe } = setUp(t)
    const leader = await startMaster(t, handler)
    const other = await startMaster(t, respond(500))
    await assert.rejects(subscribe(leader, other), (error: EventStreamError) => {
      assert.equal(error.fault, 'lost')
      assert.equal(error.message, `${leader.name} broke off the event stream`)
      assert.match(String(error.cause), message)
      return true
    })
    assert.equal(other.seen.length, 0)
  })
}

test('headers without end are given up', async (t) => {
  const { subscribe } = setUp(t)
  const leader = await startMaster(t, ({ socket }) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 OK\r\n')
    const drip = () => {
      if (!socket.destroyed) socket.write(`X-More: ${'x'.repeat(4096)}\r\n`, drip)
    }
    drip()
  })
  await assert.rejects(subscribe(leader), /answer has headers beyond all measure/)
})

const FAULTS: readonly (readonly [status: number, text: string, fault: string])[] = [
  [204, '', 'unsupported'],
  [300, '', 'unsupported'],
  [400, "Failed to validate master::Call: Expecting 'type' to be present", 'unsupported'],
  [404, 'Not Found.', 'unsupported'],
  [405, "Expecting one of { 'POST' }", 'unsupported'],
  [406, 'Expecting Accept', 'unsupported'],
  [415, 'Unsupported media type', 'unsupported'],
  [501, 'Unsupported call', 'unsupported'],
  [500, 'Internal error', 'lost'],
  [502, 'Bad gateway', 'lost'],
  [504, 'Timeout', 'lost'],
  [429, 'Too many', 'lost'],
  [408, 'Too slow', 'lost'],
]

for (const [status, text, fault] of FAULTS) {
  test(`status ${status}: ${fault}`, async (t) => {
    const { subscribe, heard } = setUp(t)
    const master = await startMaster(t, respond(status, text))
    await assert.rejects(subscribe(master), (error) => {
      if (fault === 'unsupported') {
        assert.ok(error instanceof EventStreamError)
        assert.equal(error.fault, fault)
      } else {
        assert.ok(error instanceof Error && !(error instanceof EventStreamError))
      }
      assert.ok(error.message.startsWith(`${master.name} answered with status ${status}`))
      return true
    })
    assert.deepEqual(heard, [], 'what is no answer to SUBSCRIBE is not taken for one')
  })
}

for (const text of ['Master has not finished recovery', 'No leader elected']) {
  test(`503 ${text}: not ready, whatever the others do`, async (t) => {
    const { subscribe } = setUp(t)
    const master = await startMaster(t, respond(503, text))
    const dead = await deadAddress()
    for (const masters of [[master], [dead, master], [master, dead]]) {
      await assert.rejects(subscribe(...masters), (error) => {
        assert.ok(error instanceof EventStreamError)
        assert.equal(error.fault, 'not-ready')
        assert.match(error.message, new RegExp(text))
        return true
      })
    }
  })
}

test('a master that cannot be reached is passed over for the next one', async (t) => {
  const { subscribe, heard } = setUp(t)
  const subscribers = new Subscribers()
  const leader = await startMaster(t, subscribers.handler)
  const piece = subscribe(await deadAddress(), leader)
  while (heard.length === 0) await new Promise(setImmediate)
  subscribers.last.end()
  await piece
  assert.ok(heard[0]?.startsWith(leader.name))
})

test('one that has no event stream is believed, nobody else is asked', async (t) => {
  const { subscribe } = setUp(t)
  const leader = await startMaster(t, respond(404))
  const other = await startMaster(t, respond(404))
  await assert.rejects(subscribe(leader, other), { code: 'MESOS_NS_STREAM' })
  assert.equal(other.seen.length, 0)
})

/** Ends the answer as soon as it has begun. */
const endsAtOnce: Handler = (_, response) => response.end(frame(subscribed()))

test('a 307 without scheme is followed with POST, and the leader gets the credentials', async (t) => {
  const { subscribe, heard } = setUp(t, { config: BASIC })
  const leader = await startMaster(t, endsAtOnce)
  const other = await startMaster(t, redirectTo(`//${leader.name}/master/api/v1`))
  await subscribe(other, leader)
  const asked = ({ seen }: FakeMaster) =>
    seen.map(({ method, path, authorization }) => [method, path, authorization])
  assert.deepEqual(asked(other), [['POST', '/api/v1', BASIC_HEADER]])
  assert.deepEqual(asked(leader), [['POST', '/master/api/v1', BASIC_HEADER]])
  assert.ok(heard[0]?.startsWith(leader.name))
})

test('a redirect to a stranger takes no credentials there', async (t) => {
  const { subscribe } = setUp(t, { config: BASIC })
  const foreign = await startMaster(t, respond(401))
  const other = await startMaster(t, redirectTo(`//${foreign.name}/master/api/v1`))
  await assert.rejects(subscribe(other), (error) => {
    assert.ok(error instanceof AuthError)
    assert.match(error.message, /neither configured nor detected, so it gets none/)
    return true
  })
  assert.deepEqual(
    foreign.seen.map(({ authorization }) => authorization),
    [undefined],
  )
})

test('redirects in a circle, or to oneself, come to an end', async (t) => {
  const { subscribe } = setUp(t)
  const first = await startMaster(t, () => {})
  const second = await startMaster(t, redirectTo(`//${first.name}/master/api/v1`))
  first.handler = redirectTo(`//${second.name}/master/api/v1`)
  await assert.rejects(subscribe(first, second), /points to .*, which was asked before/)
  assert.deepEqual([first.seen.length, second.seen.length], [1, 1])
  first.handler = redirectTo('/api/v1')
  await assert.rejects(subscribe(first), /more than 10 redirects/)
  assert.equal(first.seen.length, 12)
})

test('refused credentials are an AuthError that says what they were for', async (t) => {
  const { subscribe } = setUp(t, { config: BASIC })
  const master = await startMaster(t, respond(403))
  await assert.rejects(subscribe(master), (error) => {
    assert.ok(error instanceof AuthError)
    assert.match(error.message, /does not let its events be followed by "dns" \(403\)/)
    assert.doesNotMatch(error.message, /sésame/)
    return true
  })
  master.handler = respond(401)
  await assert.rejects(subscribe(master), /refuses the credentials of "dns" \(401\)/)
})
