// What a reload of the whole server does, and what it leaves alone.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, test } from 'node:test'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { eventually } from '../eventually.ts'
import { needsKoffi } from '../koffi.ts'
import { startLeader } from '../mesos/fake-master.ts'
import { decode, sorted } from '../presentation.ts'
import { askUdp, getOnce, type Reloadable, startReloadable } from './reloadable.ts'
import { messages, nothingLeft, openSockets, seenWorkers } from './running.ts'

const STATIC = [{ name: 'db', type: 'A', address: '10.0.0.1' }]

async function addresses(all: Reloadable, name: string): Promise<string[]> {
  return sorted(decode(await askUdp(all.dnsPort(), { name, type: TYPE.A })).answers)
}

async function served(t: Parameters<typeof startReloadable>[0], settings: object = {}) {
  const master = await startLeader(t)
  const all = await startReloadable(t, {
    masters: [master.name],
    staticRecords: STATIC,
    ...settings,
  })
  await all.server.ready
  return { ...all, master }
}

describe('a reload', () => {
  test('of a configuration that is as it was changes nothing', async (t) => {
    const all = await served(t)
    const before = all.server.status().reloads
    assert.deepEqual(before, { applied: 0, unchanged: 0, failed: 0, last: undefined })
    const { status, changed, needsRestart } = await all.reload()
    assert.deepEqual([status, changed, needsRestart], ['unchanged', [], []])
    assert.equal(all.server.status().reloads.unchanged, 1)
  })

  test('puts records and their TTL into effect at once, with a higher serial', async (t) => {
    const all = await served(t)
    const serial = async () =>
      JSON.parse((await getOnce(`${all.httpUrl()}/v2/hosts/db.mesos`)).body).serial as number
    const before = await serial()
    const result = await all.reload({
      ttl: 7,
      staticRecords: [...STATIC, { name: 'new', type: 'A', address: '10.0.0.2' }],
    })
    assert.deepEqual([result.status, result.changed], ['applied', ['ttl', 'staticRecords']])
    assert.deepEqual(await addresses(all, 'db.mesos'), ['db.mesos. 7 A 10.0.0.1'])
    assert.deepEqual(await addresses(all, 'new.mesos'), ['new.mesos. 7 A 10.0.0.2'])
    assert.ok((await serial()) > before)
    assert.ok(messages(all.lines).includes('configuration reloaded'))
  })

  test('of a bad file says why, and everything stays', async (t) => {
    const all = await served(t)
    const result = await all.reload({ ttl: -1, refreshSeconds: 'x' })
    assert.equal(result.status, 'failed')
    assert.match(result.error?.message ?? '', /config\.json:1:\d+: refreshSeconds = "x": /)
    assert.match(result.error?.message ?? '', /ttl = -1: /)
    assert.deepEqual(await addresses(all, 'db.mesos'), ['db.mesos. 60 A 10.0.0.1'])
    all.write('config.json', '{')
    assert.equal((await all.server.reload('signal')).status, 'failed')
    assert.equal(all.server.status().reloads.failed, 2)
    assert.equal((await all.reload()).status, 'unchanged')
  })

  test('with a file that the state thread finds unusable changes nothing at all', async (t) => {
    const all = await served(t)
    // Valid for whoever checks the configuration, and gone when the state thread looks.
    const load = all.source.load
    Object.assign(all.source, {
      load: () => {
        const loaded = load()
        return { ...loaded, config: { ...loaded.config, caCertFile: '/none.pem' } }
      },
    })
    const result = await all.reload({ ttl: 7, ordering: 'fixed', mesosHttpsOn: true })
    assert.equal(result.status, 'failed')
    assert.match(result.error?.message ?? '', /\/none\.pem/)
    assert.deepEqual(await addresses(all, 'db.mesos'), ['db.mesos. 60 A 10.0.0.1'])
    const polls = all.master.seen.length
    await all.server.refresh()
    assert.ok(all.master.seen.length > polls, 'the source that there was goes on')
  })

  test('one at a time; what is asked for meanwhile is one more', async (t) => {
    const all = await served(t)
    const first = all.reload({ ttl: 1 })
    // It has begun with what the file held, and waits for the state thread.
    await new Promise((resolve) => setImmediate(resolve))
    const others = await Promise.all([2, 3, 4].map((ttl) => all.reload({ ttl })))
    assert.deepEqual((await first).changed, ['ttl'])
    assert.ok(others.every((result) => result === others[0]))
    assert.deepEqual(await addresses(all, 'db.mesos'), ['db.mesos. 4 A 10.0.0.1'])
    assert.equal(all.server.status().reloads.applied, 2)
  })

  test('while a server stops is refused', async (t) => {
    const all = await served(t)
    const stopped = all.server.stop()
    const { status, error } = await all.reload({ ttl: 1 })
    assert.deepEqual([status, error?.message], ['failed', 'the server is being stopped'])
    await stopped
  })

  test('before a first state is in effect with that state', async (t) => {
    const all = await startReloadable(t, { staticRecords: STATIC })
    const master = await startLeader(t)
    assert.equal((await all.reload({ domain: 'other', ttl: 9 })).status, 'applied')
    const result = await all.reload({ domain: 'other', ttl: 9, masters: [master.name] })
    assert.deepEqual(result.changed, ['masters'])
    await all.server.ready
    assert.deepEqual(await addresses(all, 'db.other'), ['db.other. 9 A 10.0.0.1'])
  })
})

// Without koffi sockets cannot be shared.
describe('a reload that takes other query threads', needsKoffi(), () => {
  test('listens elsewhere, and ends what listened before', async (t) => {
    const workers = seenWorkers(t)
    const all = await served(t)
    const sockets = openSockets()
    const port = all.dnsPort()
    const answers = all.server.counters().total.answers
    await addresses(all, 'db.mesos')
    const result = await all.reload({ listener: ['127.0.0.1', '127.0.0.2'], workers: 2 })
    assert.deepEqual([result.status, result.changed], ['applied', ['listener', 'workers']])
    assert.equal(all.dnsPort(), port)
    const reply = await askUdp(port, { name: 'db.mesos', type: TYPE.A }, '127.0.0.2')
    assert.deepEqual(sorted(decode(reply).answers), ['db.mesos. 60 A 10.0.0.1'])
    assert.equal(all.server.counters().threads.length, 2)
    assert.ok(all.server.counters().total.answers > answers, 'counters go on')
    assert.deepEqual((await all.reload({})).changed, ['listener', 'workers'])
    // The sockets of the second thread, for UDP and TCP, are the first one's now.
    await eventually('what listened before has ended', () => openSockets() <= sockets + 4)
    assert.ok(all.server.counters().total.answers > answers)
    assert.equal(workers.filter(({ threadId }) => threadId !== -1).length, 2)
  })

  test('and cannot listen there changes nothing', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1')
    t.after(() => taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const workers = seenWorkers(t)
    const all = await served(t)
    const sockets = openSockets()
    const before = all.server.addresses
    for (const settings of [
      { port },
      { httpPort: port },
      { httpPort: port, workers: 2, listener: '127.0.0.2' },
    ]) {
      const result = await all.reload({ ttl: 5, ...settings })
      assert.equal(result.status, 'failed')
      assert.match(result.error?.message ?? '', /another process has this port/)
      assert.deepEqual(all.server.addresses, before)
      assert.deepEqual(await addresses(all, 'db.mesos'), ['db.mesos. 60 A 10.0.0.1'])
      assert.equal((await getOnce(`${all.httpUrl()}/v1/version`)).status, 200)
      await eventually('nothing is left of it', () => openSockets() <= sockets + 1)
    }
    await all.server.stop()
    assert.ok(workers.every(({ threadId }) => threadId === -1))
  })

  test('DNS off and on, HTTP off and on', async (t) => {
    const all = await served(t)
    assert.deepEqual((await all.reload({ dnsOn: false })).changed, ['dnson'])
    assert.equal(all.server.addresses.dns, undefined)
    assert.equal((await getOnce(`${all.httpUrl()}/v1/version`)).status, 200)
    assert.deepEqual((await all.reload({ httpOn: false })).changed, ['dnson', 'httpon'])
    assert.equal(all.server.addresses.http, undefined)
    assert.deepEqual(await addresses(all, 'db.mesos'), ['db.mesos. 60 A 10.0.0.1'])
    assert.equal((await all.reload()).status, 'applied')
    assert.equal((await getOnce(`${all.httpUrl()}/v1/version`)).status, 200)
  })

  test('leaves nothing behind when the server is stopped in the midst of it', async (t) => {
    const workers = seenWorkers(t)
    const socketsBefore = openSockets()
    const all = await startReloadable(t)
    const reloaded = all.reload({ workers: 3, listener: ['127.0.0.1', '127.0.0.3'] })
    await all.server.stop()
    await reloaded
    await nothingLeft(workers, socketsBefore)
  })
})
