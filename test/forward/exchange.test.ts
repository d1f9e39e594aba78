import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { type Attempt, exchange, type Transport } from '../../src/forward/exchange.ts'
import { type Message, scanMessage } from '../../src/forward/message.ts'
import { query, replyTo } from './messages.ts'
import { SHORT_MS } from './setup.ts'

const ADDRESS = { host: '192.0.2.1', port: 53 }
const QUERY = scanMessage(query()) as Message
const LONG_MS = 20_000

/** A transport that sends nothing and does with the attempt what a test tells it to. */
function play(act: (attempt: Attempt) => void): { transport: Transport; closed: () => number } {
  let closed = 0
  const transport: Transport = (_address, attempt) => {
    act(attempt)
    return () => {
      closed++
    }
  }
  return { transport, closed: () => closed }
}

function start(transport: Transport, signal = new AbortController().signal, timeoutMs = LONG_MS) {
  return exchange(QUERY, 0x1234, ADDRESS, transport, { timeoutMs, signal })
}

const endings: [what: string, act: (attempt: Attempt) => void, kind: string | undefined][] = [
  ['a reply at once', (attempt) => attempt.offer(replyTo(attempt.packet)), undefined],
  ['a failure at once', (attempt) => attempt.fail('network', 'ENETDOWN'), 'network'],
  [
    'a reply later',
    (attempt) => setImmediate(() => attempt.offer(replyTo(attempt.packet))),
    undefined,
  ],
  ['a failure later', (attempt) => setImmediate(() => attempt.fail('malformed', 'x')), 'malformed'],
]
for (const [what, act, kind] of endings) {
  test(`${what} closes the socket once and leaves no timer and no listener`, async () => {
    const { transport, closed } = play(act)
    const { signal } = new AbortController()
    const timers = timerCount()
    const outcome = await start(transport, signal)
    assert.equal(outcome.failure?.kind, kind)
    assert.equal(closed(), 1)
    assert.equal(getEventListeners(signal, 'abort').length, 0)
    assert.equal(timerCount(), timers)
  })
}

test('only the first outcome counts', async () => {
  const { transport, closed } = play((attempt) => {
    attempt.fail('network', 'first')
    attempt.fail('network', 'second')
    attempt.offer(replyTo(attempt.packet))
  })
  assert.deepEqual(await start(transport), { failure: { kind: 'network', detail: 'first' } })
  assert.equal(closed(), 1)
})

test('a transport that throws is a failure', async () => {
  const broken: Transport = () => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
  }
  assert.deepEqual(await start(broken), { failure: { kind: 'network', detail: 'EMFILE' } })
})

test('silence ends with the time-out', async () => {
  const { transport, closed } = play(() => {})
  const { failure } = await start(transport, undefined, SHORT_MS)
  assert.deepEqual(failure, { kind: 'timeout', detail: 'no reply in 0.08 s' })
  assert.equal(closed(), 1)
})

test('an abort ends it', async () => {
  const { transport, closed } = play(() => {})
  const controller = new AbortController()
  const waiting = start(transport, controller.signal)
  controller.abort()
  assert.equal((await waiting).failure?.kind, 'aborted')
  assert.equal(closed(), 1)
})

test('after an abort nothing is opened', async () => {
  const { transport } = play(() => assert.fail('opened'))
  assert.equal((await start(transport, AbortSignal.abort())).failure?.kind, 'aborted')
})

test('the packet is a copy with the id it was given', async () => {
  const seen: Buffer[] = []
  const { transport } = play((attempt) => {
    seen.push(attempt.packet)
    attempt.fail('network', 'x')
  })
  const before = Buffer.from(QUERY.bytes)
  await start(transport)
  assert.equal(seen[0]?.readUInt16BE(0), 0x1234)
  assert.deepEqual(seen[0]?.subarray(2), before.subarray(2))
  assert.deepEqual(QUERY.bytes, before)
})

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
