import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeServiceEnvironment } from '../../src/systemd/environment.ts'

const PID = 4711

test('what is taken is gone, what is not meant for us stays', () => {
  const env = {
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '60000000',
    WATCHDOG_PID: '4711',
    PATH: '/usr/bin',
  }
  assert.deepEqual(takeServiceEnvironment(env, PID), {
    socket: '/run/systemd/notify',
    watchdogMs: 30_000,
  })
  assert.deepEqual(env, { PATH: '/usr/bin' })
})

for (const env of [{}, { NOTIFY_SOCKET: '' }, { NOTIFY_SOCKET: undefined }]) {
  test(`${JSON.stringify(env)}: nobody wants to be told`, () => {
    assert.deepEqual(takeServiceEnvironment({ ...env }, PID), {
      socket: undefined,
      watchdogMs: undefined,
    })
  })
}

for (const [WATCHDOG_USEC, WATCHDOG_PID, expected] of [
  ['3000000', undefined, 1_500],
  ['3000000', '4711', 1_500],
  ['3000000', '4712', undefined],
  ['3000000', '', undefined],
  ['0', undefined, undefined],
  ['1999', undefined, undefined],
  ['2000', undefined, 1],
  ['-1', undefined, undefined],
  ['1e9', undefined, undefined],
  ['soon', undefined, undefined],
  ['', undefined, undefined],
  ['18446744073709551615', undefined, 2 ** 31 - 1],
] as const) {
  test(`WATCHDOG_USEC=${WATCHDOG_USEC} WATCHDOG_PID=${WATCHDOG_PID}`, () => {
    const env = { WATCHDOG_USEC, ...(WATCHDOG_PID === undefined ? {} : { WATCHDOG_PID }) }
    assert.equal(takeServiceEnvironment(env, PID).watchdogMs, expected)
  })
}
