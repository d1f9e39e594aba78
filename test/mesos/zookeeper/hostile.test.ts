// Servers that lie, flood and break the rules: what was once known stays, and they are asked at a bounded pace.
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { OpCode } from '../../../src/mesos/detect/zookeeper/protocol.ts'
import { json, NO_PINGS, type Scene, scene, THREE, threeMasters } from './detector-scene.ts'
import {
  childrenFrame,
  connectFrame,
  dataFrame,
  type FakeZookeeper,
  replyFrame,
  type SeenRequest,
  watchFrame,
} from './fake-zookeeper.ts'
import { until } from './waiting.ts'

const isList = ({ opCode }: SeenRequest) => opCode === OpCode.getChildren2
const lists = (fake: FakeZookeeper) => fake.requests.filter(isList).length

/** Ten reads at once, then one in ten seconds; one more follows the connection. */
const AT_ONCE = 11
const EVERY_MS = 10_000
const pausing = ({ clock }: Scene) => clock.delays.includes(EVERY_MS)

/** A server whose list of masters changes whenever it is read, and that says so at once. */
function flapping(fake: FakeZookeeper): void {
  for (const n of [1, 2]) fake.set(`json.info_000000000${n}`, json(`10.0.0.${n}`))
  fake.onRequest = (seen, socket) => {
    if (!isList(seen)) return undefined
    const leader = 1 + (lists(fake) % 2)
    socket.write(childrenFrame(seen.xid, 1n, [`json.info_000000000${leader}`]))
    return watchFrame('/mesos', 4)
  }
}

test('a leader that flaps is looked at now and then', async (t) => {
  const flaps = await scene(t, { timing: NO_PINGS, prepare: flapping })
  const { fake, clock, changes } = flaps
  await until('it pauses', () => pausing(flaps))
  assert.equal(lists(fake), AT_ONCE)
  assert.equal(changes.length, AT_ONCE)
  for (let more = 1; more <= 3; more++) {
    clock.advance(EVERY_MS)
    await until('it read once more', () => lists(fake) === AT_ONCE + more && pausing(flaps))
    assert.equal(changes.length, AT_ONCE + more)
  }
})

test('an endless stream of events is no more than one', async (t) => {
  const flooded = await scene(t, { timing: NO_PINGS, prepare: threeMasters })
  const { fake, clock, changes } = flooded
  await until('masters are known', () => changes.length === 1)
  const events = Buffer.concat(Array.from({ length: 1000 }, () => watchFrame('/mesos', 4)))
  await until('it pauses', () => {
    fake.blurt(events)
    return pausing(flooded)
  })
  assert.equal(lists(fake), AT_ONCE)
  assert.deepEqual(changes, [THREE])
  for (let i = 0; i < 10; i++) fake.blurt(events)
  clock.advance(EVERY_MS)
  // The events come before the answers to this read.
  await until('it read once more', () => lists(fake) === AT_ONCE + 1 && pausing(flooded))
  assert.deepEqual(changes, [THREE])
})

test('what a watch tells is read after a random while, and once', async (t) => {
  const { fake, clock, changes } = await scene(t, {
    timing: { ...NO_PINGS, readSpreadMs: 100 },
    prepare: threeMasters,
  })
  await until('masters are known', () => changes.length === 1)
  fake.delete('json.info_0000000001')
  fake.blurt(watchFrame('/mesos', 4))
  await until('it waits', () => clock.delays.includes(50))
  assert.equal(lists(fake), 1)
  clock.advance(50)
  await until('a new leader is known', () => changes.length === 2)
  assert.equal(lists(fake), 2)
})

test('a list of 100,000 children: the first hundred masters are read', async (t) => {
  const names = Array.from({ length: 100_000 }, (_, i) => `json.info_${100_000 + i}`)
  const { fake, changes } = await scene(t, {
    prepare: (fake) => {
      fake.onRequest = (seen) => {
        if (isList(seen)) return childrenFrame(seen.xid, 1n, names.toReversed())
        return dataFrame(
          seen.xid,
          1n,
          Buffer.from(json('10.0.0.1', Number(seen.path.slice(-4)) + 1)),
        )
      }
    },
  })
  await until('masters are known', () => changes.length === 1)
  assert.equal(fake.requests.length, 101)
  assert.match(
    changes[0] ?? '',
    /^10\.0\.0\.1:1 of 10\.0\.0\.1:1 10\.0\.0\.1:2 .* 10\.0\.0\.1:100$/,
  )
})

test('many odd znodes are counted, not all named', async (t) => {
  const { detector } = await scene(t, {
    prepare: (fake) => {
      for (let i = 0; i < 5000; i++) fake.set(`json.info_${i}`, `{"hostname": "${'x'.repeat(50)}"}`)
    },
  })
  await until('it is said', () => detector.status.lastError !== undefined)
  assert.equal(
    detector.status.lastError,
    'cannot tell the leader at /mesos, its znode is odd: json.info_0 (no IP address), json.info_1 (no IP address), json.info_2 (no IP address) and 97 more',
  )
})

/** What a znode holds, and what comes of it when the leader's does. */
const DATA: readonly (readonly [name: string, data: Buffer, told: RegExp])[] = [
  [
    'nearly 4 MiB',
    Buffer.alloc(4 * 1024 * 1024 - 100, 0x20),
    /4194204 bytes, more than any master/,
  ],
  ['more than 4 MiB', Buffer.alloc(5 * 1024 * 1024, 0x20), /message of \d+ bytes.*is this a Zoo/],
  ['64 KiB of brackets', Buffer.alloc(64 * 1024, '['), /cannot tell the leader/],
  ['noise', Buffer.from('00ff80c3283c2f', 'hex'), /cannot tell the leader/],
]

for (const [name, data, told] of DATA) {
  test(`a leader's znode with ${name} takes nothing`, async (t) => {
    const { fake, changes, detector, know } = await scene(t, { prepare: threeMasters })
    await until('masters are known', () => changes.length === 1)
    fake.znodes?.set('json.info_0000000000', data)
    fake.set('json.info_0000000004', json('10.0.0.4'))
    await until('it is said', () => told.test(detector.status.lastError ?? ''))
    assert.match(know(), /^10\.0\.0\.1:5050 of 10\.0\.0\.1:5050 10\.0\.0\.2:5050 10\.0\.0\.3:5050/)
    fake.znodes?.delete('json.info_0000000000')
  })
}

test('masters that are listed but not there are nobody', async (t) => {
  const { fake, changes, detector } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  fake.onRequest = (seen) => (isList(seen) ? undefined : replyFrame(seen.xid, 1n, -101))
  fake.set('json.info_0000000004', json('10.0.0.4'))
  await until('it is said', () => /no master stands/.test(detector.status.lastError ?? ''))
  assert.deepEqual(changes, [THREE])
})

test('answers out of order end the connection and take nothing', async (t) => {
  const { fake, clock, changes, detector } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  let held: { readonly seen: SeenRequest; readonly socket: Socket } | undefined
  fake.onRequest = (seen, socket) => {
    if (isList(seen)) return undefined
    if (held === undefined) {
      held = { seen, socket }
      return 'ignore'
    }
    // The second answer first.
    return dataFrame(seen.xid, 1n, Buffer.from(json('10.9.9.9')))
  }
  fake.set('json.info_0000000004', json('10.0.0.4'))
  await until(
    'it pauses',
    () => clock.delays.length === 1 && detector.status.state === 'disconnected',
  )
  assert.match(detector.status.lastError ?? '', /reply to request \d+ where that to \d+ was due/)
  assert.deepEqual(changes, [THREE])
  fake.onRequest = undefined
  clock.advance(clock.delays[0] ?? 0)
  await until(
    'all is well again',
    () => changes.length === 2 && detector.status.lastError === undefined,
  )
})

for (const [name, id] of [
  ['the same for everybody', 5n],
  ['0', 0n],
  ['-1', -1n],
  ['the least', -(2n ** 63n)],
] as const) {
  test(`a session id that is ${name} does no harm`, async (t) => {
    const { fake, clock, changes } = await scene(t, {
      prepare: (fake) => {
        threeMasters(fake)
        fake.onConnect = ({ timeoutMs }) => connectFrame(id, timeoutMs)
      },
    })
    await until('masters are known', () => changes.length === 1)
    clock.advance(1000)
    fake.znodes?.delete('json.info_0000000001')
    fake.cut()
    await until('a new leader is known', () => changes.length === 2)
    assert.deepEqual(
      fake.connects.map(({ sessionId }) => sessionId),
      [0n, id],
    )
  })
}

test('a session that became another one on the way is gone on with', async (t) => {
  let next = 7n
  const { fake, clock, changes } = await scene(t, {
    prepare: (fake) => {
      threeMasters(fake)
      fake.onConnect = ({ timeoutMs }) => connectFrame(next++, timeoutMs)
    },
  })
  for (let n = 1; n <= 3; n++) {
    await until('it was read', () => lists(fake) === n && clock.delays.includes(45_000))
    clock.advance(1000)
    fake.cut()
    await until('the connection is gone', () => fake.connects.length === n + 1)
  }
  assert.deepEqual(
    fake.connects.map(({ sessionId }) => sessionId),
    [0n, 7n, 8n, 9n],
  )
  assert.deepEqual(changes, [THREE])
})
