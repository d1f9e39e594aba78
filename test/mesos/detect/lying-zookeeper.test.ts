// What ZooKeeper says of masters that are none, and what the state of the cluster comes from all the same.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { formatHostPort, type HostPort } from '../../../src/net/address.ts'
import { type FakeMaster, redirectTo, startLeader, startMaster } from '../fake-master.ts'
import { type FollowSetup, followingSource } from '../following.ts'
import { json } from '../zookeeper/detector-scene.ts'
import { FakeZookeeper } from '../zookeeper/fake-zookeeper.ts'
import { until } from '../zookeeper/waiting.ts'

const znode = ({ host, port }: HostPort) => json(host, port)

/** A source that knows these configured masters, and ZooKeeper, which names these in this order. */
async function follow(
  t: TestContext,
  named: readonly HostPort[],
  configured: readonly FakeMaster[],
  options: FollowSetup = {},
) {
  const fake = await FakeZookeeper.listen()
  t.after(() => fake.close())
  for (const [n, master] of named.entries()) fake.set(`json.info_${n}`, znode(master))
  const zk = `zk://${formatHostPort(fake.server)}/mesos`
  const following = followingSource(t, configured, {
    ...options,
    config: { zk, updates: 'poll', refreshSeconds: 3600, ...options.config },
  })
  following.source.start()
  return { fake, ...following }
}

/** A port where somebody takes connections and says nothing. */
async function silentPort(t: TestContext): Promise<HostPort> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { host: '127.0.0.1', port: address.port }
}

test('a leader that is no master: the masters after it are asked', async (t) => {
  const leader = await startLeader(t)
  const web = await startMaster(t, (_, response) => response.end('<html>'))
  const { updates } = await follow(t, [web.address, leader.address], [])
  await until('a state is there', () => updates.length > 0)
  assert.deepEqual(updates.at(-1)?.state.leader, leader.address)
})

test('nobody of those named is a master: the configured ones are asked', async (t) => {
  const leader = await startLeader(t)
  const nobody = { host: '127.0.0.1', port: 1 }
  const web = await startMaster(t, (_, response) => response.end('{}'))
  const { fake, source, updates } = await follow(t, [nobody, web.address], [leader])
  await until('it was read', () => fake.requests.length === 3)
  await until('the leader that it names is known', () => source.status.leader === '127.0.0.1:1')
  await source.refresh()
  assert.deepEqual(updates.at(-1)?.state.leader, leader.address)
})

test('a leader that does not lead leads on to who does', async (t) => {
  const leader = await startLeader(t)
  const follower = await startMaster(t, redirectTo(`//${leader.name}/master/state`))
  const { updates } = await follow(t, [follower.address], [])
  await until('a state is there', () => updates.length > 0)
  assert.deepEqual(updates.at(-1)?.state.leader, leader.address)
})

test('an emptied election: the last leader is still asked', async (t) => {
  const leader = await startLeader(t)
  const { fake, source, updates } = await follow(t, [leader.address], [])
  await until('a state is there', () => updates.length > 0)
  fake.delete('json.info_0')
  await until('it is said', () => source.status.zookeeper?.lastError !== undefined)
  const before = leader.seen.length
  await source.refresh()
  assert.ok(leader.seen.length > before)
  assert.equal(source.status.polls.failures, 0)
  assert.match(source.status.zookeeper?.lastError ?? '', /no master stands for election/)
})

test('ZooKeeper that is gone, or says nothing: the last leader is still asked', async (t) => {
  const leader = await startLeader(t)
  const { fake, source, updates } = await follow(t, [leader.address], [])
  await until('a state is there', () => updates.length > 0)
  fake.onConnect = () => 'ignore'
  fake.cut()
  await until('it is noticed', () => source.status.zookeeper?.state === 'disconnected')
  const count = source.status.polls.count
  await source.refresh()
  assert.ok(source.status.polls.count > count)
  assert.equal(source.status.polls.failures, 0)
  assert.equal(source.status.leader, leader.name)
})

test('ZooKeeper that never answered: the configured masters are asked meanwhile', async (t) => {
  const leader = await startLeader(t)
  const { source, updates } = followingSource(t, [leader], {
    config: {
      zk: `zk://${formatHostPort(await silentPort(t))}/mesos`,
      updates: 'poll',
      refreshSeconds: 3600,
    },
  })
  source.start()
  await until('a state is there', () => updates.length > 0)
  assert.equal(source.status.zookeeper?.state, 'connecting')
  assert.equal(source.status.leader, leader.name)
})
