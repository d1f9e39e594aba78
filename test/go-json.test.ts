import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { goJson, goJsonChunks } from '../src/go-json.ts'

test('layout: prefix and indent of one space, nothing after the last bracket', () => {
  const value = { frameworks: [{ tasks: [{ name: 'a', records: null }], name: 'f' }], n: 1 }
  assert.equal(
    goJson(value),
    [
      '{',
      '  "frameworks": [',
      '   {',
      '    "tasks": [',
      '     {',
      '      "name": "a",',
      '      "records": null',
      '     }',
      '    ],',
      '    "name": "f"',
      '   }',
      '  ],',
      '  "n": 1',
      ' }',
    ].join('\n'),
  )
})

for (const [value, text] of [
  [null, 'null'],
  [true, 'true'],
  [false, 'false'],
  [0, '0'],
  [-1.5, '-1.5'],
  [4294967295, '4294967295'],
  ['', '""'],
  [[], '[]'],
  [{}, '{}'],
  [[[], {}], '[\n  [],\n  {}\n ]'],
  [{ a: {} }, '{\n  "a": {}\n }'],
] as const) {
  test(`value: ${JSON.stringify(value)}`, () => assert.equal(goJson(value), text))
}

for (const [string, text] of [
  ['<a href="x">&</a>', '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u003c/a\\u003e"'],
  ['back\\slash', '"back\\\\slash"'],
  ['\n\r\t', '"\\n\\r\\t"'],
  ['\b\f\u0000\u001f', '"\\u0008\\u000c\\u0000\\u001f"'],
  ['\u007f\u0080', '"\u007f\u0080"'],
  ['\u2027\u2028\u2029\u202a', '"\u2027\\u2028\\u2029\u202a"'],
  ['grüße 漢字 😀', '"grüße 漢字 😀"'],
  ['\ud83d!', '"\\ufffd!"'],
  ['!\ude00', '"!\\ufffd"'],
] as const) {
  test(`string: ${JSON.stringify(string)}`, () => assert.equal(goJson(string), text))
}

test('keys are escaped like other strings', () => {
  assert.equal(goJson({ '<k>': 1 }), '{\n  "\\u003ck\\u003e": 1\n }')
})

test('undefined members are left out, also when they are the only ones', () => {
  assert.equal(goJson({ a: undefined, b: 1 }), '{\n  "b": 1\n }')
  assert.equal(goJson({ a: undefined }), '{}')
})

for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY, 1n, Symbol('s'), () => 1]) {
  test(`no JSON form: ${String(value)}`, () => {
    assert.throws(() => goJson({ a: [value] }), TypeError)
  })
}

/** JSON.stringify has the same layout but for the prefix and the set of escapes. */
function viaStringify(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replaceAll('\n', '\n ')
    .replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\\[\\bf]/g, (c) => (c === '\\b' ? '\\u0008' : c === '\\f' ? '\\u000c' : c))
}

test('property: what Go writes is what JSON.stringify writes, prefixed and escaped further', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      assert.equal(goJson(value), viaStringify(value))
    }),
  )
})

test('pieces are bounded and make up the whole', () => {
  const value = Array.from({ length: 20_000 }, (_, i) => ({ name: `task-${i}.marathon.mesos.` }))
  const pieces = [...goJsonChunks(value)]
  assert.ok(pieces.length > 5)
  assert.ok(pieces.every((piece) => piece.length < 70_000))
  assert.equal(pieces.join(''), viaStringify(value))
})
