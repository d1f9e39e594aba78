import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StateFetchError } from '../../src/mesos/errors.ts'
import { FailureLog } from '../../src/mesos/failure-log.ts'
import { recordingLog } from '../recording-log.ts'

test('an error that repeats is logged once, and recovery tells how often', () => {
  const { log, lines } = recordingLog()
  const failures = new FailureLog(log, { failed: 'gone', recovered: 'back' })
  for (let i = 0; i < 5; i++) failures.failed(new StateFetchError('refused'))
  failures.failed(new StateFetchError('timed out'))
  failures.succeeded()
  failures.succeeded()
  assert.deepEqual(
    lines.map(({ fields }) => [fields.reason, fields.failures]),
    [
      ['refused', 1],
      ['timed out', 6],
      [undefined, 6],
    ],
  )
  failures.failed(new StateFetchError('timed out'))
  assert.equal(lines.length, 4, 'after a recovery the same error is news again')
})

test('with fields a recovery is told even if nothing had failed', () => {
  const { log, lines } = recordingLog()
  const failures = new FailureLog(log, { failed: 'gone', recovered: 'back' })
  failures.succeeded({ master: 'm1' })
  failures.failed(new StateFetchError('refused'))
  failures.succeeded({ master: 'm2' })
  assert.deepEqual(
    lines.map(({ message, fields }) => [message, fields.master, fields.failures]),
    [
      ['back', 'm1', undefined],
      ['gone', undefined, 1],
      ['back', 'm2', 1],
    ],
  )
})
