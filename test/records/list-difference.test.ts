import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { listDifference } from '../../src/records/list-difference.ts'

/** Items that differ by identity, as the letters they are. */
const ITEMS = new Map(Array.from('abcdefghijklmnopqrstuvwxyz', (letter) => [letter, { letter }]))
const list = (letters: string) => Array.from(letters, (letter) => ITEMS.get(letter) as Item)
const sorted = (...lists: (readonly Item[])[]) =>
  lists
    .flat()
    .map(({ letter }) => letter)
    .sort()
    .join('')

interface Item {
  readonly letter: string
}

test('only what differs', () => {
  const cases: [before: string, after: string, gone: string, came: string][] = [
    ['', '', '', ''],
    ['abc', 'abc', '', ''],
    ['abc', 'cab', '', ''],
    ['abc', 'axc', 'b', 'x'],
    ['abc', 'ac', 'b', ''],
    ['ac', 'abc', '', 'b'],
    ['aaa', 'a', 'aa', ''],
    ['abcd', 'dbca', '', ''],
    ['abcd', 'dxca', 'b', 'x'],
    ['bcdefghijklmn', 'abcdefghijklm', 'n', 'a'],
    ['abcdefghijklmnopqrstuvwxyz', 'zyxwvutsrqponmlkjihgfedcba', '', ''],
    ['abcdefghijklmnopqrstuvwxyz', 'az', 'bcdefghijklmnopqrstuvwxy', ''],
  ]
  for (const [before, after, gone, came] of cases) {
    const difference = listDifference(list(before), list(after))
    assert.equal(sorted(difference.gone), gone, `${before} → ${after}`)
    assert.equal(sorted(difference.came), came, `${before} → ${after}`)
  }
})

test('before without what is gone and with what came is after, and nothing is in both without need', () => {
  const letters = fc.array(fc.constantFrom(...ITEMS.keys()), { maxLength: 60 })
  const pairs = fc.oneof(
    fc.tuple(letters, letters),
    fc.tuple(letters, fc.integer(), letters).map(([some, at, more]) => {
      return [some, [...some.slice(0, at), ...more, ...some.slice(at + 1)]] as const
    }),
  )
  fc.assert(
    fc.property(pairs, ([some, others]) => {
      const before = list(some.join(''))
      const after = list(others.join(''))
      const { gone, came } = listDifference(before, after)
      assert.equal(sorted(before, came), sorted(after, gone))
      const both = gone.filter((item) => came.includes(item))
      assert.ok(both.every((item) => before.indexOf(item) !== before.lastIndexOf(item)))
    }),
    { numRuns: 1000 },
  )
})
