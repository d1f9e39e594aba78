import assert from 'node:assert/strict'
import { describe, mock, type TestContext, test } from 'node:test'
import { silentLogger } from '../../../src/log.ts'
import { createFallbackDetector } from '../../../src/mesos/detect/fallback.ts'
import {
  createDetector,
  type DetectorConfig,
  type DetectorOptions,
} from '../../../src/mesos/detect/index.ts'
import { createStaticDetector } from '../../../src/mesos/detect/static.ts'
import { FakeDetector } from './fake-detector.ts'

const A = { host: '10.0.0.1', port: 5050 }
const B = { host: '10.0.0.2', port: 5050 }
const C = { host: '10.0.0.3', port: 5050 }

const NO_TLS = { on: false, caCertFile: '', certFile: '', keyFile: '' }
const DEFAULTS = { zk: '', zkTls: NO_TLS, zkStrict: false, zkDetectionTimeout: 30, masters: [] }

test('configured masters are known at once, their leader is not', () => {
  const config = {
    ...DEFAULTS,
    masters: ['10.0.0.1:5050', 'm2.example:5051', '[2001:db8::1]:5050'],
  }
  const detector = createDetector({ config, log: silentLogger })
  assert.deepEqual(detector.masters, [
    A,
    { host: 'm2.example', port: 5051 },
    { host: '2001:db8::1', port: 5050 },
  ])
  assert.equal(detector.leader, undefined)
})

test('zk may name one master itself', () => {
  const config = { ...DEFAULTS, zk: 'master@10.0.0.1:5050', masters: ['10.0.0.2:5050'] }
  const detector = createDetector({ config, log: silentLogger })
  assert.deepEqual(detector.masters, [A])
})

test('a ZooKeeper URL gives a detector that has the configured masters until it knows better', () => {
  const config = {
    ...DEFAULTS,
    zk: 'zk://127.0.0.1:1/mesos',
    masters: ['10.0.0.1:5050'],
  }
  const detector = createDetector({ config, log: silentLogger })
  assert.deepEqual(detector.masters, [A])
  detector.stop()
})

test('a static list never changes', () => {
  const detector = createStaticDetector([A, B])
  const unsubscribe = detector.onChange(() => assert.fail('it changed'))
  detector.start()
  unsubscribe()
  detector.stop()
  assert.deepEqual(detector.masters, [A, B])
})

test('what ZooKeeper knows comes before what is configured', () => {
  const inner = new FakeDetector()
  const detector = createFallbackDetector(inner, [C])
  assert.deepEqual(detector.masters, [C])
  inner.learn([A, B], B)
  assert.deepEqual([detector.masters, detector.leader], [[A, B], B])
})

test('an emptied ZooKeeper leaves the configured masters and the last leader', () => {
  const inner = new FakeDetector()
  const detector = createFallbackDetector(inner, [C])
  detector.onChange(() => {})
  inner.learn([A, B], B)
  inner.learn([], undefined)
  assert.deepEqual([detector.masters, detector.leader], [[C], B])
  inner.learn([A], A)
  assert.deepEqual([detector.masters, detector.leader], [[A], A])
})

test('without configured masters the last list stands', () => {
  const inner = new FakeDetector()
  const detector = createFallbackDetector(inner, [])
  assert.deepEqual(detector.masters, [])
  detector.onChange(() => {})
  inner.learn([A, B], A)
  inner.learn([], undefined)
  assert.deepEqual([detector.masters, detector.leader], [[A, B], A])
})

test('starting, stopping and listening reach the detector', () => {
  const inner = new FakeDetector()
  const detector = createFallbackDetector(inner, [])
  detector.start()
  assert.equal(inner.running, true)
  let changes = 0
  const unsubscribe = detector.onChange(() => changes++)
  inner.learn([A], undefined)
  unsubscribe()
  inner.learn([B], undefined)
  assert.equal(changes, 1)
  detector.stop()
  assert.equal(inner.running, false)
})

test('how detection fares is told by a detector that has somebody to ask', () => {
  const zookeeper = { ...DEFAULTS, zk: 'zk://127.0.0.1:1/mesos' }
  for (const zkDetectionTimeout of [0, 30]) {
    const config = { ...zookeeper, zkDetectionTimeout }
    const detector = createDetector({ config, log: silentLogger })
    assert.equal(detector.status?.state, 'connecting')
    detector.stop()
    assert.equal(detector.status.state, 'disconnected')
  }
  const list = { ...DEFAULTS, masters: ['10.0.0.1:5050'] }
  assert.equal(createDetector({ config: list, log: silentLogger }).status, undefined)
})

test('what its predecessor knew stands until ZooKeeper says otherwise', () => {
  const inner = new FakeDetector()
  const detector = createFallbackDetector(inner, [], { masters: [A, B], leader: B })
  assert.deepEqual([detector.masters, detector.leader], [[A, B], B])
  inner.learn([C], C)
  assert.deepEqual([detector.masters, detector.leader], [[C], C])
})

describe('zkStrict', () => {
  const gaveUp = (t: TestContext, options: Partial<DetectorConfig> & Partial<DetectorOptions>) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    t.after(() => mock.timers.reset())
    const errors: string[] = []
    const detector = createDetector({
      config: { ...DEFAULTS, zk: 'zk://127.0.0.1:1/mesos', zkStrict: true, ...options },
      log: silentLogger,
      onGiveUp: ({ code }) => errors.push(code),
      lastKnown: options.lastKnown,
    })
    t.after(() => detector.stop())
    detector.start()
    mock.timers.tick(30_000)
    return errors
  }

  test('gives up when nobody ever led', (t) => {
    assert.deepEqual(gaveUp(t, {}), ['MESOS_NS_LEADER'])
  })

  test('without it nobody gives up, nor without a time limit', (t) => {
    assert.deepEqual(gaveUp(t, { zkStrict: false }), [])
    mock.timers.reset()
    assert.deepEqual(gaveUp(t, { zkDetectionTimeout: 0 }), [])
  })

  test('a detector that replaces one which knew a leader does not give up', (t) => {
    assert.deepEqual(gaveUp(t, { lastKnown: { masters: [A], leader: A } }), [])
  })

  test('a list of masters has nobody to give up on', (t) => {
    assert.deepEqual(gaveUp(t, { zk: '', masters: ['10.0.0.1:5050'] }), [])
  })
})
