import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Connection } from '../../src/mesos/detect/zookeeper/connection.ts'
import { makeCertificates, readPair } from '../certificates.ts'
import { create, PERSISTENT, session, stand } from '../mesos/zookeeper/candidate.ts'
import { freePorts, zookeeperEnsemble } from '../mesos/zookeeper/real-zookeeper.ts'
import { until } from '../mesos/zookeeper/waiting.ts'
import { needs } from '../programs.ts'
import { needsZookeeper, removed, watch } from './zookeeper-watcher.ts'

const skip = needsZookeeper()

test('one server: election, restart, silence, credentials', { skip }, async (t) => {
  const servers = await zookeeperEnsemble(1)
  removed(t, servers)
  const [server] = servers
  assert.ok(server)
  const { leader, masters, state, lastError } = watch(t, [server], '/mesos/')

  await t.test('a server that is not up yet, then a path that does not exist yet', async () => {
    await until('it was tried', () => lastError() !== '')
    assert.equal(state(), 'connecting')
    server.start()
    await server.ready()
    await until('connected', () => state() === 'connected')
    await until('it is said', () => lastError().startsWith('no znode'))
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
    assert.equal(lastError(), '')
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
    await until('it tried again', () => /no answer/.test(lastError()))
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
    const stranger = watch(t, [server], '/secure')
    await until('it is refused', () => stranger.lastError().includes('permitted'))
    assert.equal(stranger.leader(), undefined)
    const known = watch(t, [server], '/secure', { auth: 'dns:secret' })
    await until('it may read', () => known.leader() === '127.0.0.1:5060')
  })
})

test('one server that speaks TLS and wants a certificate of its clients', {
  skip: skip || needs('openssl').skip,
}, async (t) => {
  const files = makeCertificates()
  t.after(() => files.remove())
  const pair = ({ cert, key }: { readonly cert: string; readonly key: string }) =>
    readFileSync(key, 'utf8') + readFileSync(cert, 'utf8')
  const keys = files.write('server.pem', pair(files.server))
  const authority = files.write('authority.pem', readFileSync(files.ca.cert, 'utf8'))
  const [port = 0] = await freePorts(1)
  const [server] = await zookeeperEnsemble(1, {
    lines: [
      `secureClientPort=${port}`,
      'secureClientPortAddress=127.0.0.1',
      'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
      `ssl.keyStore.location=${keys}`,
      `ssl.trustStore.location=${authority}`,
      'ssl.clientAuth=need',
      // The certificates of clients name no host.
      'ssl.hostnameVerification=false',
    ],
  })
  assert.ok(server)
  removed(t, [server])
  server.start()
  await server.ready()
  const writer = await session(t, server.port)
  await writer.request(create('/mesos', '', PERSISTENT))
  const secure = { host: '127.0.0.1', port }
  const ca = readFileSync(files.ca.cert)

  const known = watch(t, [secure], '/mesos', { tls: { ca, ...readPair(files.client) } })
  const unknown = watch(t, [secure], '/mesos', { tls: { ca } })
  const wary = watch(t, [secure], '/mesos', { tls: { ca: readFileSync(files.stranger.cert) } })
  const plain = watch(t, [secure], '/mesos')
  await stand(t, server.port, '10.0.0.1:5050')
  await until('the leader is known', () => known.leader() === '10.0.0.1:5050')
  for (const other of [unknown, wary, plain]) {
    await until('it is said', () => other.lastError() !== '')
    assert.equal(other.leader(), undefined)
  }
})
