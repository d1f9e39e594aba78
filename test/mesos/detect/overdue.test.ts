import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import type { MesosNsError } from '../../../src/errors.ts'
import type { MasterDetector } from '../../../src/mesos/detect/detector.ts'
import { reportOverdue } from '../../../src/mesos/detect/overdue.ts'
import type { HostPort } from '../../../src/net/address.ts'
import { recordingLog } from '../../recording-log.ts'

/** A detector that finds a leader when the test says so. */
function silentDetector() {
  const listeners = new Set<() => void>()
  let leader: HostPort | undefined
  const detector: MasterDetector = {
    start() {},
    stop() {},
    masters: [],
    get leader() {
      return leader
    },
    status: { state: 'connecting', since: 0, lastError: 'no route to zk', server: undefined },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const find = () => {
    leader = { host: '10.0.0.1', port: 5050 }
    for (const listener of listeners) listener()
  }
  return { detector, find, listeners }
}

function start(seconds: number, onOverdue?: (error: MesosNsError) => void) {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { log, lines } = recordingLog()
  const fake = silentDetector()
  const reported = reportOverdue(fake.detector, { seconds, log, onOverdue })
  reported.start()
  return {
    ...fake,
    reported,
    lines: () => lines.map(({ level, message }) => `${level}: ${message}`),
  }
}

const OVERDUE =
  'error: no leading master detected, check zk; configured masters, if any, are asked meanwhile'

test('an overdue leader is reported once, and when it comes after all', (t) => {
  t.after(() => mock.timers.reset())
  const { lines, find, listeners } = start(30)
  mock.timers.tick(29_999)
  assert.deepEqual(lines(), [])
  mock.timers.tick(100_000)
  assert.deepEqual(lines(), [OVERDUE])
  find()
  assert.deepEqual(lines(), [OVERDUE, 'info: leading master detected after all'])
  assert.equal(listeners.size, 0)
})

test('a leader in time is no news', (t) => {
  t.after(() => mock.timers.reset())
  const { lines, find, reported } = start(30)
  find()
  mock.timers.tick(100_000)
  assert.deepEqual(lines(), [])
  assert.equal(reported.leader?.host, '10.0.0.1')
})

test('0 means never', (t) => {
  t.after(() => mock.timers.reset())
  const { lines } = start(0)
  mock.timers.tick(10_000_000)
  assert.deepEqual(lines(), [])
})

test('nothing is reported after a stop', (t) => {
  t.after(() => mock.timers.reset())
  const { lines, reported, listeners } = start(30)
  reported.stop()
  mock.timers.tick(100_000)
  assert.deepEqual(lines(), [])
  assert.equal(listeners.size, 0)
})

test('whoever wants to end then is told once', (t) => {
  t.after(() => mock.timers.reset())
  const errors: MesosNsError[] = []
  const { find } = start(30, (error) => errors.push(error))
  mock.timers.tick(29_999)
  assert.deepEqual(errors, [])
  mock.timers.tick(100_000)
  find()
  assert.deepEqual(
    errors.map(({ code, message }) => [code, message]),
    [
      [
        'MESOS_NS_LEADER',
        'no leading master detected within the 30 s of zkDetectionTimeout (no route to zk); check zk, or leave zkStrict out to go on waiting',
      ],
    ],
  )
})

test('a leader in time, or no time limit, ends nothing', (t) => {
  t.after(() => mock.timers.reset())
  for (const seconds of [30, 0]) {
    const { find } = start(seconds, () => assert.fail('it gave up'))
    find()
    mock.timers.tick(10_000_000)
    mock.timers.reset()
  }
})
