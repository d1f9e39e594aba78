import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type ClientOptions, ZookeeperClient } from '../../../src/mesos/detect/zookeeper/client.ts'
import { getChildren2 } from '../../../src/mesos/detect/zookeeper/protocol.ts'
import type { HostPort } from '../../../src/net/address.ts'
import { FakeZookeeper, replyFrame } from './fake-zookeeper.ts'
import { ManualClock, until } from './waiting.ts'

interface Failure {
  readonly port: number
  readonly message: string
  readonly attempts: number
}

interface Scene {
  readonly fakes: readonly FakeZookeeper[]
  readonly ports: readonly number[]
  readonly clock: ManualClock
  readonly client: ZookeeperClient
  /** Ports connected to, in order. */
  readonly connected: number[]
  readonly failures: Failure[]
}

/** Random numbers that leave a list of servers in its order and give the longest pause. */
const inOrder = () => 1 - Number.EPSILON

async function scene(
  t: TestContext,
  count: number,
  options: Partial<ClientOptions> = {},
): Promise<Scene> {
  const fakes: FakeZookeeper[] = []
  for (let i = 0; i < count; i++) fakes.push(await FakeZookeeper.listen())
  const servers: HostPort[] = fakes.map(({ server }) => server)
  const clock = new ManualClock()
  const connected: number[] = []
  const failures: Failure[] = []
  const client = new ZookeeperClient({
    servers,
    sessionTimeoutMs: 9000,
    connectTimeoutMs: 1000,
    handshakeTimeoutMs: 3000,
    backoff: { minMs: 500, maxMs: 4000 },
    startSpreadMs: 0,
    reconnectSpreadMs: 0,
    credentials: undefined,
    tls: undefined,
    clock,
    random: inOrder,
    listener: {
      connected: ({ port }) => connected.push(port),
      failed: ({ port }, { message }, attempts) => failures.push({ port, message, attempts }),
      watch: () => {},
    },
    ...options,
  })
  t.after(async () => {
    client.stop()
    for (const fake of fakes) await fake.close()
  })
  return { fakes, ports: servers.map(({ port }) => port), clock, client, connected, failures }
}

/** Lets the client wait its turn and go on, until the condition holds. */
async function untilLater(clock: ManualClock, what: string, holds: () => boolean) {
  await until(what, () => {
    if (holds()) return true
    clock.advance(50)
    return holds()
  })
}

test('stays with the first server that takes it', async (t) => {
  const { client, connected, ports, failures } = await scene(t, 3)
  client.start()
  client.start()
  await until('connected', () => connected.length > 0)
  assert.deepEqual(connected, [ports[0]])
  assert.deepEqual(failures, [])
  assert.deepEqual((await client.request(getChildren2('/mesos', true))).children, [])
})

test('servers are tried in a random order', async (t) => {
  const { client, connected, ports } = await scene(t, 3, { random: () => 0 })
  client.start()
  await until('connected', () => connected.length > 0)
  // Fisher-Yates with zeros only rotates the list.
  assert.deepEqual(connected, [ports[1]])
})

test('asks nobody before it is connected', async (t) => {
  const { client } = await scene(t, 1)
  await assert.rejects(client.request(getChildren2('/mesos', true)), /not connected to any/)
})

test('takes its session to the next server when the connection breaks', async (t) => {
  const { client, clock, connected, fakes, ports, failures } = await scene(t, 2)
  const [first, second] = fakes
  client.start()
  await until('connected', () => connected.length === 1)
  await client.request(getChildren2('/mesos', true))
  second?.sessions.add(0x1000n)
  clock.advance(1000)
  await first?.close()
  await until('connected again', () => connected.length === 2)
  assert.deepEqual(connected, ports)
  assert.deepEqual(
    failures.map(({ attempts }) => attempts),
    [0],
  )
  assert.equal(second?.connects[0]?.sessionId, 0x1000n)
  assert.equal(second.connects[0].lastZxid, 100n)
})

test('begins anew at the same server when its session is gone', async (t) => {
  const { client, clock, connected, fakes, failures } = await scene(t, 1)
  const [fake] = fakes
  assert.ok(fake)
  client.start()
  await until('connected', () => connected.length === 1)
  clock.advance(1000)
  fake.sessions.clear()
  fake.cut()
  await until('connected again', () => connected.length === 2)
  assert.deepEqual(
    fake.connects.map(({ sessionId }) => sessionId),
    [0n, 0x1000n, 0n],
  )
  assert.deepEqual(
    failures.map(({ attempts }) => attempts),
    [0],
  )
})

test('begins anew when the session expires under way', async (t) => {
  const { client, clock, connected, fakes } = await scene(t, 1)
  const [fake] = fakes
  assert.ok(fake)
  client.start()
  await until('connected', () => connected.length === 1)
  clock.advance(1000)
  fake.onRequest = ({ xid }) => replyFrame(xid, 0n, -112)
  await assert.rejects(client.request(getChildren2('/mesos', true)), /session expired/)
  await until('connected again', () => connected.length === 2)
  assert.equal(fake.connects[1]?.sessionId, 0n)
})

test('a server that calls every session gone is not asked without a pause', async (t) => {
  const { client, clock, fakes, failures } = await scene(t, 1)
  const [fake] = fakes
  assert.ok(fake)
  fake.onConnect = () => Buffer.from(`00000024${'00'.repeat(16)}00000010${'00'.repeat(16)}`, 'hex')
  client.start()
  await until('it pauses', () => failures.length === 1 && clock.delays.length === 1)
  assert.equal(fake.connects.length, 1)
})

test('a server that lets every session expire at once is not hammered', async (t) => {
  const { client, clock, connected, fakes, failures } = await scene(t, 1)
  const [fake] = fakes
  assert.ok(fake)
  fake.onRequest = ({ xid }) => replyFrame(xid, 0n, -112)
  client.start()
  for (let round = 1; round <= 3; round++) {
    await until('connected', () => connected.length === round)
    await assert.rejects(client.request(getChildren2('/mesos', true)), /session expired/)
    await until('it pauses', () => failures.length === round && clock.delays.length === 1)
    assert.equal(Math.round(clock.delays[0] ?? 0), 500 * 2 ** (round - 1))
    clock.advance(clock.delays[0] ?? 0)
  }
  assert.ok(fake.connects.every(({ sessionId }) => sessionId === 0n))
})

test('a fleet that starts at once, or loses its server, does not come in step', async (t) => {
  const spread = { startSpreadMs: 200, reconnectSpreadMs: 1000, random: () => 0.5 }
  const { client, clock, connected, fakes } = await scene(t, 1, spread)
  const [fake] = fakes
  assert.ok(fake)
  client.start()
  assert.deepEqual(clock.delays, [100])
  clock.advance(100)
  await until('connected', () => connected.length === 1)
  clock.advance(1000)
  fake.cut()
  await until('it pauses', () => clock.delays.join() === '500')
  assert.equal(fake.connects.length, 1)
  clock.advance(500)
  await until('connected again', () => connected.length === 2)
  assert.equal(fake.connects[1]?.sessionId, 0x1000n)
})

test('goes round the servers, then pauses, longer each time', async (t) => {
  const { client, clock, fakes, ports, failures } = await scene(t, 2)
  for (const fake of fakes) fake.onConnect = () => 'close'
  client.start()
  const pauses: (number | undefined)[] = []
  for (let round = 1; round <= 5; round++) {
    await until('it pauses', () => failures.length === 2 * round && clock.delays.length === 1)
    pauses.push(Math.round(clock.delays[0] ?? 0))
    clock.advance(pauses.at(-1) ?? 0)
  }
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 4000])
  assert.deepEqual(
    failures.slice(0, 4).map(({ port }) => port),
    [...ports, ...ports],
  )
  assert.deepEqual(
    failures.slice(0, 4).map(({ attempts }) => attempts),
    [1, 2, 3, 4],
  )
})

test('has more patience in every fourth round', async (t) => {
  const { client, clock, fakes, failures } = await scene(t, 1)
  const [fake] = fakes
  assert.ok(fake)
  fake.onConnect = () => 'ignore'
  client.start()
  for (let round = 1; round <= 5; round++) {
    await until('it was asked', () => fake.connects.length === round)
    clock.advance(clock.delays[0] ?? 0)
    await until('it gave up and pauses', () => failures.length === round && clock.delays.length > 0)
    clock.advance(clock.delays[0] ?? 0)
  }
  assert.deepEqual(
    failures.map(({ message }) => /within (\d+) ms/.exec(message)?.[1]),
    ['3000', '3000', '3000', '12000', '3000'],
  )
})

test('a server that cuts every connection at once is not hammered', async (t) => {
  const { client, clock, connected, fakes } = await scene(t, 1)
  const [fake] = fakes
  assert.ok(fake)
  client.start()
  for (let round = 1; round <= 4; round++) {
    await until('connected', () => connected.length === round)
    fake.cut()
    await until('it pauses', () => fake.sockets.size === 0 && clock.delays.length === 1)
    assert.equal(Math.round(clock.delays[0] ?? 0), 500 * 2 ** (round - 1))
    clock.advance(clock.delays[0] ?? 0)
  }
})

test('an ensemble rebuilt from nothing is accepted after one round', async (t) => {
  const { client, clock, connected, fakes } = await scene(t, 2)
  client.start()
  await until('connected', () => connected.length === 1)
  await client.request(getChildren2('/mesos', true))
  for (const fake of fakes) {
    fake.zxid = 3n
    fake.sessions.clear()
    fake.cut()
  }
  await untilLater(clock, 'connected again', () => connected.length === 2)
  assert.deepEqual(fakes.flatMap(({ connects }) => connects.at(-1)?.lastZxid).includes(0n), true)
})

test('a server that accepts and never answers costs one time limit', async (t) => {
  const { client, clock, connected, fakes, ports, failures } = await scene(t, 2)
  const [first] = fakes
  assert.ok(first)
  first.onConnect = () => 'ignore'
  client.start()
  await until('it was asked', () => first.connects.length === 1)
  clock.advance(3000)
  await until('connected', () => connected.length === 1)
  assert.deepEqual(connected, [ports[1]])
  assert.match(failures[0]?.message ?? '', /no answer to the connect request/)
})

test('stopping ends everything, also a pause', async (t) => {
  const paused = await scene(t, 1)
  paused.fakes[0]?.cut()
  await paused.fakes[0]?.close()
  paused.client.start()
  await until('it pauses', () => paused.failures.length === 1 && paused.clock.delays.length === 1)
  paused.client.stop()
  assert.deepEqual(paused.clock.delays, [])

  const connected = await scene(t, 1)
  connected.client.start()
  await until('connected', () => connected.connected.length === 1)
  connected.client.stop()
  connected.client.stop()
  await until('the session was closed', () => connected.fakes[0]?.closed === 1)
  await until('no timer is left', () => connected.clock.delays.length === 0)
  connected.client.start()
  assert.deepEqual(connected.failures, [])
})
