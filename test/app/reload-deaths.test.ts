// Threads that die while a configuration is put into effect: all of it is, or nothing.
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { eventually } from '../eventually.ts'
import { needsKoffi } from '../koffi.ts'
import { startLeader } from '../mesos/fake-master.ts'
import { decode, sorted } from '../presentation.ts'
import { askUdp, type Reloadable, startReloadable } from './reloadable.ts'
import { messages, seenWorkers } from './running.ts'

const DEATHS = 8

const DB = { name: 'db', type: 'A', address: '10.0.0.1' }

async function served(t: TestContext) {
  const workers = seenWorkers(t)
  const master = await startLeader(t)
  const all = await startReloadable(t, {
    masters: [master.name],
    staticRecords: [DB],
  })
  await all.server.ready
  return { ...all, workers }
}

async function answers(all: Reloadable, domain: string): Promise<string[]> {
  const reply = await askUdp(all.dnsPort(), { name: `db.${domain}`, type: TYPE.A })
  return sorted(decode(reply).answers)
}

/** Of which so many threads have been replaced. */
const replaced = (all: Reloadable, count: number) =>
  eventually('the thread is replaced', () => {
    const times = messages(all.lines).filter((message) => message === 'thread replaced')
    return times.length >= count
  })

describe('a reload', () => {
  test('while the state thread is away waits for the next one', async (t) => {
    const { workers, ...all } = await served(t)
    await workers[0]?.terminate()
    assert.equal(all.server.status().threads.state.running, 0)
    const { status, changed } = await all.reload({ refreshSeconds: 1800, failoverHoldSeconds: 1 })
    assert.deepEqual([status, changed], ['applied', ['refreshSeconds', 'failoverHoldSeconds']])
    assert.equal(all.server.restarts().state, 1)
  })

  test('during which the state thread dies is in effect in full, or not at all', async (t) => {
    const { workers, ...all } = await served(t)
    let ttl = 60
    for (let death = 1; death <= DEATHS; death++) {
      const reloading = all.reload({ ttl: death, maxAnswers: death, refreshSeconds: 3600 + death })
      // At another moment of it each time.
      for (let turn = 1; turn < death; turn++) await new Promise((next) => setImmediate(next))
      await workers.at(-1)?.terminate()
      const { status, error } = await reloading
      if (status === 'applied') ttl = death
      else assert.match(error?.message ?? '', /try again$/)
      assert.deepEqual(await answers(all, 'mesos'), [`db.mesos. ${ttl} A 10.0.0.1`])
      await replaced(all, death)
      await all.server.refresh()
      assert.deepEqual(await answers(all, 'mesos'), [`db.mesos. ${ttl} A 10.0.0.1`])
    }
    assert.equal((await all.reload({ ttl: 99 })).status, 'applied')
    assert.deepEqual(await answers(all, 'mesos'), ['db.mesos. 99 A 10.0.0.1'])
  })
})

// Without koffi the thread's sockets die with it.
describe('a query thread that dies during a reload', needsKoffi(), () => {
  test('is replaced by one with the new configuration and its zone', async (t) => {
    const { workers, ...all } = await served(t)
    for (let death = 1; death <= DEATHS; death++) {
      const domain = `d${death}`
      const reloading = all.reload({ domain, ttl: death })
      for (let turn = 1; turn < death; turn++) await new Promise((next) => setImmediate(next))
      await workers.at(-1)?.terminate()
      assert.equal((await reloading).status, 'applied')
      assert.deepEqual(await answers(all, domain), [`db.${domain}. ${death} A 10.0.0.1`])
      await replaced(all, death)
    }
    assert.deepEqual(all.server.restarts(), { state: 0, query: DEATHS })
  })
})

test('without koffi sockets stay until the next start, and all else is in effect', async (t) => {
  const master = await startLeader(t)
  const settings = { masters: [master.name], staticRecords: [DB] }
  const all = await startReloadable(t, settings, { loadSockets: () => undefined })
  await all.server.ready
  const before = all.server.addresses.dns
  for (const status of ['applied', 'unchanged'] as const) {
    const result = await all.reload({ ttl: 7, workers: 2, listener: ['127.0.0.1', '127.0.0.2'] })
    assert.equal(result.status, status)
    assert.deepEqual(result.changed, status === 'applied' ? ['ttl'] : [])
    assert.deepEqual(result.needsRestart, ['listener', 'workers'])
  }
  assert.ok(messages(all.lines).includes('settings that need a restart are not in effect'))
  assert.deepEqual(await answers(all, 'mesos'), ['db.mesos. 7 A 10.0.0.1'])
  assert.deepEqual(all.server.addresses.dns, before)
  assert.equal(all.server.status().threads.query.count, 1)
  // Back to what is in effect: nothing waits for a restart any more.
  assert.deepEqual((await all.reload({ ttl: 7 })).needsRestart, [])
})
