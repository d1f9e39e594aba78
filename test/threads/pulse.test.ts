import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pulse } from '../../src/threads/pulse.ts'

test('a thread that answers is pinged in every round', () => {
  const pulse = new Pulse(2)
  for (let i = 0; i < 10; i++) {
    assert.equal(pulse.round(), 'ping')
    pulse.answered()
  }
})

test('one that does not is given up after so many rounds, and is not pinged meanwhile', () => {
  const pulse = new Pulse(3)
  const rounds = Array.from({ length: 5 }, () => pulse.round())
  assert.deepEqual(rounds, ['ping', 'wait', 'wait', 'wait', 'hung'])
})

test('one that answers late starts anew', () => {
  const pulse = new Pulse(1)
  assert.deepEqual([pulse.round(), pulse.round()], ['ping', 'wait'])
  pulse.answered()
  assert.deepEqual([pulse.round(), pulse.round(), pulse.round()], ['ping', 'wait', 'hung'])
})
