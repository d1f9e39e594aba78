// A whole server whose masters ZooKeeper alone names.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { demoScenario, serveMasters } from '../../src/demo/index.ts'
import { formatHostPort } from '../../src/net/address.ts'
import { eventually } from '../eventually.ts'
import { json } from '../mesos/zookeeper/detector-scene.ts'
import { FakeZookeeper } from '../mesos/zookeeper/fake-zookeeper.ts'
import { startReloadable } from './reloadable.ts'
import type { Settings } from './running.ts'

async function start(t: TestContext, settings: Settings = {}) {
  const zookeeper = await FakeZookeeper.listen()
  t.after(() => zookeeper.close())
  const { cluster } = demoScenario({ masters: 1 })
  const masters = await serveMasters(cluster)
  t.after(() => Promise.all(masters.map((master) => master.close())))
  const [leader] = masters
  assert.ok(leader)
  const stand = () =>
    zookeeper.set('json.info_0000000001', json(leader.address.host, leader.address.port))
  const zk = `zk://${formatHostPort(zookeeper.server)}/mesos`
  const running = await startReloadable(t, { masters: [], httpOn: false, zk, ...settings })
  const follow = () => running.server.status().follow
  return { ...running, zookeeper, stand, follow }
}

test('a reload while ZooKeeper is away goes on with the last leader', async (t) => {
  const { server, reload, zookeeper, stand, follow, lines } = await start(t, {
    zkStrict: true,
    zkDetectionTimeout: 1,
  })
  let hasFailed = false
  void server.failed.then(() => {
    hasFailed = true
  })
  stand()
  await server.ready
  await zookeeper.close()
  await eventually('it is noticed', () => follow()?.zookeeper?.state === 'disconnected')
  assert.equal((await reload({ refreshSeconds: 1800 })).status, 'applied')
  await server.refresh()
  await eventually('the new source polled', () => (follow()?.polls.lastSuccess?.at ?? 0) > 0)
  assert.equal(follow()?.polls.failures, 0)
  assert.equal(follow()?.zookeeper?.state, 'connecting')
  await sleep(1500) // longer than zkDetectionTimeout, in which nothing is to happen
  assert.equal(hasFailed, false)
  assert.ok(!lines.some(({ message }) => message.startsWith('no leading master')))
})

test('with zkStrict it gives up when nobody ever led, without it it goes on', async (t) => {
  const strict = await start(t, { zkStrict: true, zkDetectionTimeout: 1 })
  const patient = await start(t, { zkDetectionTimeout: 1 })
  const error = await strict.server.failed
  assert.ok('code' in error)
  assert.equal(error.code, 'MESOS_NS_LEADER')
  assert.match(
    error.message,
    /within the 1 s of zkDetectionTimeout \(no master stands for election/,
  )
  await eventually('it is said', () =>
    patient.lines.some(({ message }) => message.startsWith('no leading master detected')),
  )
  patient.stand()
  await patient.server.ready
  await eventually('it is said', () =>
    patient.lines.some(({ message }) => message === 'leading master detected after all'),
  )
})
