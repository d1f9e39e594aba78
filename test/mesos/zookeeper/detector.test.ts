import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode } from '../../../src/mesos/detect/zookeeper/protocol.ts'
import { formatHostPort } from '../../../src/net/address.ts'
import { json, NO_PINGS, scene, THREE, threeMasters } from './detector-scene.ts'
import { childrenFrame, FakeZookeeper, replyFrame, watchFrame } from './fake-zookeeper.ts'
import { until } from './waiting.ts'

/** MasterInfo as Mesos 0.23 writes it: 10.0.0.9:5050. */
const PROTOBUF = Buffer.from('0a0169108a80804818ba27', 'hex')

test('leader and masters in the order of their numbers', async (t) => {
  const { fake, changes, detector } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  assert.deepEqual(changes, [THREE])
  assert.deepEqual(
    fake.requests.filter(({ watch }) => watch).map(({ opCode, path }) => [opCode, path]),
    [[OpCode.getChildren2, '/mesos']],
  )
  const { state, lastError, server } = detector.status
  assert.deepEqual(
    { state, lastError, server },
    { state: 'connected', lastError: undefined, server: formatHostPort(fake.server) },
  )
})

test('knows nothing and says so before it is connected', async (t) => {
  const { detector, know, clock } = await scene(t)
  assert.equal(know(), '- of ')
  assert.deepEqual(detector.status, {
    state: 'connecting',
    since: clock.now(),
    lastError: undefined,
    server: undefined,
  })
})

test('follows the election', async (t) => {
  const { fake, changes } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  fake.delete('json.info_0000000001')
  await until('a new leader is known', () => changes.length === 2)
  fake.set('json.info_0000000004', json('10.0.0.1'))
  await until('a new master is known', () => changes.length === 3)
  assert.deepEqual(changes.slice(1), [
    '10.0.0.2:5050 of 10.0.0.2:5050 10.0.0.3:5050',
    '10.0.0.2:5050 of 10.0.0.2:5050 10.0.0.3:5050 10.0.0.1:5050',
  ])
})

test('a change that changes nothing for us is not told', async (t) => {
  const { fake, changes, statuses } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  const reads = fake.requests.length
  fake.set('something', 'else')
  await until('it was read again', () => fake.requests.length === reads + 4)
  fake.delete('log_replicas')
  await until('it was read again', () => fake.requests.length === reads + 8)
  assert.deepEqual(changes, [THREE])
  assert.deepEqual(statuses, ['connected', 'connected'])
})

test('how detection fares is told when it changes', async (t) => {
  const { fake, clock, changes, statuses } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  fake.znodes?.clear()
  fake.blurt(watchFrame('/mesos', 4))
  const empty = 'connected: no master stands for election at /mesos'
  await until('it is told', () => statuses.at(-1) === empty)
  clock.advance(1000)
  fake.onConnect = () => 'close'
  fake.cut()
  await until('it is told', () =>
    /^disconnected: .*accepting a session/.test(statuses.at(-1) ?? ''),
  )
  threeMasters(fake)
  fake.onConnect = undefined
  clock.advance(clock.delays[0] ?? 0)
  await until('it is told', () => statuses.at(-1) === 'connected')
  assert.deepEqual(changes, [THREE])
})

test('a listener can be taken away, and the same one given twice', async (t) => {
  const { fake, changes, detector } = await scene(t, { prepare: threeMasters })
  let calls = 0
  const listener = () => {
    calls++
  }
  const off = detector.onChange(listener)
  detector.onChange(listener)
  // The connection, and the masters: two listeners hear of both.
  await until('masters are known', () => changes.length === 1)
  assert.equal(calls, 4)
  off()
  off()
  fake.delete('json.info_0000000001')
  await until('a new leader is known', () => changes.length === 2)
  assert.equal(calls, 5)
})

test('old masters write protobuf', async (t) => {
  const { fake, changes } = await scene(t, {
    prepare: (fake) => fake.set('info_0000000001', PROTOBUF),
  })
  await until('masters are known', () => changes.length === 1)
  fake.set('json.info_0000000002', json('10.0.0.2'))
  await until('the upgraded master leads', () => changes.length === 2)
  assert.deepEqual(changes, [
    '10.0.0.9:5050 of 10.0.0.9:5050',
    '10.0.0.2:5050 of 10.0.0.9:5050 10.0.0.2:5050',
  ])
})

test('a master that came back before its old znode expired counts once', async (t) => {
  const { changes } = await scene(t, {
    prepare: (fake) => {
      fake.set('json.info_0000000001', json('10.0.0.1'))
      fake.set('json.info_0000000002', json('10.0.0.2'))
      fake.set('json.info_0000000003', json('10.0.0.1'))
    },
  })
  await until('masters are known', () => changes.length === 1)
  assert.deepEqual(changes, ['10.0.0.1:5050 of 10.0.0.1:5050 10.0.0.2:5050'])
})

test('an empty list keeps what was known and says so', async (t) => {
  const { fake, changes, detector, know, log } = await scene(t, {
    prepare: (fake) => fake.set('json.info_0000000001', json('10.0.0.1')),
  })
  await until('masters are known', () => changes.length === 1)
  fake.delete('json.info_0000000001')
  await until('it is said', () => detector.status.lastError !== undefined)
  assert.equal(know(), '10.0.0.1:5050 of 10.0.0.1:5050')
  assert.equal(detector.status.lastError, 'no master stands for election at /mesos')
  assert.deepEqual(log.slice(-1), [
    'warn no master stands for election at /mesos; keeping known masters',
  ])
  fake.set('json.info_0000000002', json('10.0.0.2'))
  await until('a new leader is known', () => changes.length === 2)
  assert.equal(detector.status.lastError, undefined)
  assert.ok(log.includes('info masters in zookeeper are in order again'))
})

test('an odd leader does not make the next in line leader', async (t) => {
  const table: [string, string | Buffer, RegExp][] = [
    ['not JSON', 'master@10.0.0.1:5050', /JSON/],
    ['empty', '', /JSON/],
    ['no address', '{"hostname":"m1"}', /no IP address/],
  ]
  for (const [name, data, reason] of table) {
    const { fake, changes, detector, know } = await scene(t, {
      prepare: (fake) => {
        fake.set('json.info_0000000001', json('10.0.0.1'))
        fake.set('json.info_0000000003', json('10.0.0.3'))
      },
    })
    await until('masters are known', () => changes.length === 1)
    fake.znodes?.set('json.info_0000000002', Buffer.from(data))
    fake.delete('json.info_0000000001')
    await until('it is said', () => detector.status.lastError !== undefined)
    assert.equal(know(), '10.0.0.1:5050 of 10.0.0.1:5050 10.0.0.3:5050', name)
    assert.match(detector.status.lastError ?? '', reason, name)
    assert.match(detector.status.lastError ?? '', /cannot tell the leader.*_0000000002 \(/, name)
  }
})

test('an odd master that does not lead is left out', async (t) => {
  const { changes, detector } = await scene(t, {
    prepare: (fake) => {
      threeMasters(fake)
      fake.set('json.info_0000000002', '{}')
    },
  })
  await until('masters are known', () => changes.length === 1)
  assert.deepEqual(changes, ['10.0.0.1:5050 of 10.0.0.1:5050 10.0.0.3:5050'])
  assert.equal(
    detector.status.lastError,
    'left out odd znodes at /mesos: json.info_0000000002 (no IP address)',
  )
})

test('a znode that may not be read', async (t) => {
  const { changes, detector } = await scene(t, {
    prepare: (fake) => {
      threeMasters(fake)
      fake.onRequest = ({ path, xid }) =>
        path.endsWith('1') ? replyFrame(xid, 1n, -102) : undefined
    },
  })
  await until('masters are known', () => changes.length === 1)
  assert.deepEqual(changes, ['- of 10.0.0.2:5050 10.0.0.3:5050'])
  assert.match(detector.status.lastError ?? '', /not permitted \(give credentials/)
})

test('a znode removed between the list and its content', async (t) => {
  const { changes } = await scene(t, {
    prepare: (fake) => {
      threeMasters(fake)
      fake.onRequest = ({ path }) => {
        if (path === '/mesos/json.info_0000000001') fake.delete('json.info_0000000001')
        return undefined
      }
    },
  })
  await until('masters are known', () => changes.length === 1)
  assert.deepEqual(changes, ['10.0.0.2:5050 of 10.0.0.2:5050 10.0.0.3:5050'])
})

test('a path that does not exist yet is waited for', async (t) => {
  const { fake, clock, changes, detector } = await scene(t, {
    prepare: (fake) => {
      fake.znodes = undefined
    },
  })
  await until('it is said', () => detector.status.lastError !== undefined)
  assert.match(detector.status.lastError ?? '', /^no znode \/mesos in zookeeper/)
  await until('a watch is set', () => fake.requests.some(({ opCode }) => opCode === OpCode.exists))
  fake.create()
  await until('it exists', () => detector.status.lastError?.startsWith('no master') ?? false)
  fake.set('json.info_0000000001', json('10.0.0.1'))
  await until('masters are known', () => changes.length === 1)
  assert.ok(clock.delays.length > 0)
})

test('without a watch it is found by asking again', async (t) => {
  const { fake, clock, changes, detector } = await scene(t, {
    timing: NO_PINGS,
    prepare: (fake) => {
      fake.znodes = undefined
    },
  })
  const reads = () => fake.requests.filter(({ opCode }) => opCode === OpCode.getChildren2).length
  for (const [i, delay] of [375, 750, 1500, 3000, 6000, 7500, 7500].entries()) {
    await until(
      'it asks again later',
      () =>
        reads() === i + 1 &&
        detector.status.lastError !== undefined &&
        clock.delays.includes(delay),
    )
    clock.advance(delay)
  }
  fake.znodes = new Map([['json.info_0000000001', Buffer.from(json('10.0.0.1'))]])
  await until('masters are known', () => changes.length === 1)
})

test('everything is read again now and then, should a watch be lost', async (t) => {
  const { fake, clock, changes } = await scene(t, {
    timing: NO_PINGS,
    prepare: threeMasters,
  })
  await until('masters are known', () => changes.length === 1)
  fake.znodes?.delete('json.info_0000000001')
  await until('it pauses', () => clock.delays.includes(45_000))
  clock.advance(45_000)
  await until('a new leader is known', () => changes.length === 2)
  assert.deepEqual(changes.slice(1), ['10.0.0.2:5050 of 10.0.0.2:5050 10.0.0.3:5050'])
})

test('zookeeper going away takes nothing', async (t) => {
  const { fake, clock, changes, detector, know, log } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  const { port } = fake.server
  await fake.close()
  await until('it is noticed', () => detector.status.state === 'disconnected')
  const { since } = detector.status
  await until('it tried again and pauses', () => clock.delays.length === 1)
  for (let i = 0; i < 20; i++) {
    clock.advance(clock.delays[0] ?? 0)
    await until('it pauses', () => clock.delays.length === 1)
  }
  assert.equal(know(), THREE)
  assert.deepEqual(changes, [THREE])
  assert.equal(detector.status.since, since)
  assert.match(detector.status.lastError ?? '', /ECONNREFUSED/)
  const warnings = log.filter((line) => line.startsWith('warn'))
  assert.equal(warnings[0], 'warn lost connection to zookeeper, keeping known masters')
  assert.ok(warnings.length > 1 && warnings.length < 5, warnings.join('\n'))

  const restarted = new FakeZookeeper()
  t.after(() => restarted.close())
  restarted.set('json.info_0000000002', json('10.0.0.2'))
  await restarted.listenOn('127.0.0.1', port)
  clock.advance(clock.delays[0] ?? 0)
  await until('a new leader is known', () => changes.length === 2)
  assert.deepEqual(changes.slice(1), ['10.0.0.2:5050 of 10.0.0.2:5050'])
  assert.equal(detector.status.state, 'connected')
  assert.equal(detector.status.lastError, undefined)
})

test('after a lost connection watches are set anew', async (t) => {
  const { fake, clock, changes } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  clock.advance(1000)
  const reads = fake.requests.length
  fake.cut()
  await until('it was read again', () => fake.requests.length === reads + 4)
  fake.delete('json.info_0000000001')
  await until('a new leader is known', () => changes.length === 2)
  assert.equal(fake.connects[1]?.sessionId, 0x1000n)
})

test('an expired session takes nothing', async (t) => {
  const { fake, clock, changes, know } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  clock.advance(1000)
  const reads = fake.requests.length
  fake.sessions.clear()
  fake.cut()
  await until('it was read again', () => fake.requests.length === reads + 4)
  assert.equal(know(), THREE)
  assert.deepEqual(changes, [THREE])
})

test('garbage takes nothing', async (t) => {
  const { fake, clock, changes, detector, know } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  fake.onConnect = () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')
  fake.blurt(Buffer.from('7fffffff', 'hex'))
  await until(
    'it gave up',
    () => detector.status.state === 'disconnected' && clock.delays.length === 1,
  )
  clock.advance(clock.delays[0] ?? 0)
  await until('it says so', () => /is this a Zoo/.test(detector.status.lastError ?? ''))
  assert.equal(know(), THREE)
})

test('refused credentials are said, and tried again', async (t) => {
  const { fake, clock, changes, detector } = await scene(t, {
    url: { auth: { user: 'dns', password: 'x' } },
    prepare: (fake) => {
      threeMasters(fake)
      fake.onAuth = () => replyFrame(-4, 0n, -115)
    },
  })
  await until(
    'it pauses',
    () => detector.status.lastError !== undefined && clock.delays.length === 1,
  )
  assert.match(detector.status.lastError ?? '', /credentials were refused/)
  assert.equal(detector.status.state, 'connecting')
  assert.deepEqual(fake.credentials, ['digest dns:x'])
  fake.onAuth = undefined
  clock.advance(clock.delays[0] ?? 0)
  await until('masters are known', () => changes.length === 1)
})

test('a path that may not be read', async (t) => {
  const { detector, log } = await scene(t, {
    prepare: (fake) => {
      fake.onRequest = ({ xid }) => replyFrame(xid, 1n, -102)
    },
  })
  await until('it is said', () => detector.status.lastError !== undefined)
  assert.match(
    detector.status.lastError ?? '',
    /^cannot read the masters: getChildren2 \/mesos: not/,
  )
  assert.equal(log.filter((line) => line.startsWith('warn')).length, 1)
})

test('paths: chroot, trailing and repeated slashes, the root', async (t) => {
  const table: [string, string, string][] = [
    ['/mesos/', '/mesos', '/mesos/json.info_1'],
    ['//dcos//mesos//', '/dcos/mesos', '/dcos/mesos/json.info_1'],
    ['mesos', '/mesos', '/mesos/json.info_1'],
    ['/', '/', '/json.info_1'],
    ['', '/', '/json.info_1'],
  ]
  for (const [path, list, child] of table) {
    const { fake, changes } = await scene(t, {
      url: { path },
      prepare: (fake) => {
        fake.path = list === '/' ? '' : list
        fake.set('json.info_1', json('10.0.0.1'))
        fake.onRequest = (seen) =>
          seen.path === '/' ? childrenFrame(seen.xid, 1n, ['json.info_1']) : undefined
      },
    })
    await until('masters are known', () => changes.length === 1)
    assert.deepEqual(
      fake.requests.map(({ path }) => path),
      [list, child],
      path,
    )
  }
})

test('a flood of events leads to bounded reading', async (t) => {
  const { fake, changes } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  const before = fake.requests.length
  fake.blurt(Buffer.concat(Array.from({ length: 1000 }, () => watchFrame('/mesos', 4))))
  await until('it was read again', () => fake.requests.length >= before + 4)
  await until('it is quiet', () => fake.requests.length % 4 === 0)
  assert.ok(fake.requests.length <= before + 100, String(fake.requests.length - before))
})

test('an endless list of masters is read in part', async (t) => {
  const { fake, changes } = await scene(t, {
    prepare: (fake) => {
      for (let i = 0; i < 5000; i++) fake.set(`json.info_${i}`, json('10.0.0.1', 1 + i))
    },
  })
  await until('masters are known', () => changes.length === 1)
  assert.equal(fake.requests.length, 101)
  assert.ok(changes[0]?.startsWith('10.0.0.1:1 of 10.0.0.1:1 10.0.0.1:2 '))
})

test('stopping leaves no timer, no connection and what was known', async (t) => {
  const { fake, clock, changes, detector, know, log } = await scene(t, { prepare: threeMasters })
  await until('masters are known', () => changes.length === 1)
  const lines = log.length
  detector.stop()
  detector.stop()
  await until('the session was closed', () => fake.closed === 1 && fake.sockets.size === 0)
  await until('no timer is left', () => clock.delays.length === 0)
  assert.equal(know(), THREE)
  assert.equal(log.length, lines)
  assert.equal(detector.status.state, 'disconnected')
})

test('stopping while it reads tells nothing any more', async (t) => {
  const { fake, changes, detector, know } = await scene(t, {
    prepare: (fake) => {
      threeMasters(fake)
      fake.onRequest = () => 'ignore'
    },
  })
  await until('it reads', () => fake.requests.length === 1)
  detector.stop()
  await until('the session was closed', () => fake.sockets.size === 0)
  assert.equal(know(), '- of ')
  assert.deepEqual(changes, [])
})
