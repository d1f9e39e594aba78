import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ZookeeperError } from '../../../src/mesos/detect/zookeeper/errors.ts'
import { JuteReader, JuteWriter } from '../../../src/mesos/detect/zookeeper/jute.ts'

const isMalformed = (error: unknown) =>
  error instanceof ZookeeperError && error.failure === 'malformed'

/** What a writer wrote, without the frame's length. */
function body(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter()
  write(writer)
  return writer.frame().subarray(4)
}

test('values have the bytes that jute gives them', () => {
  const table: [string, (writer: JuteWriter) => void][] = [
    ['00000000', (w) => w.int(0)],
    ['ffffffff', (w) => w.int(-1)],
    ['7fffffff', (w) => w.int(0x7fffffff)],
    ['00000000000000ff', (w) => w.long(255n)],
    ['fffffffffffffffe', (w) => w.long(-2n)],
    ['01', (w) => w.boolean(true)],
    ['00', (w) => w.boolean(false)],
    ['00000000', (w) => w.buffer(Buffer.alloc(0))],
    ['00000002cafe', (w) => w.buffer(Buffer.from('cafe', 'hex'))],
    ['000000022f61', (w) => w.string('/a')],
    ['00000002c3a4', (w) => w.string('ä')],
    ['0000000200000001610000000162', (w) => w.strings(['a', 'b'])],
  ]
  for (const [hex, write] of table) assert.equal(body(write).toString('hex'), hex)
})

test('a frame is what was written behind its length', () => {
  assert.equal(new JuteWriter().int(1).boolean(true).frame().toString('hex'), '000000050000000101')
  assert.equal(new JuteWriter().frame().toString('hex'), '00000000')
})

test('null reads as empty', () => {
  const reader = () => new JuteReader(Buffer.from('ffffffff', 'hex'))
  assert.equal(reader().buffer().length, 0)
  assert.equal(reader().string(), '')
  assert.deepEqual(reader().strings(), [])
})

test('what is malformed is refused', () => {
  const table: [string, (reader: JuteReader) => unknown][] = [
    ['', (r) => r.int()],
    ['000000', (r) => r.int()],
    ['00000000000000', (r) => r.long()],
    ['', (r) => r.boolean()],
    ['0000000361', (r) => r.buffer()],
    ['fffffffe', (r) => r.buffer()],
    ['7fffffff', (r) => r.string()],
    ['80000000', (r) => r.strings()],
    ['7fffffff', (r) => r.strings()],
    ['000000020000000161', (r) => r.strings()],
  ]
  for (const [hex, read] of table) {
    assert.throws(() => read(new JuteReader(Buffer.from(hex, 'hex'))), isMalformed, hex)
  }
})

type Value =
  | { readonly int: number }
  | { readonly long: bigint }
  | { readonly boolean: boolean }
  | { readonly buffer: Uint8Array }
  | { readonly string: string }
  | { readonly strings: string[] }

const text = fc.string({ unit: 'binary' })
const values: fc.Arbitrary<Value[]> = fc.array(
  fc.oneof(
    fc.record(
      { int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
      { noNullPrototype: true },
    ),
    fc.record(
      { long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
      { noNullPrototype: true },
    ),
    fc.record({ boolean: fc.boolean() }, { noNullPrototype: true }),
    fc.record({ buffer: fc.uint8Array() }, { noNullPrototype: true }),
    fc.record({ string: text }, { noNullPrototype: true }),
    fc.record({ strings: fc.array(text) }, { noNullPrototype: true }),
  ),
)

function write(writer: JuteWriter, value: Value): JuteWriter {
  if ('int' in value) return writer.int(value.int)
  if ('long' in value) return writer.long(value.long)
  if ('boolean' in value) return writer.boolean(value.boolean)
  if ('buffer' in value) return writer.buffer(value.buffer)
  if ('string' in value) return writer.string(value.string)
  return writer.strings(value.strings)
}

function readLike(reader: JuteReader, value: Value): Value {
  if ('int' in value) return { int: reader.int() }
  if ('long' in value) return { long: reader.long() }
  if ('boolean' in value) return { boolean: reader.boolean() }
  if ('buffer' in value) return { buffer: Uint8Array.from(reader.buffer()) }
  if ('string' in value) return { string: reader.string() }
  return { strings: reader.strings() }
}

test('whatever is written reads the same', () => {
  fc.assert(
    fc.property(values, (list) => {
      const bytes = body((writer) => {
        for (const value of list) write(writer, value)
      })
      const reader = new JuteReader(bytes)
      assert.deepEqual(
        list.map((value) => readLike(reader, value)),
        list,
      )
      assert.equal(reader.remaining, 0)
    }),
  )
})

test('a message cut short is malformed, wherever it is cut', () => {
  fc.assert(
    fc.property(values, fc.nat(), (list, where) => {
      const bytes = body((writer) => {
        for (const value of list) write(writer, value)
      })
      fc.pre(bytes.length > 0)
      const reader = new JuteReader(bytes.subarray(0, where % bytes.length))
      assert.throws(() => {
        for (const value of list) readLike(reader, value)
      }, isMalformed)
    }),
  )
})

test('random bytes give values or are malformed, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), values, (bytes, list) => {
      const reader = new JuteReader(Buffer.from(bytes))
      try {
        for (const value of list) readLike(reader, value)
      } catch (error) {
        assert.ok(isMalformed(error), String(error))
      }
      assert.ok(reader.remaining >= 0)
    }),
  )
})
