import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { watchSilence } from '../../../src/mesos/stream/silence.ts'

function setUp(t: TestContext, limitMs = 100) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let time = 0
  const heard = { silences: 0 }
  const watch = watchSilence(
    limitMs,
    () => time,
    () => heard.silences++,
  )
  /** Time passes for the clock first: timers may be late. */
  const pass = (ms: number) => {
    time += ms
    t.mock.timers.tick(ms)
  }
  const turn = () => new Promise(setImmediate)
  return { watch, heard, pass, turn }
}

test('silence is when nothing has come for the time', async (t) => {
  const { heard, pass, turn } = setUp(t)
  pass(99)
  await turn()
  assert.equal(heard.silences, 0)
  pass(1)
  await turn()
  assert.equal(heard.silences, 1)
  pass(10_000)
  await turn()
  assert.equal(heard.silences, 1)
})

test('what is heard begins the time anew', async (t) => {
  const { watch, heard, pass, turn } = setUp(t)
  for (let i = 0; i < 10; i++) {
    pass(60)
    watch.heard()
    await turn()
  }
  assert.equal(heard.silences, 0)
  pass(100)
  await turn()
  assert.equal(heard.silences, 1)
})

test('what has arrived while the thread was busy is let in before it is called silence', async (t) => {
  const { watch, heard, pass, turn } = setUp(t)
  pass(5_000)
  watch.heard()
  await turn()
  assert.equal(heard.silences, 0)
  pass(100)
  await turn()
  assert.equal(heard.silences, 1)
})

test('after the end there is no silence', async (t) => {
  const { watch, heard, pass, turn } = setUp(t)
  pass(100)
  watch.stop()
  await turn()
  pass(10_000)
  await turn()
  assert.equal(heard.silences, 0)
})
