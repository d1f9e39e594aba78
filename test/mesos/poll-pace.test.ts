import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PollPace } from '../../src/mesos/poll-pace.ts'

const paceOf = (refreshSeconds: number, auditSeconds: number, random: number) =>
  new PollPace({ refreshSeconds, auditSeconds }, () => random)

// Settings in seconds, and the interval they make in milliseconds.
const INTERVALS: readonly (readonly [
  what: string,
  refresh: number,
  audit: number,
  following: { readonly isStreaming: boolean; readonly isRecovering: boolean },
  interval: number,
])[] = [
  ['without a stream', 60, 300, { isStreaming: false, isRecovering: false }, 60_000],
  ['with a stream', 60, 300, { isStreaming: true, isRecovering: false }, 270_000],
  ['recovering, without a stream', 60, 300, { isStreaming: false, isRecovering: true }, 15_000],
  ['recovering, short interval', 8, 300, { isStreaming: false, isRecovering: true }, 5_000],
  ['recovering, shorter still', 2, 300, { isStreaming: false, isRecovering: true }, 2_000],
  ['recovering, with a stream', 60, 300, { isStreaming: true, isRecovering: true }, 60_000],
  ['recovering, frequent audits', 60, 20, { isStreaming: true, isRecovering: true }, 20_000],
]

for (const [what, refresh, audit, following, interval] of INTERVALS) {
  test(`the interval ${what}`, () => {
    assert.equal(paceOf(refresh, audit, 0.5).interval(following), interval)
  })
}

test('audits are spread over a fifth of their interval, and never later than it', () => {
  const following = { isStreaming: true, isRecovering: false }
  const intervals = [0, 0.5, 1].map((random) => paceOf(60, 300, random).interval(following))
  assert.deepEqual(intervals, [300_000, 270_000, 240_000])
})

test('a fetch that is wanted comes at any moment of the interval', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => paceOf(60, 300, random).soon()),
    [0, 30_000, 60_000],
  )
})

test('fetches that events want are half an audit apart, the first one is not', () => {
  const pace = paceOf(60, 300, 0.5)
  assert.deepEqual(
    [Number.POSITIVE_INFINITY, 0, 20_000, 120_000, 150_000].map((since) => pace.wanted(since)),
    [30_000, 150_000, 130_000, 30_000, 30_000],
  )
})

test('a new leader is asked within two seconds, not by all at once', () => {
  assert.deepEqual(
    [0, 0.5].map((random) => paceOf(60, 300, random).election()),
    [0, 1_000],
  )
})

test('a doubted loss is looked at again within 10 seconds, or the interval', () => {
  assert.deepEqual(
    [0, 1].flatMap((random) => [paceOf(60, 300, random).doubt(), paceOf(4, 300, random).doubt()]),
    [5_000, 2_000, 10_000, 4_000],
  )
})
