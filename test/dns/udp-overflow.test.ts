import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createCounters, readCounters, ThreadCounters } from '../../src/counters/index.ts'
import { LocalAddresses } from '../../src/dns/local-addresses.ts'
import { hexadecimal, OverflowWatch, readTables } from '../../src/dns/udp-overflow.ts'
import { recordingLog } from '../recording-log.ts'

const TABLES: Readonly<Record<string, string>> = {
  '/proc/self/net/udp': [
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    '  123: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 7',
    '  124: 0100007F:0036 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 100',
    ' 1125: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4713 2 0000000000000000 20',
    '',
  ].join('\n'),
  '/proc/self/net/udp6': [
    '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
    ' 9000: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4714 2 0000000000000000 300',
    '',
  ].join('\n'),
}

describe('the tables of the system', () => {
  const read = (path: string) => TABLES[path] ?? assert.fail(path)
  const cases: readonly [readonly string[], number][] = [
    [['127.0.0.1'], 7],
    [['127.0.0.1', '0.0.0.0'], 27],
    [['127.0.0.1', '127.0.0.1', '::1'], 307],
    [['127.0.0.2'], 0],
  ]
  for (const [hosts, drops] of cases) {
    test(`${hosts.join(', ')}: ${drops} dropped`, () => {
      assert.equal(
        readTables(() => hosts, 53, read),
        drops,
      )
    })
  }

  test('one that is not there counts nothing', () => {
    const ipv4 = (path: string) => {
      if (path !== '/proc/self/net/udp') throw new Error('ENOENT')
      return read(path)
    }
    assert.equal(
      readTables(() => ['127.0.0.1', '::1'], 53, ipv4),
      7,
    )
  })

  test('addresses are written as the kernel does', () => {
    assert.equal(hexadecimal('192.0.2.1', 5353), '010200C0:14E9')
    assert.equal(hexadecimal('2001:db8::1', 53), 'B80D0120000000000000000001000000:0035')
  })
})

describe('overflow', () => {
  function watch() {
    const buffer = createCounters()
    const { log, lines } = recordingLog()
    let now = 0
    const watched = new OverflowWatch(new ThreadCounters(buffer), log, 1_000_000, () => now)
    return {
      watched,
      lines,
      counted: () => readCounters([buffer]).total.overflow,
      pass: (ms: number) => {
        now += ms
      },
    }
  }

  test('is counted as it grows, and said at most once a minute', () => {
    const { watched, lines, counted, pass } = watch()
    let total = 0
    watched.add({ read: () => total, counted: new Float64Array(1) })
    watched.check()
    assert.equal(lines.length, 0)
    total = 5
    watched.check()
    total = 8
    pass(59_000)
    watched.check()
    assert.equal(counted(), 8)
    assert.deepEqual(
      lines.map(({ fields }) => fields),
      [{ dropped: 5 }],
    )
    pass(1000)
    watched.check()
    assert.deepEqual(lines.at(-1)?.fields, { dropped: 3 })
    watched.stop()
  })

  test('is not counted again by a thread that replaces another', () => {
    const place = new Float64Array(1)
    const first = watch()
    first.watched.add({ read: () => 5, counted: place })
    first.watched.stop()
    const second = watch()
    second.watched.add({ read: () => 7, counted: place })
    second.watched.stop()
    assert.equal(first.counted(), 5)
    assert.equal(second.counted(), 2)
  })

  test('what cannot be read counts nothing', () => {
    const { watched, counted } = watch()
    watched.add({ read: () => assert.fail('closed'), counted: new Float64Array(1) })
    watched.stop()
    assert.equal(counted(), 0)
  })
})

describe('addresses that threads learn of', () => {
  test('reach every thread once, in order', () => {
    const memory = LocalAddresses.allocate()
    const [first, second] = [new LocalAddresses(memory), new LocalAddresses(memory)]
    assert.equal(first.next(), undefined)
    first.add(Uint8Array.of(192, 0, 2, 1), 0)
    second.add(Uint8Array.from(Buffer.from('fe800000000000000000000000000001', 'hex')), 7)
    for (const thread of [first, second]) {
      assert.deepEqual(thread.next(), { host: '192.0.2.1', scope: 0 })
      assert.deepEqual(thread.next(), { host: 'fe80::1', scope: 7 })
      assert.equal(thread.next(), undefined)
    }
  })

  test('are not more than there is room for', () => {
    const addresses = new LocalAddresses(LocalAddresses.allocate())
    for (let i = 0; i < 200; i++) addresses.add(Uint8Array.of(10, 0, 0, i), 0)
    let count = 0
    while (addresses.next() !== undefined) count++
    assert.equal(count, 64)
  })
})
