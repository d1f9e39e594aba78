// Three real servers: loss of members, of the quorum, of sessions, of everything.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZookeeperClient } from '../../src/mesos/detect/zookeeper/client.ts'
import { systemClock } from '../../src/mesos/detect/zookeeper/clock.ts'
import {
  getChildren2,
  type Session,
  type WatchEvent,
} from '../../src/mesos/detect/zookeeper/protocol.ts'
import { create, PERSISTENT, session, stand } from '../mesos/zookeeper/candidate.ts'
import { type ZookeeperServer, zookeeperEnsemble } from '../mesos/zookeeper/real-zookeeper.ts'
import { until } from '../mesos/zookeeper/waiting.ts'
import { needsZookeeper, removed, SESSION_MS, watch } from './zookeeper-watcher.ts'

/** A client of its own, whose sessions the test can see. */
function watchfulClient(servers: readonly ZookeeperServer[]) {
  const sessions: Session[] = []
  const events: WatchEvent[] = []
  const client = new ZookeeperClient({
    servers,
    credentials: undefined,
    tls: undefined,
    clock: systemClock,
    random: Math.random,
    sessionTimeoutMs: SESSION_MS,
    connectTimeoutMs: 1000,
    handshakeTimeoutMs: 1000,
    backoff: { minMs: 50, maxMs: 300 },
    startSpreadMs: 0,
    reconnectSpreadMs: 0,
    listener: {
      connected: (_, session) => sessions.push(session),
      failed: () => {},
      watch: (event) => events.push(event),
    },
  })
  return { client, sessions, events }
}

test('an ensemble of three', { skip: needsZookeeper() }, async (t) => {
  const servers = await zookeeperEnsemble(3)
  removed(t, servers)
  const start = () => {
    for (const server of servers) server.start()
    return allReady()
  }
  const allReady = () => Promise.all(servers.map((server) => server.ready()))
  await start()
  const { leader, masters, state, lastError, isConnectedTo } = watch(t, servers, '/mesos')
  await until('connected', () => state() === 'connected')

  /** The server that is connected to, and the others. */
  const around = () => {
    const near = servers.find(isConnectedTo) ?? assert.fail('connected to nobody')
    const [second, third] = servers.filter((server) => server !== near)
    assert.ok(second && third)
    return { near, second, third }
  }
  const [first] = servers
  assert.ok(first)
  const writer = await session(t, first)
  await writer.request(create('/mesos', '', PERSISTENT))
  writer.close()

  await t.test('the server connected to is killed', async (t) => {
    const { near, second, third } = around()
    const leading = await stand(t, second, '10.0.0.1:5050')
    await stand(t, second, '10.0.0.2:5050')
    await until('both are known', () => masters() === '10.0.0.1:5050 10.0.0.2:5050')
    assert.equal(leader(), '10.0.0.1:5050')
    await near.kill()
    await until('it went to another one', () => state() === 'connected' && !isConnectedTo(near))
    assert.equal(leader(), '10.0.0.1:5050')
    await Promise.all([second.ready(), third.ready()])
    leading.close()
    await stand(t, second, '10.0.0.3:5050')
    await until('the change is seen', () => masters().includes('10.0.0.3:5050'))
    near.start()
    await near.ready()
  })

  await t.test('the leader of the ensemble is killed', async (t) => {
    const modes = await Promise.all(servers.map((server) => server.mode()))
    const led = servers[modes.indexOf('leader')] ?? assert.fail('nobody leads')
    const survivors = servers.filter((server) => server !== led)
    const known = leader()
    assert.notEqual(known, undefined)
    await led.kill()
    await Promise.all(survivors.map((server) => server.ready()))
    await until('connected', () => state() === 'connected' && !isConnectedTo(led))
    assert.equal(leader(), known)
    const [survivor] = survivors
    assert.ok(survivor)
    await stand(t, survivor, '10.0.0.4:5050')
    await until('a new master is seen', () => masters().includes('10.0.0.4:5050'))
    led.start()
    await led.ready()
  })

  await t.test('the quorum is lost', async () => {
    const { near, second } = around()
    const known = leader()
    await Promise.all([near.kill(), second.kill()])
    await until('it is noticed', () => state() === 'disconnected')
    assert.equal(leader(), known)
    near.start()
    second.start()
    await allReady()
    await until('connected again', () => state() === 'connected')
  })

  await t.test('somebody else ends the session', async (t) => {
    const { client, sessions, events } = watchfulClient(servers)
    t.after(() => client.stop())
    client.start()
    await until('connected', () => sessions.length === 1)
    const [stolen] = sessions
    const thief = await session(t, first, { session: stolen })
    assert.equal(thief.session?.id, stolen?.id)
    thief.close()
    await until('there is another session', () => sessions.at(-1)?.id !== stolen?.id)
    await client.request(getChildren2('/mesos', true))
    await stand(t, first, '10.0.0.5:5050')
    await until('its watch fires', () => events.length > 0)
  })

  await t.test('all are killed at once, and come back with what they knew', async (t) => {
    await stand(t, first, '10.0.0.6:5050')
    await until('it is known', () => masters().includes('10.0.0.6:5050'))
    const known = [leader(), masters()]
    await Promise.all(servers.map((server) => server.kill()))
    await until('it is noticed', () => state() === 'disconnected')
    assert.deepEqual([leader(), masters()], known)
    await start()
    await until('connected again', () => state() === 'connected')
    await stand(t, first, '10.0.0.7:5050')
    await until('a new master is seen', () => masters().includes('10.0.0.7:5050'))
  })

  await t.test('a server that is behind what was seen takes nobody', async (t) => {
    await assert.rejects(
      session(t, first, { lastZxid: 2n ** 62n }),
      /closed without accepting a session/,
    )
  })

  await t.test('all data are lost: what was known stays until masters stand again', async (t) => {
    const known = leader()
    await Promise.all(servers.map((server) => server.kill()))
    await until('it is noticed', () => state() === 'disconnected')
    for (const server of servers) server.wipe()
    await start()
    // Its transactions begin anew, below those that were seen.
    await until('connected again', () => state() === 'connected')
    await until('it is said', () => lastError().startsWith('no znode /mesos'))
    assert.equal(leader(), known)
    const again = await session(t, first)
    await again.request(create('/mesos', '', PERSISTENT))
    await stand(t, first, '10.0.0.8:5050')
    await until('the new leader is known', () => leader() === '10.0.0.8:5050')
    assert.equal(masters(), '10.0.0.8:5050')
    assert.equal(lastError(), '')
  })
})
