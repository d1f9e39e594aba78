import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ValueScanner } from '../../../src/state/stream/value-scanner.ts'

/** Where the value at the start of the text ends, given in pieces; a message if its brackets are wrong. */
function endOf(text: string, pieceLength: number): number | string | undefined {
  const octets = Buffer.from(text)
  const scanner = new ValueScanner()
  scanner.begin(octets[0] ?? 0)
  for (let at = 0; at < octets.length; at += pieceLength) {
    const piece = octets.subarray(at, at + pieceLength)
    const end = scanner.scan(piece, 0)
    if (scanner.failure !== undefined) return scanner.failure
    if (scanner.done) return at + end
    assert.equal(end, piece.length)
  }
  return undefined
}

const CASES: readonly (readonly [text: string, end: number | string | undefined])[] = [
  ['{}', 2],
  ['[] ', 2],
  ['{"a":[1,{"b":"]}"}]},', 20],
  ['"plain",', 7],
  [String.raw`"\"\\",`, 6],
  [String.raw`"\u0022",`, 8],
  [String.raw`["\\\""]]`, 8],
  ['"größe" ', 9],
  ['-1.5e3,', 6],
  ['true}', 4],
  ['1:', 1],
  ['12', undefined],
  ['"open', undefined],
  [String.raw`"\"`, undefined],
  ['[[]', undefined],
  ['[}', 'unexpected }'],
  ['{"a":[}]', 'unexpected }'],
  ['{"a":"}"]', 'unexpected ]'],
  [']', 'unexpected ]'],
]

for (const [text, end] of CASES) {
  test(`${text} ends at ${end}, however it is cut`, () => {
    for (let length = 1; length <= text.length + 1; length++) {
      assert.equal(endOf(text, length), end, `pieces of ${length}`)
    }
  })
}

test('nesting has a limit, so that brackets alone can not fill memory', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  assert.equal(endOf(nested(4096), 1000), 8192)
  assert.equal(endOf(nested(4097), 1000), 'nested deeper than 4096 levels')
})
