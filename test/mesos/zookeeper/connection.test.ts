import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import {
  type Connection,
  type ConnectionOptions,
  openConnection,
} from '../../../src/mesos/detect/zookeeper/connection.ts'
import {
  ZookeeperError,
  type ZookeeperFailure,
} from '../../../src/mesos/detect/zookeeper/errors.ts'
import {
  exists,
  getChildren2,
  getData,
  type WatchEvent,
} from '../../../src/mesos/detect/zookeeper/protocol.ts'
import type { HostPort } from '../../../src/net/address.ts'
import {
  childrenFrame,
  connectFrame,
  dataFrame,
  FakeZookeeper,
  replyFrame,
} from './fake-zookeeper.ts'
import { ManualClock, until } from './waiting.ts'

interface Scene {
  readonly fake: FakeZookeeper
  readonly clock: ManualClock
  readonly events: WatchEvent[]
  readonly stop: AbortController
  readonly open: (options?: Partial<ConnectionOptions>, server?: HostPort) => Promise<Connection>
}

async function scene(t: TestContext): Promise<Scene> {
  const fake = await FakeZookeeper.listen()
  t.after(() => fake.close())
  const clock = new ManualClock()
  const events: WatchEvent[] = []
  const stop = new AbortController()
  const open = (options: Partial<ConnectionOptions> = {}, server = fake.server) =>
    openConnection(server, {
      connectTimeoutMs: 1000,
      handshakeTimeoutMs: 3000,
      sessionTimeoutMs: 9000,
      tls: undefined,
      random: Math.random,
      clock,
      signal: stop.signal,
      session: undefined,
      lastZxid: 0n,
      credentials: undefined,
      onWatch: (event) => events.push(event),
      ...options,
    })
  return { fake, clock, events, stop, open }
}

const failsWith = (failure: ZookeeperFailure, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ZookeeperError, String(error))
  assert.equal(error.failure, failure)
  assert.equal(error.code, 'MESOS_NS_LEADER')
  assert.match(error.message, message)
  return true
}

test('asks for a session and never for a read-only one', async (t) => {
  const { fake, open } = await scene(t)
  const connection = await open()
  assert.equal(connection.session?.id, 0x1000n)
  assert.equal(connection.session.timeoutMs, 9000)
  assert.deepEqual(fake.connects, [
    { lastZxid: 0n, timeoutMs: 9000, sessionId: 0n, password: '00'.repeat(16), readOnly: false },
  ])
})

test('resumes a session with its password and the newest transaction seen', async (t) => {
  const { fake, open } = await scene(t)
  const first = await open()
  await first.request(getChildren2('/mesos', false))
  assert.equal(first.lastZxid, 100n)
  const second = await open({ session: first.session, lastZxid: first.lastZxid })
  assert.equal(second.session?.id, first.session?.id)
  assert.deepEqual(fake.connects[1], {
    lastZxid: 100n,
    timeoutMs: 9000,
    sessionId: 0x1000n,
    password: '07'.repeat(16),
    readOnly: false,
  })
})

test('answers are matched with requests sent without waiting', async (t) => {
  const { fake, open } = await scene(t)
  fake.set('a', 'alpha')
  fake.set('b', 'beta')
  const connection = await open()
  const [children, a, b] = await Promise.all([
    connection.request(getChildren2('/mesos', false)),
    connection.request(getData('/mesos/a', false)),
    connection.request(getData('/mesos/b', false)),
  ])
  assert.deepEqual(children.children, ['a', 'b'])
  assert.equal(a.data.toString(), 'alpha')
  assert.equal(b.data.toString(), 'beta')
})

test('an error reply leaves the connection as it is', async (t) => {
  const { open } = await scene(t)
  const connection = await open()
  await assert.rejects(
    connection.request(getData('/mesos/a', false)),
    failsWith('reply', /^getData \/mesos\/a: no such znode$/),
  )
  assert.deepEqual((await connection.request(getChildren2('/mesos', false))).children, [])
})

test('messages may come in pieces of any size', async (t) => {
  for (const piece of [1, 2, 3, 5, 7, 19]) {
    const { fake, events, open } = await scene(t)
    fake.piece = piece
    fake.set('a', 'alpha')
    const connection = await open()
    const { children } = await connection.request(getChildren2('/mesos', true))
    assert.deepEqual(children, ['a'])
    fake.delete('a')
    await until('the watch fired', () => events.length === 1)
    assert.deepEqual(events, [{ type: 4, state: 3, path: '/mesos' }])
  }
})

test('a watch of a znode that does not exist yet', async (t) => {
  const { fake, events, open } = await scene(t)
  fake.znodes = undefined
  const connection = await open()
  await assert.rejects(connection.request(exists('/mesos', true)), failsWith('reply', /no such/))
  fake.create()
  await until('the watch fired', () => events.length === 1)
  assert.deepEqual(events, [{ type: 1, state: 3, path: '/mesos' }])
})

test('credentials go before the first request', async (t) => {
  const { fake, open } = await scene(t)
  await open({ credentials: 'user:pass:word' })
  assert.deepEqual(fake.credentials, ['digest user:pass:word'])
})

test('refused credentials', async (t) => {
  const { fake, open } = await scene(t)
  fake.onAuth = () => replyFrame(-4, 0n, -115)
  await assert.rejects(
    open({ credentials: 'u:p' }),
    failsWith('auth', /^zookeeper 127\.0\.0\.1:\d+: the credentials were refused/),
  )
})

test('a session that is gone', async (t) => {
  const { open } = await scene(t)
  const session = { id: 0x99n, password: new Uint8Array(16), timeoutMs: 9000 }
  await assert.rejects(open({ session }), failsWith('expired', /knows the session no more/))
})

test('a session that expires under way', async (t) => {
  const { fake, open } = await scene(t)
  const connection = await open()
  fake.onRequest = ({ xid }) => replyFrame(xid, 0n, -112)
  const request = connection.request(getChildren2('/mesos', true))
  await assert.rejects(request, failsWith('expired', /expired/))
  failsWith('expired', /expired/)(await connection.closed)
})

test('a session that moved', async (t) => {
  const { fake, open } = await scene(t)
  const connection = await open()
  fake.onRequest = ({ xid }) => replyFrame(xid, 0n, -118)
  await assert.rejects(
    connection.request(getChildren2('/mesos', true)),
    failsWith('unreachable', /moved/),
  )
})

test('what is not ZooKeeper is said to be that', async (t) => {
  const table: [string, Buffer, RegExp][] = [
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /is this a ZooKeeper server/],
    ['negative length', Buffer.from('ffffffff', 'hex'), /message of -1 bytes/],
    ['huge message', Buffer.from('7fffffff', 'hex'), /message of 2147483647 bytes/],
    ['empty message', Buffer.from('00000000', 'hex'), /ends inside a int/],
    ['message too short', Buffer.from('0000000500000000ff', 'hex'), /ends inside a int/],
    ['absurd password', Buffer.from(`00000014${'00'.repeat(16)}7fffffff`, 'hex'), /buffer/],
  ]
  for (const [name, bytes, message] of table) {
    const { fake, open } = await scene(t)
    fake.onConnect = () => bytes
    await assert.rejects(open(), failsWith('malformed', message), name)
  }
})

test('garbage after the handshake ends the connection and what was asked', async (t) => {
  const table: [string, (xid: number) => Buffer, RegExp][] = [
    ['huge message', () => Buffer.from('7fffffff', 'hex'), /2147483647 bytes/],
    ['half a header', () => Buffer.from('0000000400000001', 'hex'), /ends inside a long/],
    ['another xid', (xid) => replyFrame(xid + 1, 1n), /reply to request 2 where that to 1 was due/],
    ['no body', (xid) => replyFrame(xid, 1n), /ends inside/],
    ['wrong body', (xid) => dataFrame(xid, 1n, Buffer.alloc(3, 0x7f)), /vector|ends inside/],
    ['half an event', () => replyFrame(-1, 1n), /ends inside/],
  ]
  for (const [name, bytes, message] of table) {
    const { fake, open } = await scene(t)
    const connection = await open()
    fake.onRequest = ({ xid }) => bytes(xid)
    const request = connection.request(getChildren2('/mesos', true))
    await assert.rejects(request, failsWith('malformed', message), name)
    failsWith('malformed', message)(await connection.closed)
    await until('the socket is closed', () => fake.sockets.size === 0)
    await assert.rejects(connection.request(getData('/', false)), failsWith('malformed', message))
  }
})

test('an answer that nobody asked for', async (t) => {
  const { fake, open } = await scene(t)
  const connection = await open()
  fake.blurt(replyFrame(1, 1n))
  failsWith('malformed', /reply to request 1 where none was due/)(await connection.closed)
})

test('garbage right behind a good handshake', async (t) => {
  const { fake, open } = await scene(t)
  fake.onConnect = () => Buffer.concat([connectFrame(5n, 9000), Buffer.from('7fffffff', 'hex')])
  await assert.rejects(open({ credentials: 'u:p' }), failsWith('malformed', /2147483647/))
})

test('an answer with a few bytes changed gives an answer or an error, never a crash', async (t) => {
  const { fake, open } = await scene(t)
  const mutation = fc.record({ at: fc.nat(120), to: fc.integer({ min: 0, max: 255 }) })
  let bytes: Buffer = Buffer.alloc(0)
  fake.onRequest = (_, socket) => {
    socket.end(bytes)
    return 'ignore'
  }
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      bytes = childrenFrame(1, 1n, ['json.info_1', 'log_replicas'])
      for (const { at, to } of mutations) bytes[at % bytes.length] = to
      const connection = await open()
      try {
        const { children } = await connection.request(getChildren2('/mesos', true))
        assert.ok(children.every((name) => typeof name === 'string'))
      } catch (error) {
        assert.ok(error instanceof ZookeeperError, String(error))
      }
      assert.ok((await connection.closed) instanceof ZookeeperError)
    }),
    { numRuns: 60 },
  )
})

test('a message that never ends is silence', async (t) => {
  const { fake, clock, open } = await scene(t)
  fake.onPing = () => Buffer.from('000000', 'hex')
  const connection = await open()
  clock.advance(3000)
  await until('bytes came', () => fake.pings === 1)
  clock.advance(3000)
  failsWith('unreachable', /silent for 6000 ms/)(await connection.closed)
})

test('nobody listens', async (t) => {
  const { fake, open } = await scene(t)
  const gone = fake.server
  await fake.close()
  await assert.rejects(
    open({}, gone),
    failsWith('unreachable', /^cannot connect to zookeeper 127\.0\.0\.1:\d+: .*ECONNREFUSED/),
  )
})

test('a server that closes without an answer', async (t) => {
  const { fake, open } = await scene(t)
  fake.onConnect = () => 'close'
  await assert.rejects(open(), failsWith('unreachable', /without accepting a session/))
})

test('a server that accepts and never answers', async (t) => {
  const { fake, clock, open } = await scene(t)
  fake.onConnect = () => 'ignore'
  const opening = assert.rejects(
    open(),
    failsWith('unreachable', /no answer to the connect request within 3000 ms/),
  )
  await until('it was asked', () => fake.connects.length === 1)
  clock.advance(3000)
  await opening
})

test('a server that never answers to the credentials', async (t) => {
  const { fake, clock, open } = await scene(t)
  fake.onAuth = () => 'ignore'
  const opening = assert.rejects(
    open({ credentials: 'u:p' }),
    failsWith('unreachable', /no answer to the credentials/),
  )
  await until('it was asked', () => fake.credentials.length === 1)
  clock.advance(3000)
  await opening
})

test('a server that never finishes the connection', async (t) => {
  const { clock, open } = await scene(t)
  // The clock moves before the event loop can tell that the connection stands.
  const opening = open()
  clock.advance(1000)
  await assert.rejects(opening, failsWith('unreachable', /no connection to .* within 1000 ms/))
})

test('pings after a third of the session timeout, gives up after two thirds', async (t) => {
  const { fake, clock, open } = await scene(t)
  const connection = await open()
  assert.deepEqual(clock.delays, [3000, 6000])
  clock.advance(3000)
  await until('a ping was answered', () => fake.pings === 1 && clock.delays.includes(6000))
  assert.deepEqual(clock.delays, [3000, 6000])
  fake.onPing = () => 'ignore'
  clock.advance(3000)
  await until('another ping was sent', () => fake.pings === 2)
  clock.advance(3000)
  failsWith('unreachable', /silent for 6000 ms/)(await connection.closed)
  assert.deepEqual(clock.delays, [])
})

test('a server that pings but does not answer', async (t) => {
  const { fake, clock, open } = await scene(t)
  fake.onRequest = () => 'ignore'
  const connection = await open()
  const request = assert.rejects(
    connection.request(getChildren2('/mesos', true)),
    failsWith('unreachable', /no answer to getChildren2 \/mesos within 6000 ms/),
  )
  clock.advance(3000)
  await until('the ping was answered', () => clock.delays.includes(6000))
  clock.advance(3000)
  await request
})

test('the session timeout agreed on counts, within reason', async (t) => {
  for (const [agreed, used] of [
    [4000, 4000],
    [60_000, 9000],
    [2 ** 31 - 1, 9000],
    [1, 300],
  ] as const) {
    const { fake, open } = await scene(t)
    fake.onConnect = () => connectFrame(5n, agreed)
    const connection = await open()
    assert.equal(connection.session?.timeoutMs, used)
  }
})

test('closing ends the session and leaves no timer', async (t) => {
  const { fake, clock, open } = await scene(t)
  const connection = await open()
  const request = assert.rejects(
    connection.request(getChildren2('/mesos', true)),
    failsWith('stopped', /stopped/),
  )
  connection.close()
  connection.close()
  await request
  failsWith('stopped', /stopped/)(await connection.closed)
  await until('the session was closed', () => fake.closed === 1)
  await until('no timer is left', () => clock.delays.length === 0)
})

test('a server that does not hang up is hung up on', async (t) => {
  const { fake, clock, open } = await scene(t)
  const connection = await open()
  for (const socket of fake.sockets) socket.pause()
  connection.close()
  assert.deepEqual(clock.delays, [1000])
  clock.advance(1000)
  for (const socket of fake.sockets) socket.resume()
  await until('the socket is closed', () => fake.sockets.size === 0)
})

test('stopping while connecting, during the handshake, and before', async (t) => {
  const { fake, clock, stop, open } = await scene(t)
  fake.onConnect = () => 'ignore'
  const dialling = assert.rejects(open(), failsWith('stopped', /stopped/))
  stop.abort()
  await dialling
  await assert.rejects(open(), failsWith('stopped', /stopped/))
  const again = new AbortController()
  const shaking = assert.rejects(open({ signal: again.signal }), failsWith('stopped', /stopped/))
  await until('it was asked', () => fake.connects.length === 1)
  again.abort()
  await shaking
  clock.advance(1000)
  await until('no connection is left', () => fake.sockets.size === 0)
})

test('IPv6', async (t) => {
  const { open } = await scene(t)
  const fake = await FakeZookeeper.listen('::1').catch(() => undefined)
  if (fake === undefined) {
    t.skip('no IPv6 on this machine')
    return
  }
  t.after(() => fake.close())
  const connection = await open({}, fake.server)
  assert.equal(connection.server.host, '::1')
  assert.equal(connection.session?.id, 0x1000n)
})

test('host names', async (t) => {
  const { fake, open } = await scene(t)
  const connection = await open({}, { host: 'localhost', port: fake.server.port })
  assert.equal(connection.session?.id, 0x1000n)
})

test('TLS', async (t) => {
  // A pre-shared key needs no certificate.
  const psk = Buffer.from('key of the test')
  const settings = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const
  const fake = await FakeZookeeper.listen('127.0.0.1', { ...settings, pskCallback: () => psk })
  t.after(() => fake.close())
  fake.set('a', 'alpha')
  const { open } = await scene(t)
  const tls = {
    ...settings,
    pskCallback: () => ({ psk, identity: 'test' }),
    checkServerIdentity: () => undefined,
  }
  const connection = await open({ tls }, fake.server)
  const { data } = await connection.request(getData('/mesos/a', false))
  assert.equal(data.toString(), 'alpha')
  await assert.rejects(open({}, fake.server), failsWith('unreachable', /closed|ECONNRESET/))
})
