import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { SupervisedThread } from '../../src/threads/supervised-thread.ts'
import { eventually } from '../eventually.ts'
import { type LogLine, recordingLog } from '../recording-log.ts'
import type { FixtureData, FixtureNews, FixtureOrder } from './fixture-thread.ts'

const ENTRY = new URL('./fixture-thread.ts', import.meta.url)
const GRACE_MS = 20_000
const NO_GRACE_MS = 1

interface Setup {
  readonly thread: SupervisedThread<FixtureOrder, FixtureNews>
  readonly lines: LogLine[]
  readonly said: string[]
  /** All threads so far, the newest last. */
  readonly workers: Worker[]
  readonly ends: () => number
}

/** `data` is for the first thread; `later` for its replacements. */
function setup(t: TestContext, data: FixtureData = {}, later: FixtureData = {}): Setup {
  const { log, lines } = recordingLog()
  const workers: Worker[] = []
  const said: string[] = []
  let ends = 0
  const thread = new SupervisedThread<FixtureOrder, FixtureNews>({
    name: 'fixture',
    log,
    patience: { starting: 1000, running: 2 },
    spawn: () => {
      const worker = new Worker(ENTRY, { workerData: workers.length === 0 ? data : later })
      workers.push(worker)
      return worker
    },
    onMessage: (news) => {
      if (news.kind === 'said') said.push(news.text)
    },
    onEnd: () => {
      ends++
    },
  })
  t.after(() => thread.stop(GRACE_MS))
  return { thread, lines, said, workers, ends: () => ends }
}

function echo(text: string) {
  return (id: number): FixtureOrder => ({ kind: 'echo', id, text })
}

function messages(lines: readonly LogLine[]): string[] {
  return lines.map(({ message }) => message)
}

describe('a supervised thread', { concurrency: 2 }, () => {
  test('that runs, or is being replaced, can be waited for', async (t) => {
    const { thread } = setup(t)
    await thread.start()
    assert.equal(await thread.whenRunning(GRACE_MS), true)
    thread.post({ kind: 'exit' })
    await eventually('it has ended', () => !thread.running)
    assert.equal(await thread.whenRunning(GRACE_MS), true)
    assert.equal(thread.running, true)
  })

  test('that takes too long, or is stopped, is not waited for', async (t) => {
    const { thread } = setup(t, {}, { start: 'never' })
    await thread.start()
    thread.post({ kind: 'exit' })
    await eventually('it has ended', () => !thread.running)
    assert.equal(await thread.whenRunning(1), false)
    const waiting = thread.whenRunning(GRACE_MS)
    await thread.stop(NO_GRACE_MS)
    assert.equal(await waiting, false)
    assert.equal(await thread.whenRunning(GRACE_MS), false)
  })

  test('starts, takes messages and requests, and stops', async (t) => {
    const { thread, said, lines, ends } = setup(t)
    await thread.start()
    assert.equal(thread.running, true)
    assert.equal(await thread.request(echo('hello')), 'hello')
    assert.deepEqual(said, ['hello'])
    thread.post({ kind: 'log', text: 'a' })
    await thread.stop(GRACE_MS)
    assert.deepEqual(messages(lines), ['line of a thread', 'last line of a thread'])
    assert.deepEqual([thread.running, thread.restarts, ends()], [false, 0, 1])
    await thread.stop(GRACE_MS)
  })

  test('passes on what a request failed with', async (t) => {
    const { thread } = setup(t)
    await thread.start()
    await assert.rejects(
      thread.request((id) => ({ kind: 'refuse', id })),
      { message: 'refused' },
    )
  })

  for (const [what, order, cause] of [
    ['throws', { kind: 'throw' }, 'thrown on order'],
    ['exits', { kind: 'exit' }, 'it ended with status 7'],
  ] as const) {
    test(`is replaced when it ${what}, and says why`, async (t) => {
      const { thread, lines, workers } = setup(t)
      await thread.start()
      thread.post(order)
      await eventually('it has been replaced', () => thread.restarts === 1 && thread.running)
      assert.equal(await thread.request(echo('again')), 'again')
      assert.equal(workers.length, 2)
      const [ended, replaced] = lines
      assert.deepEqual(
        [ended?.level, ended?.message, ended?.fields['thread'], ended?.fields['delayMs']],
        ['error', 'thread ended', 'fixture', 0],
      )
      const { err, reason } = (ended?.fields ?? {}) as {
        err?: { message: string }
        reason?: string
      }
      assert.equal(err?.message ?? reason, cause)
      assert.deepEqual([replaced?.level, replaced?.message], ['info', 'thread replaced'])
    })
  }

  test('is replaced when it is terminated', async (t) => {
    const { thread, workers, ends } = setup(t)
    await thread.start()
    await workers[0]?.terminate()
    await eventually('it has been replaced', () => thread.restarts === 1 && thread.running)
    assert.equal(ends(), 1)
  })

  test('is replaced when its user finds fault with it', async (t) => {
    const { thread, lines } = setup(t)
    await thread.start()
    thread.replace(new RangeError('what it sent cannot be read'))
    thread.replace(new RangeError('what it sent later, neither'))
    await eventually('it has been replaced', () => thread.restarts === 1 && thread.running)
    const { err } = (lines[0]?.fields ?? {}) as { err?: { message: string } }
    assert.equal(err?.message, 'what it sent cannot be read')
  })

  test('rejects what it was asked when it dies, and what it is asked until the next one', async (t) => {
    const { thread, workers } = setup(t)
    await thread.start()
    const pending = thread.request((id) => ({ kind: 'ignore', id }))
    void workers[0]?.terminate()
    await assert.rejects(pending, {
      code: 'MESOS_NS_THREAD',
      message: 'the fixture thread has ended and is being replaced; try again',
    })
    await assert.rejects(thread.request(echo('too early')), { code: 'MESOS_NS_THREAD' })
    await eventually('it has been replaced', () => thread.running)
    assert.equal(await thread.request(echo('now')), 'now')
  })

  test('is not given up when its replacements die young, but they come more slowly', async (t) => {
    const { thread, lines, workers } = setup(t, {}, { start: 'die young' })
    await thread.start()
    void workers[0]?.terminate()
    await eventually('three replacements have died', () => thread.restarts === 4)
    const delays = lines
      .filter(({ message }) => message === 'thread ended')
      .map(({ fields }) => fields['delayMs'])
    assert.deepEqual(delays, [0, 100, 200, 400])
  })

  test('stops while it waits to be replaced', async (t) => {
    const { thread, workers } = setup(t, {}, { start: 'die young' })
    await thread.start()
    void workers[0]?.terminate()
    await eventually('replacements die', () => thread.restarts === 3)
    await thread.stop(GRACE_MS)
    const count = workers.length
    assert.equal(thread.running, false)
    await new Promise((resolve) => setTimeout(resolve, 500))
    assert.equal(workers.length, count)
  })

  test('stops while its replacement starts', async (t) => {
    const { thread, workers, lines } = setup(t)
    await thread.start()
    void workers[0]?.terminate()
    await eventually('a replacement is on its way', () => workers.length === 2)
    await thread.stop(GRACE_MS)
    assert.deepEqual([workers.length, thread.running], [2, false])
    assert.deepEqual(
      messages(lines).filter((message) => message === 'thread did not stop in time and was ended'),
      [],
    )
  })

  test('stops while it starts, however long that would take', async (t) => {
    const { thread } = setup(t, { start: 'never' })
    const started = assert.rejects(thread.start(), { code: 'MESOS_NS_THREAD' })
    await thread.stop(NO_GRACE_MS)
    await started
  })

  test('that has handles left is ended after a grace time, with a line', async (t) => {
    const { thread, lines } = setup(t)
    await thread.start()
    thread.post({ kind: 'linger' })
    await thread.request(echo('arrived'))
    await thread.stop(NO_GRACE_MS)
    assert.ok(messages(lines).includes('thread did not stop in time and was ended'))
  })
})

describe('a thread that hangs', () => {
  test('is ended and replaced after some rounds without an answer', async (t) => {
    const { thread, lines } = setup(t)
    await thread.start()
    thread.post({ kind: 'hang' })
    for (let round = 0; round < 3; round++) thread.check()
    assert.deepEqual(messages(lines), [])
    thread.check()
    thread.check()
    await eventually('it has been replaced', () => thread.restarts === 1 && thread.running)
    assert.deepEqual(messages(lines), ['thread ended', 'thread replaced'])
    const { err } = (lines[0]?.fields ?? {}) as { err?: { message: string } }
    assert.equal(err?.message, 'it did not respond')
    assert.equal(await thread.request(echo('again')), 'again')
  })

  test('while it starts is ended, even if it answers', async (t) => {
    const { thread, workers, lines } = setup(t, { start: 'never' })
    const started = assert.rejects(thread.start(), { message: 'it did not respond' })
    const [worker] = workers
    assert.ok(worker)
    await once(worker, 'online')
    const pong = once(worker, 'message')
    thread.check()
    await pong
    for (let round = 0; round < 1001; round++) thread.check()
    await started
    assert.deepEqual([workers.length, lines], [1, []])
  })

  test('does not hold up the stop', async (t) => {
    const { thread } = setup(t)
    await thread.start()
    thread.post({ kind: 'hang' })
    await thread.stop(NO_GRACE_MS)
    assert.equal(thread.running, false)
  })

  test('is not one that is slow to answer', async (t) => {
    const { thread, lines } = setup(t)
    await thread.start()
    for (let round = 0; round < 20; round++) {
      thread.check()
      await thread.request(echo('busy'))
    }
    assert.deepEqual([thread.restarts, lines], [0, []])
  })
})

describe('a thread that cannot be started', () => {
  test('rejects with its error, and is not tried again', async (t) => {
    const { thread, workers, lines } = setup(t, { start: 'fail' })
    await assert.rejects(thread.start(), {
      name: 'TypeError',
      message: 'cannot begin',
      code: 'E_BEGIN',
    })
    await thread.stop(GRACE_MS)
    assert.deepEqual([workers.length, thread.restarts, lines], [1, 0, []])
  })

  test('rejects also if it was not even loaded', async (t) => {
    const { thread } = setup(t, { start: 'throw' })
    await assert.rejects(thread.start(), { message: 'thrown while it was loaded' })
  })

  test('rejects also if the system gives none', async () => {
    const { log } = recordingLog()
    const thread = new SupervisedThread<FixtureOrder, FixtureNews>({
      name: 'none',
      log,
      patience: { starting: 1, running: 1 },
      spawn: () => {
        throw new Error('ERR_WORKER_INIT_FAILED')
      },
      onMessage: () => {},
    })
    await assert.rejects(thread.start(), { message: 'ERR_WORKER_INIT_FAILED' })
    await thread.stop(GRACE_MS)
  })
})
