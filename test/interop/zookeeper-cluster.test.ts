import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../../src/app.ts'
import { parseConfig } from '../../src/config/index.ts'
import { demoScenario, serveMasters } from '../../src/demo/index.ts'
import { silentLogger } from '../../src/log.ts'
import { formatHostPort } from '../../src/net/address.ts'
import { eventually } from '../eventually.ts'
import { create, PERSISTENT, session, stand } from '../mesos/zookeeper/candidate.ts'
import { zookeeperEnsemble, zookeeperMissing } from '../mesos/zookeeper/real-zookeeper.ts'
import { sorted } from '../presentation.ts'
import { ResolverClient } from './resolver-client.ts'

const missing = zookeeperMissing()

test('a server that knows ZooKeeper alone follows the leader, and outlives ZooKeeper', {
  skip: missing ?? false,
}, async (t) => {
  const [zookeeper] = await zookeeperEnsemble(1)
  assert.ok(zookeeper)
  t.after(() => zookeeper.remove())
  zookeeper.start()
  await zookeeper.ready()
  await (await session(t, zookeeper.port)).request(create('/mesos', '', PERSISTENT))

  const { cluster, services } = demoScenario({ masters: 2 })
  const masters = await serveMasters(cluster)
  t.after(() => Promise.all(masters.map((master) => master.close())))
  const [one, two] = masters
  assert.ok(one !== undefined && two !== undefined)
  const candidate = await stand(t, zookeeper.port, formatHostPort(one.address))
  await stand(t, zookeeper.port, formatHostPort(two.address))

  // No masters, and a refresh too late to help: what changes is learned from ZooKeeper.
  const { config } = parseConfig(
    JSON.stringify({
      zk: `zk://127.0.0.1:${zookeeper.port}/mesos`,
      refreshSeconds: 3600,
      listener: '127.0.0.1',
      port: 0,
      httpOn: false,
      externalOn: false,
    }),
  )
  const server = await startServer({ config, log: silentLogger, version: '0.0.0-test' })
  t.after(() => server.stop())
  await server.ready
  const client = new ResolverClient(server.addresses.dns?.port ?? 0)
  t.after(() => client.close())
  const answers = async (name: string, type: string) =>
    sorted((await client.ask(name, type)).answers)
  const leaderPort = async () => (await answers('_leader._tcp.mesos', 'SRV')).join().split(' ')[5]

  await t.test(
    'the leader’s state is the zone, and masters are numbered as they stood',
    async () => {
      assert.equal(await leaderPort(), String(one.address.port))
      assert.deepEqual(await answers('master0.mesos', 'A'), ['master0.mesos. 60 A 127.0.0.1'])
      assert.equal((await answers('web.marathon.mesos', 'A')).length, 3)
    },
  )

  await t.test('a failover is followed at once', async () => {
    cluster.failOver({ to: cluster.masters[1] ?? assert.fail() })
    candidate.close()
    await eventually(
      'the new leader is known',
      async () => (await leaderPort()) === String(two.address.port),
    )
  })

  await t.test('without ZooKeeper the last leader is still asked', async () => {
    await zookeeper.kill()
    const [web] = services
    assert.ok(web)
    cluster.scale(web.framework, web.spec, 5)
    await server.refresh()
    await eventually(
      'the change is answered',
      async () => (await answers('_web._tcp.marathon.mesos', 'SRV')).length === 5,
    )
    assert.equal(await leaderPort(), String(two.address.port))
  })
})
