import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { createDrainingServer } from '../../src/http/server.ts'
import { type Client, serve, snapshot } from './setup.ts'

const ignore = () => {}

async function dial(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** An API whose /v1/enumerate has some 20 MB: more than the sockets' buffers take. */
async function serveLarge(t: TestContext): Promise<Client> {
  const task = JSON.stringify({ name: 'x'.repeat(1_000), id: '1', records: null })
  const piece = Buffer.from(`${task},\n`.repeat(50))
  const pieces = [
    Buffer.from('{"frameworks": [{"tasks": ['),
    ...Array.from({ length: 400 }, () => piece),
    Buffer.from(`${task}], "name": "f"}]}`),
  ]
  const current = snapshot({ listing: async () => pieces })
  return serve(t, { snapshot: () => current })
}

test('close: an API that never listened is closed at once', async () => {
  const { drain } = createDrainingServer(ignore, ignore)
  await drain(0)
  await drain(0)
})

test('close: idle connections are closed', async (t) => {
  const { api, port } = await serve(t)
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const [response] = await once(
    get({ port, host: '127.0.0.1', path: '/v1/version', agent }),
    'response',
  )
  await text(response)
  await Promise.all([api.close(), api.close()])
  const refused = get({ port, host: '127.0.0.1', path: '/v1/version' })
  const [error] = await once(refused, 'error')
  assert.equal(error.code, 'ECONNREFUSED')
})

test('close: a request that has begun is answered, then the connection ends', async (t) => {
  const { api, port } = await serve(t)
  const socket = await dial(t, port)
  socket.write('GET /v1/version HTTP/1.1\r\nHost: x\r\n')
  // A second connection's answer shows that the first one's bytes have been read.
  const other = await dial(t, port)
  other.end('GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await text(other)
  const closed = api.close()
  socket.write('\r\n')
  const reply = await text(socket)
  assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(reply, /\r\nConnection: close\r\n/i)
  assert.match(reply, /"Mesos-DNS"/)
  await closed
})

test('close: an answer under way is finished', async (t) => {
  const { api, port } = await serveLarge(t)
  const request = get({ port, host: '127.0.0.1', path: '/v1/enumerate' })
  const [response] = await once(request, 'response')
  const closed = api.close()
  const body = await text(response)
  assert.equal(JSON.parse(body).frameworks[0].tasks.length, 20_001)
  await closed
})

test('close: who does not read in time is cut off', async (t) => {
  const { server, drain } = createDrainingServer((_request, response) => {
    response.flushHeaders()
  }, ignore)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const socket = await dial(t, address.port)
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  await drain(10)
})

test('a client that leaves in the middle of a large answer harms nobody', async (t) => {
  const { port, request } = await serveLarge(t)
  const socket = await dial(t, port)
  socket.write('GET /v1/enumerate HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  socket.destroy()
  assert.equal((await request('/v1/version')).status, 200)
})

test('a large answer does not keep others waiting', async (t) => {
  const { port, request } = await serveLarge(t)
  const [large] = await once(get({ port, host: '127.0.0.1', path: '/v1/enumerate' }), 'response')
  let ended = false
  const whole = text(large).then(() => {
    ended = true
  })
  assert.equal((await request('/v1/version')).status, 200)
  assert.equal(ended, false)
  await whole
})

test('errors while it listens are reported; those of binding are not', async (t) => {
  const errors: Error[] = []
  const { server, drain } = createDrainingServer(ignore, (error) => errors.push(error))
  t.after(() => drain(0))
  const error = new Error('accept EMFILE')
  assert.throws(() => server.emit('error', error), error)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.emit('error', error)
  assert.deepEqual(errors, [error])
})

test('headers of more than 16 KiB are 431', async (t) => {
  const { request } = await serve(t)
  const { status } = await request('/v1/version', { headers: { cookie: 'c'.repeat(17_000) } })
  assert.equal(status, 431)
})

test('what is not HTTP is 400', async (t) => {
  const { port } = await serve(t)
  const socket = await dial(t, port)
  socket.end('\x00\x01 nonsense\r\n\r\n')
  assert.match(await text(socket), /^HTTP\/1\.1 400 Bad Request\r\n/)
})

test('requests on one connection are answered in turn', async (t) => {
  const { port } = await serve(t)
  const socket = await dial(t, port)
  const one = 'GET /v1/hosts/leader.mesos HTTP/1.1\r\nHost: x\r\n\r\n'
  socket.end(`${one}GET /nope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  const statuses = (await text(socket)).match(/HTTP\/1\.1 \d+/g)
  assert.deepEqual(statuses, ['HTTP/1.1 200', 'HTTP/1.1 404'])
})

const POST = 'POST /v1/reload HTTP/1.1\r\nHost: localhost\r\n'

for (const [what, head] of [
  ['of a gigabyte', 'Content-Length: 1000000000\r\n'],
  ['without an end', 'Transfer-Encoding: chunked\r\n'],
] as const) {
  test(`a body ${what} is not waited for, nor read`, async (t) => {
    const { port } = await serve(t)
    const socket = await dial(t, port)
    socket.write(`${POST}${head}\r\n`)
    const reply = await text(socket)
    assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(reply, /\r\nConnection: close\r\n/i)
  })
}

test('a small body is thrown away, and the connection goes on', async (t) => {
  const { port } = await serve(t)
  const socket = await dial(t, port)
  socket.write(`${POST}Content-Length: 2\r\n\r\n{}`)
  socket.end(`${POST}Connection: close\r\n\r\n`)
  const statuses = (await text(socket)).match(/HTTP\/1\.1 \d+/g)
  assert.deepEqual(statuses, ['HTTP/1.1 200', 'HTTP/1.1 200'])
})

test('who asks whether to send a body is answered instead', async (t) => {
  const { port } = await serve(t)
  const socket = await dial(t, port)
  socket.write(`${POST}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`)
  const reply = await text(socket)
  assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(reply, /\r\nConnection: close\r\n/i)
})

test('limits are set', () => {
  const { server } = createDrainingServer(ignore, ignore)
  assert.equal(server.headersTimeout, 10_000)
  assert.equal(server.requestTimeout, 30_000)
  assert.equal(server.keepAliveTimeout, 30_000)
  assert.equal(server.timeout, 60_000)
  assert.equal(server.maxConnections, 1_000)
})
