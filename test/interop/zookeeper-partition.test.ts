// Three real servers in networks of their own, between which packets are swallowed, not refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create, PERSISTENT, session, stand } from '../mesos/zookeeper/candidate.ts'
import { ensembleOf } from '../mesos/zookeeper/real-zookeeper.ts'
import { until } from '../mesos/zookeeper/waiting.ts'
import { Islands, needsIslands } from './islands.ts'
import { needsZookeeper, removed, watch } from './zookeeper-watcher.ts'

test('partitions of an ensemble', { skip: needsZookeeper() || needsIslands() }, async (t) => {
  const islands = new Islands(3)
  t.after(() => islands.remove())
  const servers = ensembleOf(
    islands.all.map(({ address, namespace }) => ({
      host: address,
      client: 2181,
      quorum: 2888,
      election: 3888,
      namespace,
    })),
  )
  removed(t, servers)
  for (const server of servers) server.start()
  const allReady = () => Promise.all(servers.map((server) => server.ready()))
  await allReady()
  const [first] = servers
  assert.ok(first)
  const writer = await session(t, { host: first.host, port: first.port })
  await writer.request(create('/mesos', '', PERSISTENT))
  writer.close()
  const { leader, masters, state, lastError, isConnectedTo } = watch(t, servers, '/mesos')
  await until('connected', () => state() === 'connected')

  /** Of the server that is connected to, and one that is not. */
  const around = () => {
    const near = servers.findIndex(isConnectedTo)
    const island = islands.all[near]
    const other = servers[(near + 1) % servers.length]
    assert.ok(island && other)
    return { island, near: servers[near] ?? other, other }
  }

  await t.test('the server connected to falls silent', async (t) => {
    const { island, near, other } = around()
    await stand(t, other, '10.0.0.1:5050')
    await until('the leader is known', () => leader() === '10.0.0.1:5050')
    islands.cutOff(island)
    await until('it went to another one', () => state() === 'connected' && !isConnectedTo(near))
    assert.equal(leader(), '10.0.0.1:5050')
    const seen = masters()
    const survivors = servers.filter((server) => server !== near)
    await Promise.all(survivors.map((server) => server.ready()))
    const [survivor] = survivors
    assert.ok(survivor)
    await stand(t, survivor, '10.0.0.2:5050')
    await until('a new master is seen', () => masters() !== seen && masters().includes('10.0.0.2'))
    islands.heal(island)
    await allReady()
  })

  await t.test('a server that lost the others takes nobody', async (t) => {
    const { island, near, other } = around()
    islands.isolate(island)
    await until('it went to another one', () => state() === 'connected' && !isConnectedTo(near))
    await stand(t, other, '10.0.0.3:5050').catch(async () => {
      await other.ready() // it may have led without the isolated one
      await stand(t, other, '10.0.0.3:5050')
    })
    await until('a new master is seen', () => masters().includes('10.0.0.3'))
    islands.rejoin(island)
    await allReady()
  })

  await t.test('we are cut off from all of them, for longer than the session lasts', async (t) => {
    const { other } = around()
    const standing = await stand(t, other, '10.0.0.4:5050')
    await until('a new master is seen', () => masters().includes('10.0.0.4'))
    const known = [leader(), masters()]
    islands.cutOffHome()
    await until('it is noticed', () => state() === 'disconnected')
    await until('nobody answers', () => /within \d+ ms/.test(lastError()))
    assert.deepEqual([leader(), masters()], known)
    // Its session is over as well, whoever asks: the test is cut off, too.
    standing.close()
    islands.healHome()
    await until('connected again', () => state() === 'connected')
    await stand(t, other, '10.0.0.5:5050')
    await until('the new leader is known', () => leader() === '10.0.0.5:5050')
    assert.equal(masters(), '10.0.0.5:5050')
  })
})
