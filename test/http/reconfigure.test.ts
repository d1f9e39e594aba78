import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import type { HttpApi } from '../../src/http/index.ts'
import { Listener } from '../../src/http/listener.ts'
import { config, serve, unchanged } from './setup.ts'

async function dial(t: TestContext, port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host)
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A port of 127.0.0.1 that nobody has at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  server.close()
  await once(server, 'close')
  return address.port
}

async function refuses(port: number, host = '127.0.0.1'): Promise<void> {
  const [error] = await once(connect(port, host), 'error')
  assert.equal(error.code, 'ECONNREFUSED')
}

function portOf(api: HttpApi): number {
  assert.ok(api.address !== undefined)
  return api.address.port
}

test('settings that routes see change from one request to the next', async (t) => {
  const { api, port, request } = await serve(t)
  assert.equal((await request('/v1/axfr')).status, 200)
  await api.reconfigure(config({ EnumerationOn: false, ttl: 7 }))
  assert.equal((await request('/v1/axfr')).status, 404)
  assert.equal(JSON.parse((await request('/v1/config')).body).TTL, 7)
  const { paths } = JSON.parse((await request('/openapi.json')).body)
  assert.equal('/v1/axfr' in paths, false)
  assert.equal(portOf(api), port, 'the same listener')
  await api.reconfigure(config())
  assert.equal((await request('/v1/axfr')).status, 200)
})

test('connections stay where the address does', async (t) => {
  const { api, port } = await serve(t)
  const socket = await dial(t, port)
  const replies = text(socket)
  socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'readable')
  await api.reconfigure(config({ ttl: 7 }))
  socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  assert.equal((await replies).match(/HTTP\/1\.1 200 OK/g)?.length, 2)
})

test('another port: the new one answers, requests that have begun at the old one end', async (t) => {
  const { api, port, request } = await serve(t)
  const begun = await dial(t, port)
  begun.write('GET /v1/version HTTP/1.1\r\nHost: x\r\n')
  // A second connection's answer shows that the first one's bytes have been read.
  assert.equal((await request('/health')).status, 200)
  const next = await freePort()
  await api.reconfigure(config({ httpport: next }))
  assert.equal(portOf(api), next)
  assert.equal((await request('/health', { port: next })).status, 200)
  await refuses(port)
  begun.write('\r\n')
  const reply = await text(begun)
  assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/)
  assert.match(reply, /\r\nConnection: close\r\n/i)
})

test('another address of the same port', async (t) => {
  const { api, port, request } = await serve(t, { config: config({ httpport: await freePort() }) })
  await api.reconfigure(config({ httpport: port, HTTPListener: '127.0.0.2' }))
  assert.deepEqual(api.address, { host: '127.0.0.2', port })
  assert.equal((await request('/health', { host: '127.0.0.2' })).status, 200)
  await refuses(port)
})

test('from one address to all of them and back, which cannot be bound side by side', async (t) => {
  const { api, port, request } = await serve(t, { config: config({ httpport: await freePort() }) })
  await api.reconfigure(config({ httpport: port, HTTPListener: '0.0.0.0' }))
  assert.equal((await request('/health', { host: '127.0.0.2' })).status, 200)
  await api.reconfigure(config({ httpport: port }))
  assert.equal((await request('/health')).status, 200)
  await refuses(port, '127.0.0.2')
})

test('a port that is taken: rejected, and everything stays as it was', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  assert.ok(address !== null && typeof address === 'object')
  const { api, port, request } = await serve(t)
  const settings = { httpport: address.port, EnumerationOn: false }
  await assert.rejects(api.reconfigure(config(settings)), { code: 'MESOS_NS_LISTEN' })
  assert.equal(portOf(api), port)
  assert.equal((await request('/v1/axfr')).status, 200)
})

test('an address of the same port that another has: rejected, and the old one is bound again', async (t) => {
  const { api, port, request } = await serve(t, { config: config({ httpport: await freePort() }) })
  const other = createServer().listen(port, '127.0.0.2')
  t.after(() => other.close())
  await once(other, 'listening')
  const settings = { httpport: port, HTTPListener: '127.0.0.2' }
  await assert.rejects(api.reconfigure(config(settings)), { code: 'MESOS_NS_LISTEN' })
  assert.deepEqual(api.address, { host: '127.0.0.1', port })
  assert.equal((await request('/health')).status, 200)
  // Nothing is left behind that would keep it from moving later.
  await api.reconfigure(config({ httpport: port, HTTPListener: '127.0.0.3' }))
  assert.equal((await request('/health', { host: '127.0.0.3' })).status, 200)
})

test('a reload asked for over HTTP that moves HTTP is answered', async (t) => {
  const next = await freePort()
  const { api, request } = await serve(t, {
    reload: async () => {
      await api.reconfigure(config({ httpport: next }))
      return unchanged({ status: 'applied', changed: ['httpport'] })
    },
  })
  const reply = await request('/v1/reload', { method: 'POST' })
  assert.deepEqual([reply.status, JSON.parse(reply.body).changed], [200, ['httpport']])
  assert.equal((await request('/health', { port: next })).status, 200)
})

test('what does not listen does not begin to by moving', async () => {
  const listener = new Listener(
    () => {},
    () => {},
  )
  await listener.move({ host: '127.0.0.1', port: 0 })
  assert.equal(listener.address, undefined)
  await listener.close()
})

test('close waits for a move, and both addresses are gone after it', async () => {
  const listener = new Listener(
    (_request, response) => void response.end('ok'),
    () => {},
  )
  const before = await listener.open({ host: '127.0.0.1', port: 0 })
  const moved = listener.move({ host: '127.0.0.1', port: await freePort() })
  await Promise.all([listener.close(), moved])
  assert.ok(listener.address !== undefined)
  await refuses(before.port)
  await refuses(listener.address.port)
  await listener.move({ host: '127.0.0.1', port: before.port })
  await refuses(before.port)
})
