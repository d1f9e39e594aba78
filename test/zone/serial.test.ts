import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isNewer, nextSerial } from '../../src/zone/serial.ts'

const MAX = 2 ** 32 - 1
const serial = fc.integer({ min: 0, max: MAX })

describe('serial arithmetic (RFC 1982)', () => {
  test('examples of RFC 1982 §5.2, in 32 bits', () => {
    assert.ok(isNewer(1, 0))
    assert.ok(isNewer(0, MAX))
    assert.ok(isNewer(100, MAX))
    assert.ok(!isNewer(MAX, 0))
    assert.ok(!isNewer(7, 7))
    assert.ok(isNewer(2 ** 31 - 1, 0))
  })

  test('of two that differ by less than half the circle, one is newer', () => {
    fc.assert(
      fc.property(serial, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (a, ahead) => {
        const b = (a + ahead) % 2 ** 32
        assert.ok(isNewer(b, a))
        assert.ok(!isNewer(a, b))
      }),
    )
  })
})

describe('nextSerial', () => {
  test('the time, in whole seconds', () =>
    assert.equal(nextSerial(undefined, 1_700_000_000.9), 1_700_000_000))
  test('one more within the same second', () =>
    assert.equal(nextSerial(1_700_000_000, 1_700_000_000), 1_700_000_001))
  test('one more when the clock went back', () =>
    assert.equal(nextSerial(1_700_000_000, 1_600_000_000), 1_700_000_001))
  test('past the end of the circle', () => assert.equal(nextSerial(MAX, MAX), 0))
  test('is always newer', () => {
    fc.assert(
      fc.property(serial, fc.double({ min: 0, max: 4e9, noNaN: true }), (previous, now) => {
        assert.ok(isNewer(nextSerial(previous, now), previous))
      }),
    )
  })
})
