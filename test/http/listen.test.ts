import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type TestContext, test } from 'node:test'
import { listenOn } from '../../src/http/listen.ts'
import { ListenError } from '../../src/net/listen.ts'

/** A server on which binding each host in turn fails with the given code, or works with undefined. */
function fakeServer(codes: Readonly<Record<string, string | undefined>>) {
  const bound: string[] = []
  class FakeServer extends EventEmitter {
    listen({ host, port }: { host: string; port: number }, done: () => void): void {
      bound.push(host)
      const code = codes[host]
      if (code === undefined) process.nextTick(done)
      else
        process.nextTick(() => this.emit('error', Object.assign(new Error(code), { code, port })))
    }

    address() {
      return { address: bound.at(-1), port: 8123 }
    }
  }
  return { server: new FakeServer() as unknown as Server, bound }
}

function tcpServer(t: TestContext): Server {
  const server = createServer((socket) => socket.destroy())
  t.after(() => server.close())
  return server
}

test('0.0.0.0 binds :: where there is IPv6', async () => {
  const { server, bound } = fakeServer({})
  assert.deepEqual(await listenOn(server, { host: '0.0.0.0', port: 8123 }), {
    host: '::',
    port: 8123,
  })
  assert.deepEqual(bound, ['::'])
  assert.equal(server.listenerCount('error'), 0)
})

for (const code of ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']) {
  test(`0.0.0.0 binds 0.0.0.0 where :: gives ${code}`, async () => {
    const { server, bound } = fakeServer({ '::': code })
    const { host } = await listenOn(server, { host: '0.0.0.0', port: 8123 })
    assert.equal(host, '0.0.0.0')
    assert.deepEqual(bound, ['::', '0.0.0.0'])
  })
}

test('other addresses are bound as they are', async () => {
  for (const host of ['127.0.0.1', '::1', '::', 'localhost']) {
    const { server, bound } = fakeServer({})
    await listenOn(server, { host, port: 8123 })
    assert.deepEqual(bound, [host])
  }
})

for (const [host, codes, message] of [
  [
    '0.0.0.0',
    { '::': 'EADDRINUSE' },
    /^cannot listen for HTTP on 0\.0\.0\.0:8123: another process has this port .*ss -lntup "sport = :8123".*httpport/,
  ],
  [
    '0.0.0.0',
    { '::': 'EAFNOSUPPORT', '0.0.0.0': 'EACCES' },
    /0\.0\.0\.0:8123: not permitted; grant CAP_NET_BIND_SERVICE/,
  ],
  ['10.255.0.1', { '10.255.0.1': 'EADDRNOTAVAIL' }, /no interface of this host .* HTTPListener/],
  [
    '::1',
    { '::1': 'EAFNOSUPPORT' },
    /^cannot listen for HTTP on \[::1\]:8123: this host has no IPv6/,
  ],
  [
    'nope.invalid',
    { 'nope.invalid': 'ENOTFOUND' },
    /nope\.invalid:8123: the name does not resolve/,
  ],
  ['127.0.0.1', { '127.0.0.1': 'EODD' }, /127\.0\.0\.1:8123: Error: EODD$/],
] as const) {
  test(`refused: ${host} ${JSON.stringify(codes)}`, async () => {
    const { server } = fakeServer(codes)
    await assert.rejects(listenOn(server, { host, port: 8123 }), (error: unknown) => {
      assert.ok(error instanceof ListenError)
      assert.equal(error.code, 'MESOS_NS_LISTEN')
      assert.match(error.message, message)
      assert.ok(error.cause instanceof Error)
      return true
    })
  })
}

test('a port that is really taken', async (t) => {
  const first = tcpServer(t)
  const { port } = await listenOn(first, { host: '127.0.0.1', port: 0 })
  assert.notEqual(port, 0)
  await assert.rejects(listenOn(tcpServer(t), { host: '127.0.0.1', port }), {
    code: 'MESOS_NS_LISTEN',
  })
})

test('::1 where there is IPv6', async (t) => {
  const loopbacks = Object.values(networkInterfaces()).flat()
  if (!loopbacks.some((address) => address?.address === '::1')) return t.skip('no IPv6 here')
  const server = tcpServer(t)
  const { host } = await listenOn(server, { host: '::1', port: 0 })
  assert.equal(host, '::1')
  server.close()
  await once(server, 'close')
})
