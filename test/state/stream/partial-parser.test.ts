import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GAVE_UP, PartialParser } from '../../../src/state/stream/partial-parser.ts'
import { StringPool } from '../../../src/state/stream/string-pool.ts'
import type { Wanted } from '../../../src/state/stream/wanted.ts'
import { choices, spell } from './spelling.ts'

function parse(text: string, wanted: Wanted): { value: unknown; end: number } {
  const parser = new PartialParser(wanted, new StringPool())
  const value = parser.parse(Buffer.from(text), 0)
  return { value, end: parser.end }
}

const WANTED: Wanted = {
  members: {
    id: 'unique',
    name: 'value',
    check: 'presence',
    list: { elements: { members: { a: 'value' } } },
  },
}
const NOTHING = { id: undefined, name: undefined, check: undefined, list: undefined }

const CASES: readonly (readonly [text: string, value: object])[] = [
  ['{}', {}],
  ['{"other":1}', {}],
  ['{"id":"x","more":{"id":"}"},"name":7}', { id: 'x', name: 7 }],
  ['{"name":{"deep":[1,{"a":null}]}}', { name: { deep: [1, { a: null }] } }],
  ['{"check":{"port":1}}', { check: {} }],
  ['{"check":"text"}', { check: 'text' }],
  ['{"list":[]}', { list: [] }],
  ['{"list":[{"a":1,"b":2},{},"x"]}', { list: [{ a: 1 }, { a: undefined }, 'x'] }],
  ['{"list":{"a":1}}', { list: { a: 1 } }],
  ['{"name":"größe \\u00e4\\n"}', { name: 'größe ä\n' }],
  [' {}'.trim().replace('{}', '{ \n"id" :\t"x" , "name" : true }'), { id: 'x', name: true }],
  ['{"name":"first","name":"last"}', { name: 'last' }],
]

for (const [text, value] of CASES) {
  test(`of ${text} what is wanted`, () => {
    assert.deepEqual(parse(`${text},`, WANTED), {
      value: { ...NOTHING, ...value },
      end: Buffer.byteLength(text),
    })
  })
}

const ODD = [
  '{"id":"x"',
  '{"id":"x",}',
  '{"id" "x"}',
  '{,"id":"x"}',
  '{"i\\u0064":"x"}',
  '{"name":tru}',
  '{"name":"a\tb"}',
  '{"other":}',
  '{"list":[1,]}',
  '{"list":[1',
  '{"name":1',
]

for (const text of ODD) {
  test(`gives up on ${JSON.stringify(text)}`, () => {
    assert.equal(parse(text, WANTED).value, GAVE_UP)
  })
}

test('wrong numbers and escapes are syntax errors', () => {
  for (const text of ['01', '1.', '-', '1..2', '1e', '.5', '00.5', '"\\x"']) {
    assert.throws(() => parse(`{"name":${text}}`, WANTED), SyntaxError, text)
  }
})

test('numbers are those of JSON.parse', () => {
  const numbers = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map(String),
    fc.tuple(fc.nat(), fc.nat(999_999)).map(([whole, part]) => `${whole}.${part}`),
    fc.constantFrom('-0', '0.000001', '999999999999999', '9999999999999999', '1795457239.927'),
  )
  fc.assert(
    fc.property(numbers, (number) => {
      assert.deepStrictEqual(parse(`[${number}]`, { elements: 'value' }).value, [
        JSON.parse(number),
      ])
    }),
    { numRuns: 2000 },
  )
})

test('any value is that of JSON.parse, however it is written', () => {
  const strings = fc.string({ unit: 'binary' })
  const values = fc.oneof(fc.jsonValue(), strings, fc.array(strings))
  fc.assert(
    fc.property(values, choices, (value, spelling) => {
      const text = `[${spell(value, spelling)}]`
      assert.deepStrictEqual(parse(text, { elements: 'value' }).value, JSON.parse(text))
    }),
  )
})
