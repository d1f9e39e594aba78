import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GuardLog } from '../../src/mesos/guard-log.ts'
import type { GuardStatus } from '../../src/status.ts'
import { recordingLog } from '../recording-log.ts'

const NOTHING: GuardStatus = {
  held: { agents: 0, frameworks: 0, tasks: 0 },
  holdUntil: undefined,
  failovers: 0,
  doubting: false,
  doubts: 0,
  confirmedLosses: 0,
}

function setUp() {
  const { log, lines } = recordingLog()
  const guardLog = new GuardLog(log)
  const said = () => lines.splice(0).map(({ level, message, fields }) => [level, message, fields])
  return { guardLog, said }
}

test('a guard that keeps nothing says nothing', () => {
  const { guardLog, said } = setUp()
  guardLog.update(NOTHING)
  guardLog.update({ ...NOTHING, failovers: 1 })
  assert.deepEqual(said(), [])
})

test('a hold is told when it begins, again for another failover, and when it ends', () => {
  const { guardLog, said } = setUp()
  const held = { agents: 2, frameworks: 1, tasks: 30 }
  const holding = { ...NOTHING, held, holdUntil: 1_500_000_000_000, failovers: 1 }
  const until = '2017-07-14T02:40:00.000Z'
  const begun = ['info', 'another master leads; keeping what it has not heard of yet']
  guardLog.update(holding)
  assert.deepEqual(said(), [[...begun, { held, until }]])
  const fewer = { agents: 1, frameworks: 0, tasks: 3 }
  guardLog.update({ ...holding, held: fewer })
  assert.deepEqual(said(), [])
  guardLog.update({ ...holding, held: fewer, failovers: 2 })
  assert.deepEqual(said(), [[...begun, { held: fewer, until }]])
  guardLog.update({ ...NOTHING, failovers: 2 })
  guardLog.update({ ...NOTHING, failovers: 2 })
  const over = 'the hold after the change of the leader is over'
  assert.deepEqual(said(), [['info', over, { held: fewer }]])
})

test('a doubted loss is told with its size, and so is what becomes of it', () => {
  const { guardLog, said } = setUp()
  const doubt = 'too much is missing from a state to be believed; keeping it until confirmed'
  guardLog.update({ ...NOTHING, doubting: true, doubts: 1 }, 90)
  guardLog.update({ ...NOTHING, doubting: true, doubts: 1 })
  guardLog.update({ ...NOTHING, doubts: 1 })
  guardLog.update({ ...NOTHING, doubting: true, doubts: 2 }, 95)
  guardLog.update({ ...NOTHING, doubts: 2, confirmedLosses: 1 }, 95)
  assert.deepEqual(said(), [
    ['warn', doubt, { lost: 90 }],
    ['info', 'what was missing from a state is back', {}],
    ['warn', doubt, { lost: 95 }],
    ['warn', 'a sudden loss is confirmed; what is missing is removed', { lost: 95 }],
  ])
})
