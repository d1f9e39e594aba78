import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventStreamError } from '../../../src/mesos/stream/errors.ts'
import { type EventBatch, Session, type SubscribedTo } from '../../../src/mesos/stream/session.ts'
import type { FullState } from '../../../src/state/full-state.ts'
import { createSubscribedDecoder } from '../../../src/state/stream/subscribed-decoder.ts'
import { frame, HEARTBEAT, subscribed, taskAdded, taskKilled } from './fake-stream.ts'

const MASTER = { host: '192.0.2.1', port: 5050 }

function open() {
  const begun: { full: FullState; to: SubscribedTo }[] = []
  const batches: EventBatch[] = []
  const session = new Session(MASTER, createSubscribedDecoder(), {
    subscribed: (full, to) => void begun.push({ full, to }),
    batch: (batch) => void batches.push(batch),
  })
  const take = (...records: readonly unknown[]) => session.take(Buffer.concat(records.map(frame)))
  return { session, begun, batches, take }
}

const kinds = (batches: readonly EventBatch[]) =>
  batches.map(({ events }) => events.map(({ kind }) => kind))

test('SUBSCRIBED is the whole state, what follows it the changes, a batch for each piece', () => {
  const { session, begun, batches, take } = open()
  assert.equal(session.established, false)
  take(subscribed(['web.1'], 5), HEARTBEAT)
  assert.equal(session.established, true)
  const [{ full, to } = assert.fail()] = begun
  assert.deepEqual(to, { master: MASTER, heartbeatMs: 5_000 })
  assert.equal(full.form, 'v1')
  assert.deepEqual(
    full.state.frameworks.flatMap(({ tasks }) => tasks.map(({ name }) => name)),
    ['web.1'],
  )
  take(taskAdded('web.2'), taskKilled('web.1'))
  take(HEARTBEAT)
  assert.deepEqual(kinds(batches), [[], ['task-added', 'task-updated'], []])
  assert.deepEqual(
    batches.map(({ types }) => types),
    [['SUBSCRIBED', 'HEARTBEAT'], ['TASK_ADDED', 'TASK_UPDATED'], ['HEARTBEAT']],
  )
})

test('a piece without the end of a record is no batch', () => {
  const { session, batches, take } = open()
  take(subscribed())
  const octets = frame(taskAdded('web.1'))
  session.take(octets.subarray(0, 20))
  assert.equal(batches.length, 1)
  session.take(octets.subarray(20))
  assert.deepEqual(kinds(batches), [[], ['task-added']])
})

const HEARTBEATS: readonly (readonly [interval: unknown, ms: number])[] = [
  [15, 15_000],
  [0.25, 1_000],
  [86_400, 120_000],
  [0, 15_000],
  [-1, 15_000],
  ['15', 15_000],
  [undefined, 15_000],
]

for (const [interval, ms] of HEARTBEATS) {
  test(`a heartbeat interval of ${JSON.stringify(interval)} is ${ms} ms`, () => {
    const { begun, take } = open()
    take(subscribed([], interval as number))
    assert.equal(begun[0]?.to.heartbeatMs, ms)
  })
}

test('events that become no record of ours are counted, whatever they are', () => {
  const { batches, take } = open()
  take(subscribed(), { type: 'OFFER_ADDED', offer_added: {} }, { type: 'ÄON' })
  assert.deepEqual(kinds(batches), [[]])
  assert.deepEqual(batches[0]?.types, ['SUBSCRIBED', 'OFFER_ADDED', 'ÄON'])
  assert.deepEqual(batches[0]?.unreadable, [])
})

test('a record that cannot be read costs that record only', () => {
  const { batches, take } = open()
  take(subscribed())
  take('', '{', '[]', '{"type":5}', { type: 'TASK_ADDED', task_added: 'x' }, taskAdded('web.1'))
  assert.deepEqual(kinds(batches), [[], ['task-added']])
  assert.equal(batches[1]?.unreadable.length, 5)
  for (const { detail } of batches[1]?.unreadable ?? []) assert.match(detail, /; left out$/)
})

const BEGINNINGS: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'a web page',
    '<html>',
    /^192\.0\.2\.1:5050 answers SUBSCRIBE with something else .*length has "<"/,
  ],
  ['another event', frame(HEARTBEAT).toString(), /something else than events: .*no Mesos v1 state/],
  ['no JSON', '5\nhello', /something else than events: sent a first record .*not JSON/],
]

for (const [what, text, message] of BEGINNINGS) {
  test(`a stream that begins with ${what} is none`, () => {
    const { session } = open()
    assert.throws(
      () => session.take(Buffer.from(text)),
      (error) => {
        assert.ok(error instanceof EventStreamError)
        assert.equal(error.fault, 'unsupported')
        assert.match(error.message, message)
        return true
      },
    )
    assert.equal(session.established, false)
  })
}

test('broken framing after SUBSCRIBED is a stream that broke', () => {
  const { session, take } = open()
  take(subscribed())
  assert.throws(
    () => session.take(Buffer.from('garbage')),
    (error) => {
      assert.ok(error instanceof EventStreamError)
      assert.equal(error.fault, 'lost')
      assert.match(error.message, /^192\.0\.2\.1:5050 sends a broken stream: .*length has "g"/)
      return true
    },
  )
})

test('what the receiver throws is not blamed on the master', () => {
  const fault = new TypeError('ours')
  const session = new Session(MASTER, createSubscribedDecoder(), {
    subscribed() {
      throw fault
    },
    batch() {},
  })
  assert.throws(() => session.take(frame(subscribed())), fault)
})

test('how a stream ended says where', () => {
  const { session, take } = open()
  const endings = [session.ended().message]
  take(subscribed())
  endings.push(session.ended().message)
  session.take(Buffer.from('12\n{"ty'))
  endings.push(session.ended().message)
  assert.deepEqual(endings, [
    '192.0.2.1:5050 ended its answer before SUBSCRIBED was complete',
    '192.0.2.1:5050 ended the event stream',
    '192.0.2.1:5050 ended the event stream within a record',
  ])
})
