// What signals do to a server, at the wrong moments above all.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { getOnce } from '../app/reloadable.ts'
import { encode } from '../dns/question.ts'
import { eventually } from '../eventually.ts'
import { udpUpstream } from '../forward/hostile-upstream.ts'
import { startLeader } from '../mesos/fake-master.ts'
import { freePort } from '../programs.ts'
import { configFile, ended, logOf, start } from './child.ts'

async function serve(t: TestContext, more: object = {}) {
  const master = await startLeader(t)
  const httpPort = await freePort()
  const settings = {
    masters: [master.name],
    listener: '127.0.0.1',
    port: 0,
    httpListener: '127.0.0.1',
    httpPort,
    externalOn: false,
    ...more,
  }
  const file = configFile(t, settings)
  const child = start(t, ['serve', '--config', file])
  return {
    child,
    until: logOf(child),
    configure: (changes: object) =>
      writeFileSync(file, JSON.stringify({ ...settings, ...changes })),
    get: (path: string) => getOnce(`http://127.0.0.1:${httpPort}${path}`),
  }
}

/** A server that forwards, and a query that is with an upstream; `reply` has that one answer. */
async function forwarding(t: TestContext) {
  let reply: (() => void) | undefined
  const upstream = await udpUpstream(t, (query, answer) => {
    const message = Buffer.from(query)
    message.writeUInt8(message.readUInt8(2) | 0x80, 2)
    message.writeUInt8(RCODE.NXDOMAIN, 3)
    reply = () => answer(message)
  })
  const all = await serve(t, { externalOn: true, resolvers: [upstream.name], timeout: 20 })
  const { dns } = (await all.until('listening')) as { dns: { port: number } }
  await all.until('zone published')
  const client = createSocket('udp4')
  t.after(() => client.close())
  const asked = once(client, 'message') as Promise<[Buffer]>
  client.send(encode({ name: 'example.com', type: TYPE.A }), dns.port, '127.0.0.1')
  await eventually('the query is with the upstream', () => reply !== undefined)
  return { ...all, asked, reply: () => reply?.() }
}

describe('signals', { concurrency: 2 }, () => {
  test('SIGHUP before the start has ended reloads after it', async (t) => {
    const { child, until, configure, get } = await serve(t)
    // HTTP listens before there are threads.
    await eventually('it listens', () =>
      get('/health')
        .then(() => true)
        .catch(() => false),
    )
    configure({ ttl: 7 })
    child.kill('SIGHUP')
    await until('listening')
    assert.deepEqual((await until('configuration reloaded'))['changed'], ['ttl'])
  })

  test('SIGHUP again and again ends with what the file holds', async (t) => {
    const { child, until, configure, get } = await serve(t)
    await until('zone published')
    for (let ttl = 1; ttl <= 5; ttl++) {
      configure({ ttl })
      child.kill('SIGHUP')
    }
    await until('configuration reloaded')
    await eventually('the last one is in effect', async () => {
      const { body } = await get('/v2/hosts/leader.mesos')
      return JSON.parse(body).ttl === 5
    })
    child.kill('SIGINT')
    await until('stopped')
    await ended(child)
    assert.equal(child.exitCode, 0)
  })

  test('SIGTERM during a reload ends with status 0', async (t) => {
    const { child, until, configure } = await serve(t)
    await until('zone published')
    configure({ ttl: 7, workers: 2, refreshSeconds: 1800 })
    child.kill('SIGHUP')
    child.kill('SIGTERM')
    await until('stopped')
    await ended(child)
    assert.equal(child.exitCode, 0)
  })

  test('SIGTERM: not ready any more, but what was asked is answered, then status 0', async (t) => {
    const { child, until, get, asked, reply } = await forwarding(t)
    assert.equal((await get('/ready')).status, 200)
    child.kill('SIGTERM')
    await until('stopping')
    const { status, body } = await get('/ready')
    assert.equal(status, 503)
    assert.deepEqual(
      JSON.parse(body).reasons.map(({ code }: { code: string }) => code),
      ['draining'],
    )
    reply()
    const [message] = await asked
    assert.equal(message.readUInt8(3) & 15, RCODE.NXDOMAIN)
    await until('stopped')
    await ended(child)
    assert.equal(child.exitCode, 0)
  })

  test('the second one ends it at once, with a status that says so', async (t) => {
    const { child, until } = await forwarding(t)
    child.kill('SIGINT')
    await until('stopping')
    child.kill('SIGTERM')
    await ended(child)
    assert.equal(child.exitCode, 128 + 15)
  })
})
