import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Audits } from '../../src/mesos/audits.ts'
import { PollPace } from '../../src/mesos/poll-pace.ts'
import { recordingLog } from '../recording-log.ts'

/** Audits every 300 s, polls every 60 s, chance being 0.5; `wanted` are the milliseconds asked of the poller. */
function setUp() {
  let time = 0
  const wanted: number[] = []
  const { log, lines } = recordingLog()
  const audits = new Audits({
    poller: { within: (ms) => void wanted.push(ms) },
    pace: new PollPace({ refreshSeconds: 60, auditSeconds: 300 }, () => 0.5),
    log,
    now: () => time,
  })
  const pass = (seconds: number) => {
    time += seconds * 1000
  }
  return { audits, wanted, lines, pass }
}

test('wanting the state twice is wanting it once, until it is fetched', () => {
  const { audits, wanted } = setUp()
  audits.want()
  audits.want()
  assert.deepEqual(wanted, [30_000])
  audits.begun()
  audits.want()
  assert.deepEqual(wanted, [30_000, 30_000])
})

test('events that come again and again have the state fetched no more often than twice an audit', () => {
  const { audits, wanted, pass } = setUp()
  assert.equal(audits.wantForEvent(), true)
  assert.equal(audits.wantForEvent(), false)
  pass(30)
  audits.begun()
  pass(10)
  audits.wantForEvent()
  audits.want()
  assert.deepEqual(wanted, [30_000, 140_000, 30_000], 'what else wants it does not wait')
  pass(30)
  audits.begun()
  pass(400)
  audits.wantForEvent()
  assert.equal(wanted.at(-1), 30_000)
})

test('what audits find is counted, and told if it is something', () => {
  const { audits, lines } = setUp()
  audits.ended(3, 1_500_000_000_000)
  audits.ended(0, 1_500_000_300_000)
  assert.deepEqual(audits.status, {
    count: 2,
    drift: 3,
    lastDrift: 0,
    lastAt: 1_500_000_300_000,
  })
  assert.deepEqual(
    lines.map(({ level, message, fields }) => [level, message, fields]),
    [['info', 'an audit found what no event had told', { drift: 3 }]],
  )
})
