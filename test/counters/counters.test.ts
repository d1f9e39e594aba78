import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import {
  createCounters,
  keepCounters,
  readCounters,
  ThreadCounters,
} from '../../src/counters/index.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'

function setUp() {
  const buffer = createCounters()
  return {
    buffer,
    counters: new ThreadCounters(buffer),
    counts: () => readCounters([buffer]).total,
  }
}

/** Every number of a snapshot, whatever it is called. */
function numbers(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbers) : []
}

test('new ones are all zero', () => {
  const { latency, ...counts } = setUp().counts()
  assert.ok(numbers(counts).every((count) => count === 0))
  assert.ok(latency.buckets.every(({ count }) => count === 0))
  assert.deepEqual(counts.byRcode, {})
})

describe('answers', () => {
  test('by transport and family', () => {
    const { counters, counts } = setUp()
    const times = { udp4: 1, udp6: 2, tcp4: 3, tcp6: 4 }
    for (const [transport, family, count] of [
      ['udp', 4, times.udp4],
      ['udp', 6, times.udp6],
      ['tcp', 4, times.tcp4],
      ['tcp', 6, times.tcp6],
    ] as const) {
      for (let i = 0; i < count; i++) counters.answered(transport, family, TYPE.A, 0, false)
    }
    assert.deepEqual(counts().byTransport, times)
    assert.equal(counts().answers, 10)
  })

  for (const [type, key] of [
    [TYPE.A, 'A'],
    [TYPE.AAAA, 'AAAA'],
    [TYPE.SRV, 'SRV'],
    [TYPE.HTTPS, 'HTTPS'],
    [TYPE.ANY, 'ANY'],
    [0, 'other'],
    [99, 'other'],
    [TYPE.CAA, 'other'],
    [0xffff, 'other'],
  ] as const) {
    test(`type ${type} is ${key}`, () => {
      const { counters, counts } = setUp()
      counters.answered('udp', 4, type, 0, false)
      const counted = Object.entries(counts().byType).filter(([, count]) => count > 0)
      assert.deepEqual(counted, [[key, 1]])
    })
  }

  for (const [rcode, key] of [
    [RCODE.NOERROR, 'NOERROR'],
    [RCODE.NXDOMAIN, 'NXDOMAIN'],
    [9, 'RCODE9'],
    [RCODE.BADVERS, 'BADVERS'],
    [RCODE.BADCOOKIE, 'BADCOOKIE'],
    [24, 'other'],
    [4095, 'other'],
  ] as const) {
    test(`RCODE ${rcode} is ${key}`, () => {
      const { counters, counts } = setUp()
      counters.answered('udp', 4, TYPE.A, rcode, false)
      counters.answered('tcp', 6, TYPE.A, rcode, false)
      assert.deepEqual(counts().byRcode, { [key]: 2 })
      assert.deepEqual([counts().byTransport.udp4, counts().byTransport.tcp6], [1, 1])
    })
  }

  test('with TC', () => {
    const { counters, counts } = setUp()
    counters.answered('udp', 4, TYPE.A, 0, true)
    counters.answered('udp', 4, TYPE.A, 0, false)
    assert.deepEqual([counts().answers, counts().truncated], [2, 1])
  })
})

test('each of the others is counted where it belongs', () => {
  const { counters, counts } = setUp()
  counters.forwarded()
  counters.dropped('response')
  counters.dropped('closed')
  counters.overflow(12)
  counters.sendFailed('too-long')
  for (let i = 0; i < 3; i++) counters.connectionOpened()
  counters.connectionClosed()
  counters.connectionRefused()
  const { forwarded, dropped, overflow, sendFailed, connections, answers } = counts()
  assert.deepEqual(
    { forwarded, dropped, overflow, sendFailed, connections, answers },
    {
      forwarded: 1,
      dropped: { short: 0, response: 1, 'port-0': 0, closed: 1 },
      overflow: 12,
      sendFailed: { 'no-buffers': 0, 'too-long': 1, unreachable: 0, other: 0 },
      connections: { open: 2, accepted: 3, refused: 1 },
      answers: 0,
    },
  )
})

describe('latency', () => {
  for (const [seconds, bound] of [
    [0, 1e-6],
    [1e-6, 1e-6],
    [1.5e-6, 2e-6],
    [2e-6, 2e-6],
    [2.1e-6, 4e-6],
    [0.001, 0.001024],
    [1, 1.048576],
    [16.777216, 16.777216],
    [17, null],
    [86_400, null],
  ] as const) {
    test(`${seconds} s is within ${bound} s`, () => {
      const { counters, counts } = setUp()
      counters.latency(seconds, 64)
      const { count, sum, buckets } = counts().latency
      assert.deepEqual(
        buckets.filter((bucket) => bucket.count > 0),
        [{ seconds: bound, count: 64 }],
      )
      assert.equal(count, 64)
      assert.ok(Math.abs(sum - seconds * 64) < 1e-9)
    })
  }
})

describe('several threads', () => {
  test('are read one by one and together', () => {
    const buffers = [createCounters(), createCounters()]
    const [one, two] = buffers.map((buffer) => new ThreadCounters(buffer))
    one?.answered('udp', 4, TYPE.A, 0, false)
    two?.answered('udp', 4, TYPE.A, RCODE.NXDOMAIN, false)
    two?.answered('udp', 4, TYPE.SRV, 0, false)
    const { total, threads } = readCounters(buffers)
    assert.deepEqual([total.answers, ...threads.map(({ answers }) => answers)], [3, 1, 2])
    assert.deepEqual([total.byType.A, threads[1]?.byType.A], [2, 1])
    assert.deepEqual(total.byRcode, { NOERROR: 2, NXDOMAIN: 1 })
  })

  test('none', () => assert.equal(readCounters([]).total.answers, 0))

  test('what a thread counted survives it, but for its connections', async () => {
    const buffer = createCounters()
    const script = new URL('./counting-thread.ts', import.meta.url)
    const worker = new Worker(script, { workerData: buffer })
    await once(worker, 'exit')
    assert.deepEqual(readCounters([buffer]).total.connections, { open: 1, accepted: 1, refused: 0 })
    const { answers, connections } = (() => {
      new ThreadCounters(buffer).answered('udp', 4, TYPE.A, 0, false)
      return readCounters([buffer]).total
    })()
    assert.deepEqual([answers, connections], [1001, { open: 0, accepted: 1, refused: 0 }])
  })

  test('those that are no more are part of the total, but for their connections', () => {
    const [past, one, two] = [createCounters(), createCounters(), createCounters()]
    for (const buffer of [one, two]) {
      const counters = new ThreadCounters(buffer)
      counters.answered('tcp', 6, TYPE.SRV, RCODE.NXDOMAIN, true)
      counters.connectionOpened()
      counters.latency(1e-6, 2)
    }
    keepCounters(past, one)
    const { total, threads } = readCounters([two], past)
    assert.equal(threads.length, 1)
    assert.deepEqual([total.answers, total.truncated, total.byType.SRV], [2, 2, 2])
    assert.deepEqual(total.byRcode, { NXDOMAIN: 2 })
    assert.deepEqual(total.connections, { open: 1, accepted: 2, refused: 0 })
    assert.equal(total.latency.count, 4)
    keepCounters(past, two)
    assert.deepEqual(readCounters([], past).total, {
      ...total,
      connections: { open: 0, accepted: 2, refused: 0 },
    })
  })
})
