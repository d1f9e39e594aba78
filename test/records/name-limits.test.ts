import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fitLabels, isNameTooLong, MAX_LABEL_OCTETS } from '../../src/records/name-limits.ts'

const x = (length: number) => 'x'.repeat(length)

test('names whose labels fit stay as they are', () => {
  for (const name of ['', '.', 'web', x(63), `a.${x(63)}.b`, '日'.repeat(21), 'a..b.', ' "\\']) {
    assert.equal(fitLabels(name), name)
  }
})

test('a longer label becomes 54 octets, a dash and eight characters of its hash', () => {
  const table: [name: string, fitted: RegExp][] = [
    [x(64), /^x{54}-[a-z0-9]{8}$/],
    [`_${x(63)}`, /^_x{53}-[a-z0-9]{8}$/],
    [`a.${x(64)}.b`, /^a\.x{54}-[a-z0-9]{8}\.b$/],
    ['日'.repeat(22), /^日{18}-[a-z0-9]{8}$/],
    [`a${'é'.repeat(32)}`, /^aé{26}-[a-z0-9]{8}$/],
    ['😀'.repeat(16), /^(?:😀){13}-[a-z0-9]{8}$/u],
  ]
  for (const [name, fitted] of table) assert.match(fitLabels(name), fitted)
  // The same in every release: clients remember these names.
  assert.equal(fitLabels(x(64)), `${x(54)}-zcz485u4`)
})

const label = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '-', '_'), minLength: 50, maxLength: 90 }),
  fc.string({ unit: 'grapheme', minLength: 10, maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 80 }),
)

test('whatever the name, every label fits, and fitting again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(label), (labels) => {
      const name = labels.join('.')
      const fitted = fitLabels(name)
      const before = name.split('.')
      const after = fitted.split('.')
      assert.equal(after.length, before.length)
      after.forEach((part, i) => {
        assert.ok(Buffer.byteLength(part) <= MAX_LABEL_OCTETS)
        if (Buffer.byteLength(before[i] ?? '') <= MAX_LABEL_OCTETS) assert.equal(part, before[i])
      })
      assert.equal(fitLabels(fitted), fitted)
    }),
  )
})

test('different labels stay different', () => {
  const end = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 40 })
  fc.assert(
    fc.property(fc.uniqueArray(end, { minLength: 2, maxLength: 50 }), (ends) => {
      const fitted = new Set(ends.map((text) => fitLabels(`${x(60)}${text}`)))
      assert.equal(fitted.size, ends.length)
    }),
  )
})

test('a name may have 255 octets in wire form, one more than its text', () => {
  const name = (octets: number) => `${`${x(49)}.`.repeat(5)}${x(octets - 252)}.`
  assert.equal(name(255).length, 254)
  assert.equal(isNameTooLong(name(255)), false)
  assert.equal(isNameTooLong(name(256)), true)
  assert.equal(isNameTooLong(`${'日.'.repeat(63)}`), false)
  assert.equal(isNameTooLong(`${'日.'.repeat(64)}`), true)
})
