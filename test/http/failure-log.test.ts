import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFailureLog } from '../../src/http/failure-log.ts'
import { recordingLog } from '../recording-log.ts'

function logAt() {
  const { log, lines } = recordingLog()
  const clock = { now: 1_000_000 }
  return { lines, clock, failed: createFailureLog(log, () => clock.now) }
}

test('a failure is logged once with its stack, repeats are counted', () => {
  const { lines, clock, failed } = logAt()
  failed(new Error('boom'))
  failed(new Error('boom'))
  clock.now += 59_999
  failed(new Error('boom'))
  assert.equal(lines.length, 1)
  assert.equal(lines[0]?.message, 'http request could not be answered')
  assert.match(JSON.stringify(lines[0]?.fields['err']), /boom.*failure-log\.test/)
  assert.equal(lines[0]?.fields['suppressed'], undefined)
  clock.now += 1
  failed(new Error('boom'))
  assert.equal(lines.length, 2)
  assert.equal(lines[1]?.fields['suppressed'], 2)
})

test('another failure is logged at once', () => {
  const { lines, failed } = logAt()
  failed(new Error('one'))
  failed(new Error('two'))
  assert.equal(lines.length, 2)
})

test('clients that go away are not failures', () => {
  const { lines, failed } = logAt()
  for (const code of ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']) {
    failed(Object.assign(new Error(code), { code }))
  }
  assert.deepEqual(lines, [])
})
