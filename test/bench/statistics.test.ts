import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { percentile, spread } from '../../bench/statistics.ts'

test('the median is the middle one, or the mean of the two in the middle', () => {
  assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 })
  assert.deepEqual(spread([10, 9, 1, 2]), { median: 5.5, min: 1, max: 10 })
  assert.deepEqual(spread([7]), { median: 7, min: 7, max: 7 })
})

test('figures are kept to four digits', () => {
  assert.deepEqual(spread([107086.286827]), { median: 107100, min: 107100, max: 107100 })
  assert.equal(spread([0.000123456]).median, 0.0001235)
})

test('nothing has no median and no percentile', () => {
  assert.throws(() => spread([]), RangeError)
  assert.throws(() => percentile([], 0.5), RangeError)
})

test('a percentile is the smallest value that so many are not above', () => {
  const values = Array.from({ length: 200 }, (_, n) => 200 - n)
  assert.deepEqual(
    [0, 0.005, 0.5, 0.99, 1].map((share) => percentile(values, share)),
    [1, 1, 100, 198, 200],
  )
  assert.equal(percentile([5], 0.99), 5)
})

test('the order of the rounds does not matter, and the median lies between the others', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1e6), { minLength: 1 }), (values) => {
      const figures = spread(values)
      assert.deepEqual(spread([...values].reverse()), figures)
      assert.ok(figures.min <= figures.median && figures.median <= figures.max)
    }),
  )
})
