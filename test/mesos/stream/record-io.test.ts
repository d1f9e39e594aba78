import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RecordReader, type RecordReaderOptions } from '../../../src/mesos/stream/record-io.ts'

/** What a reader makes of pieces: the first record and where its pieces were cut, and the later ones. */
function read(pieces: readonly (Uint8Array | string)[], options: RecordReaderOptions = {}) {
  const first: string[] = []
  const records: string[] = []
  let ended = 0
  const text = (octets: Uint8Array) => Buffer.from(octets).toString('latin1')
  const reader = new RecordReader(
    {
      firstOctets: (octets) => void first.push(text(octets)),
      firstEnd: () => ended++,
      record: (octets) => void records.push(text(octets)),
    },
    options,
  )
  for (const piece of pieces) reader.push(Buffer.from(piece as string, 'latin1'))
  return { first, records, ended, complete: reader.complete }
}

test('the first record and those after it', () => {
  assert.deepEqual(read(['3\nabc2\nde0\n1\nf']), {
    first: ['abc'],
    records: ['de', '', 'f'],
    ended: 1,
    complete: true,
  })
})

test('a first record of no length ends at once', () => {
  assert.deepEqual(read(['0\n1\nx']), { first: [], records: ['x'], ended: 1, complete: true })
})

test('the first record is handed on as it comes', () => {
  const { first, ended, complete } = read(['6\nab', 'c', 'd'])
  assert.deepEqual([first, ended, complete], [['ab', 'c', 'd'], 0, false])
})

test('a stream is not complete within a length or a record', () => {
  const endings = ['', '3', '3\n', '3\nab', '3\nabc', '3\nabc1', '3\nabc1\n', '3\nabc1\nx']
  assert.deepEqual(
    endings.map((text) => read([text]).complete),
    [true, false, false, false, true, false, false, true],
  )
})

test('records of any octets, cut anywhere, are those that were framed', () => {
  const record = fc.uint8Array({ maxLength: 300 })
  const frames = fc.array(record, { minLength: 1, maxLength: 8 })
  const cuts = fc.array(fc.nat(), { maxLength: 20 })
  fc.assert(
    fc.property(frames, cuts, (records, at) => {
      const stream = Buffer.concat(
        records.flatMap((octets) => [Buffer.from(`${octets.length}\n`), octets]),
      )
      const places = [0, ...at.map((n) => n % (stream.length + 1)), stream.length].sort(
        (a, b) => a - b,
      )
      const pieces = places.slice(1).map((end, i) => stream.subarray(places[i], end))
      const got = read(pieces)
      const [first = '', ...rest] = records.map((octets) => Buffer.from(octets).toString('latin1'))
      assert.deepEqual([got.first.join(''), ...got.records], [first, ...rest])
      assert.equal(got.ended, 1)
      assert.equal(got.complete, true)
    }),
  )
})

test('the octets of a record do not change when those of the piece do', () => {
  const pieces = [Buffer.from('0\n5\nab'), Buffer.from('cd'), Buffer.from('e')]
  const records: string[] = []
  const reader = new RecordReader({
    firstOctets() {},
    firstEnd() {},
    record: (octets) => void records.push(Buffer.from(octets).toString()),
  })
  for (const piece of pieces) {
    reader.push(piece)
    piece.fill(0)
  }
  assert.deepEqual(records, ['abcde'])
})

const MALFORMED: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  ['a web page', '<html>', /a record's length has "<" after 0 digits/],
  ['JSON', '{"type":"SUBSCRIBED"}', /length has "\{" after 0 digits/],
  ['an empty line', '\n', /length has "\\n" after 0 digits/],
  ['a line of a carriage return', '3\r\nabc', /length has "\\r" after 1 digits/],
  ['a negative length', '-1\n', /length has "-" after 0 digits/],
  ['a length with a space', ' 3\nabc', /length has " " after 0 digits/],
  ['endless digits', '1'.repeat(1000), /length has "1" after 10 digits/],
  ['endless zeros', '0'.repeat(1000), /length has "0" after 10 digits/],
  ['a wrong length', '3\nabcd2\n', /length has "d" after 0 digits/],
  [
    'a first record beyond all measure',
    '9999999999\n',
    /9999999999 bytes is larger than 2147483648/,
  ],
  ['a record beyond all measure', '0\n16777217\n', /16777217 bytes is larger than 16777216/],
]

for (const [what, text, message] of MALFORMED) {
  test(`${what} is an error, in one piece or many`, () => {
    assert.throws(() => read([text]), { code: 'MESOS_NS_STREAM', message })
    assert.throws(() => read([...text]), { code: 'MESOS_NS_STREAM', message })
  })
}

test('a record of the largest size is taken, whatever a first one may be', () => {
  const options = { maxRecord: 4, maxFirst: 8 }
  assert.deepEqual(read(['8\n', '12345678', '4\nab', 'cd'], options).records, ['abcd'])
  assert.throws(() => read(['0\n5\n'], options), /5 bytes is larger than 4/)
  assert.throws(() => read(['9\n'], options), /9 bytes is larger than 8/)
})
