import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonFault, lineAndColumn, plain, readJson } from '../../src/config/json.ts'

/** `line:column: message; fix`, or nothing if the text is JSON. */
function fault(text: string): string {
  try {
    readJson(text)
    return ''
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    const { line, column } = lineAndColumn(text, error.offset)
    return `${line}:${column}: ${error.message}; ${error.fix}`
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('whatever JSON.stringify writes is read back as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), null, indent)
      assert.equal(JSON.stringify(plain(readJson(text))), JSON.stringify(JSON.parse(text)))
    }),
  )
})

test('exactly those texts are JSON that JSON.parse takes', () => {
  const piece = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '\\',
      '\\u00e9',
      'u12',
      '0',
      '01',
      '-',
      '1.5',
      '.',
    ],
    ...[
      '1e5',
      'e',
      'true',
      'null',
      'nul',
      'TRUE',
      ' ',
      '\n',
      '\t',
      '\r',
      '\u0000',
      '\u00a0',
      '//x',
    ],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('')
      assert.equal(fault(text) === '', isJson(text), JSON.stringify(text))
    }),
    { numRuns: 3000 },
  )
})

test('members keep their order, and all of them', () => {
  const node = readJson('{"b": 1, "a": 2, "b": 3}')
  assert.equal(node.kind, 'object')
  assert.deepEqual(node.kind === 'object' && node.members.map(({ key }) => key), ['b', 'a', 'b'])
})

test('a byte order mark is passed over', () => {
  assert.deepEqual(plain(readJson('\ufeff[1]')), [1])
})

test('an object’s keys are only keys', () => {
  const object = plain(readJson('{"__proto__": {"polluted": 1}}'))
  assert.deepEqual(Object.keys(object as object), ['__proto__'])
  assert.equal('polluted' in (object as object), false)
})

const FAULTS: readonly (readonly [text: string, fault: string])[] = [
  ['', '1:1: expected a value, but the text ends; write the rest of it'],
  ['{"a": 1,\n}', '1:8: a comma stands before "}"; remove the comma'],
  ['[1,\n 2,\n]', '2:3: a comma stands before "]"; remove the comma'],
  [
    '{\n "a": 1\n "b": 2\n}',
    '3:2: expected "," or "}", found "\\""; check for a missing comma before it',
  ],
  ['{"a" 1}', '1:6: expected ":" after a key, found "1"; put a colon there'],
  ['{a: 1}', '1:2: expected a key, found "a"; write keys in double quotes'],
  ["{'a': 1}", '1:2: expected a key, found "\'"; write keys in double quotes'],
  ['{"a": [1, 2}', '1:12: expected "," or "]", found "}"; check for a missing comma before it'],
  ['{\n "a": {"b": 1\n', '2:7: this "{" is never closed; add the missing "}"'],
  ['[1', '1:1: this "[" is never closed; add the missing "]"'],
  ['{"a": "x\n}', '1:7: this string is never closed; add the missing double quote'],
  ['{"a": "x', '1:7: this string is never closed; add the missing double quote'],
  [
    '"a\tb"',
    '1:3: a control character stands in a string, found "\\t"; write it as an escape, \\t',
  ],
  ['"C:\\dir"', '1:4: this is no JSON escape; write a backslash itself as two, \\\\'],
  ['"\\u12"', '1:2: this is no JSON escape; write a backslash itself as two, \\\\'],
  [
    '{"a": True}',
    '1:7: expected a value, found "T"; put text in double quotes; true, false and null are lower case',
  ],
  [
    '{"a": ?}',
    '1:7: expected a value, found "?"; write a string in double quotes, a number, true, false, a list or an object',
  ],
  ['{} x', '1:4: something follows the end of the JSON value, found "x"; remove it'],
  ['{ // the masters\n}', '1:3: JSON has no comments; remove the comment'],
  ['{"a": 1 /* one */}', '1:9: JSON has no comments; remove the comment'],
  ['01', '1:2: something follows the end of the JSON value, found "1"; remove it'],
  ['['.repeat(100), '1:66: is nested too deeply; use at most 64 levels'],
]

for (const [text, expected] of FAULTS) {
  test(`fault in ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.equal(fault(text), expected)
  })
}
