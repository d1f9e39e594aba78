import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
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

function start(seconds: number) {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { log, lines } = recordingLog()
  const fake = silentDetector()
  const reported = reportOverdue(fake.detector, seconds, log)
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
