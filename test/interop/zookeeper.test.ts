import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { silentLogger } from '../../src/log.ts'
import type { Connection } from '../../src/mesos/detect/zookeeper/connection.ts'
import { createZookeeperDetector } from '../../src/mesos/detect/zookeeper/index.ts'
import { formatHostPort } from '../../src/net/address.ts'
import {
  create,
  EPHEMERAL_SEQUENTIAL,
  PERSISTENT,
  session,
  stand,
} from '../mesos/zookeeper/candidate.ts'
import {
  type ZookeeperServer,
  zookeeperEnsemble,
  zookeeperMissing,
} from '../mesos/zookeeper/real-zookeeper.ts'
import { until } from '../mesos/zookeeper/waiting.ts'

const missing = zookeeperMissing()
const inCi = (process.env['CI'] ?? '') !== ''
const skip = missing ?? false

test('zookeeper is installed', { skip: !inCi && skip }, () => {
  if (missing !== undefined) assert.fail(missing)
})

function detect(t: TestContext, ports: readonly number[], path: string, auth?: string) {
  const [user = '', password = ''] = auth?.split(':') ?? []
  const detector = createZookeeperDetector({
    url: {
      hosts: ports.map((port) => ({ host: '127.0.0.1', port })),
      path,
      ...(auth === undefined ? {} : { auth: { user, password } }),
    },
    log: silentLogger,
    timing: {
      sessionTimeoutMs: 1500,
      handshakeTimeoutMs: 1000,
      backoff: { minMs: 50, maxMs: 300 },
    },
  })
  t.after(() => detector.stop())
  detector.start()
  return {
    detector,
    leader: () => detector.leader && formatHostPort(detector.leader),
    masters: () => detector.masters.map(formatHostPort).join(' '),
    state: () => detector.status.state,
  }
}

function removed(t: TestContext, servers: readonly ZookeeperServer[]): void {
  t.after(() => Promise.all(servers.map((server) => server.remove())))
}

test('one server: election, restart, silence, credentials', { skip }, async (t) => {
  const servers = await zookeeperEnsemble(1)
  removed(t, servers)
  const [server] = servers
  assert.ok(server)
  const { detector, leader, masters, state } = detect(t, [server.port], '/mesos/')

  await t.test('a server that is not up yet, then a path that does not exist yet', async () => {
    await until('it was tried', () => detector.status.lastError !== undefined)
    assert.equal(state(), 'connecting')
    server.start()
    await server.ready()
    await until('connected', () => state() === 'connected')
    await until('it is said', () => detector.status.lastError?.startsWith('no znode') ?? false)
  })

  const writer = await session(t, server.port)
  let first: Connection | undefined
  await t.test('masters that stand for election', async () => {
    await writer.request(create('/mesos', '', PERSISTENT))
    await writer.request(create('/mesos/log_replicas', '', PERSISTENT))
    first = await stand(t, server.port, '10.0.0.1:5050')
    await until('the leader is known', () => leader() === '10.0.0.1:5050')
    await stand(t, server.port, '10.0.0.2:5051')
    await stand(t, server.port, '10.0.0.3:5050')
    await until('all are known', () => masters() === '10.0.0.1:5050 10.0.0.2:5051 10.0.0.3:5050')
    assert.equal(detector.status.lastError, undefined)
  })

  await t.test('the next one leads when the leader is gone', async () => {
    first?.close()
    await until('the next one leads', () => leader() === '10.0.0.2:5051')
    await until('the first is gone', () => masters() === '10.0.0.2:5051 10.0.0.3:5050')
  })

  await t.test('a server that hangs, longer than the session lasts', async () => {
    server.signal('SIGSTOP')
    await until('it is noticed', () => state() === 'disconnected')
    assert.equal(leader(), '10.0.0.2:5051')
    await until('it tried again', () => /no answer/.test(detector.status.lastError ?? ''))
    server.signal('SIGCONT')
    await until('connected again', () => state() === 'connected')
  })

  await t.test('a server that is killed and comes back', async () => {
    const known = leader()
    await server.kill()
    await until('it is noticed', () => state() === 'disconnected')
    assert.equal(leader(), known)
    server.start()
    await server.ready()
    await until('connected again', () => state() === 'connected')
    await stand(t, server.port, '10.0.0.4:5050')
    await until('it is read again', () => masters().includes('10.0.0.4:5050'))
  })

  await t.test('a path for those with credentials', async () => {
    const again = await session(t, server.port)
    const digest = createHash('sha1').update('dns:secret').digest('base64')
    const acl = { scheme: 'digest', id: `dns:${digest}` }
    const info = '{"ip":16777343,"port":5060}'
    await again.request(create('/secure', '', PERSISTENT))
    await again.request(create('/secure/json.info_0000000007', info, PERSISTENT, acl))
    const stranger = detect(t, [server.port], '/secure')
    await until(
      'it is refused',
      () => stranger.detector.status.lastError?.includes('permitted') ?? false,
    )
    assert.equal(stranger.leader(), undefined)
    const known = detect(t, [server.port], '/secure', 'dns:secret')
    await until('it may read', () => known.leader() === '127.0.0.1:5060')
  })
})

test('three servers: loss of one, of the quorum, and recovery', { skip }, async (t) => {
  const servers = await zookeeperEnsemble(3)
  removed(t, servers)
  for (const server of servers) server.start()
  await Promise.all(servers.map((server) => server.ready()))
  const ports = servers.map(({ port }) => port)
  const { detector, leader, masters, state } = detect(t, ports, '/mesos')
  await until('connected', () => state() === 'connected')
  const [connectedTo, ...others] = [...servers].sort(
    (a, b) => Number(isConnectedTo(b)) - Number(isConnectedTo(a)),
  )
  function isConnectedTo({ port }: ZookeeperServer): boolean {
    return detector.status.server === `127.0.0.1:${port}`
  }
  const [second, third] = others
  assert.ok(connectedTo && second && third)
  const writer = await session(t, second.port)
  await writer.request(create('/mesos', '', PERSISTENT))
  const leading = await stand(t, second.port, '10.0.0.1:5050')
  await stand(t, second.port, '10.0.0.2:5050')
  await until('both are known', () => masters() === '10.0.0.1:5050 10.0.0.2:5050')
  assert.equal(leader(), '10.0.0.1:5050')

  await t.test('the server connected to is killed', async () => {
    await connectedTo.kill()
    await until(
      'it went to another one',
      () => state() === 'connected' && !isConnectedTo(connectedTo),
    )
    assert.equal(leader(), '10.0.0.1:5050')
    await Promise.all(others.map((server) => server.ready()))
    leading.close()
    const again = await session(t, second.port)
    await again.request(create('/mesos/json.info_', '{"ip":50331658}', EPHEMERAL_SEQUENTIAL))
    await until('the change is seen', () => masters().includes('10.0.0.3:5050'))
  })

  await t.test('the quorum is lost', async () => {
    const known = [leader(), masters()]
    await third.kill()
    await until('it is noticed', () => state() === 'disconnected')
    assert.deepEqual([leader(), masters()], known)
    connectedTo.start()
    third.start()
    await Promise.all(servers.map((server) => server.ready()))
    await until('connected again', () => state() === 'connected')
    assert.notEqual(leader(), undefined)
  })
})
