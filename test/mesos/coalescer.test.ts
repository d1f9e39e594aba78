import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Coalescer } from '../../src/mesos/coalescer.ts'

const settle = () => new Promise(setImmediate)

/** On mocked timers; runs last as long as the test says. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let time = 0
  const begun: number[] = []
  const ends: (() => void)[] = []
  const errors: unknown[] = []
  const coalescer = new Coalescer({
    run: () => {
      begun.push(time)
      return new Promise<void>((resolve) => ends.push(resolve))
    },
    onError: (error) => errors.push(error),
    now: () => time,
  })
  const pass = async (ms: number) => {
    time += ms
    t.mock.timers.tick(ms)
    await settle()
  }
  const end = () => {
    ends.shift()?.()
    return settle()
  }
  return { coalescer, begun, errors, pass, end }
}

test('the first offer runs at once, in the same turn', (t) => {
  const { coalescer, begun } = setUp(t)
  void coalescer.offer()
  assert.deepEqual(begun, [0])
})

test('offers within 20 ms of the beginning of a run share the next one', async (t) => {
  const { coalescer, begun, pass, end } = setUp(t)
  void coalescer.offer()
  await end()
  await pass(5)
  void coalescer.offer()
  await pass(10)
  void coalescer.offer()
  assert.deepEqual(begun, [0])
  await pass(5)
  assert.deepEqual(begun, [0, 20])
  await end()
  await pass(1_000)
  assert.deepEqual(begun, [0, 20])
  void coalescer.offer()
  assert.deepEqual(begun, [0, 20, 1_020], 'after a pause the first one is not delayed')
})

test('never runs twice at once, and takes no more than half of the time', async (t) => {
  const { coalescer, begun, pass, end } = setUp(t)
  void coalescer.offer()
  await pass(10)
  void coalescer.offer()
  await pass(490)
  assert.deepEqual(begun, [0])
  await end()
  await pass(499)
  assert.deepEqual(begun, [0])
  await pass(1)
  assert.deepEqual(begun, [0, 1_000])
})

test('an offer resolves when a run that began after it has ended', async (t) => {
  const { coalescer, pass, end } = setUp(t)
  const settled: string[] = []
  void coalescer.offer().then(() => settled.push('first'))
  void coalescer.offer().then(() => settled.push('second'))
  await settle()
  assert.deepEqual(settled, [])
  await end()
  assert.deepEqual(settled, ['first'])
  await pass(20)
  await end()
  assert.deepEqual(settled, ['first', 'second'])
})

test('a run that throws is reported, and the next offer runs', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const errors: unknown[] = []
  let runs = 0
  let time = 0
  const coalescer = new Coalescer({
    run: () => {
      if (++runs === 1) throw new TypeError('broke')
    },
    onError: (error) => errors.push(error),
    now: () => time,
  })
  await coalescer.offer()
  assert.deepEqual(errors.map(String), ['TypeError: broke'])
  time = 20
  await coalescer.offer()
  assert.equal(runs, 2)
})

test('after the end nothing runs, and nobody waits', async (t) => {
  const { coalescer, begun, pass, end } = setUp(t)
  void coalescer.offer()
  await end()
  const waiting = coalescer.offer()
  coalescer.stop()
  await waiting
  await coalescer.offer()
  await pass(1_000)
  assert.deepEqual(begun, [0])
})
