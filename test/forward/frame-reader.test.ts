import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FrameReader } from '../../src/forward/frame-reader.ts'
import { framed } from './hostile-upstream.ts'

function readAll(segments: Buffer[], minLength = 1): { messages: string[]; intact: boolean } {
  const reader = new FrameReader(minLength)
  const messages: string[] = []
  const intact = segments.every((segment) =>
    reader.read(segment, (message) => messages.push(message.toString('hex'))),
  )
  return { messages, intact }
}

const cases: [what: string, segments: string[], messages: string[]][] = [
  ['one message in one segment', ['0003aabbcc'], ['aabbcc']],
  ['a prefix in two segments', ['00', '03aabbcc'], ['aabbcc']],
  ['octet by octet', ['00', '03', 'aa', 'bb', 'cc'], ['aabbcc']],
  ['two messages in one segment', ['0001aa0002bbcc'], ['aa', 'bbcc']],
  ['a message and a half', ['0001aa0002bb', 'cc'], ['aa', 'bbcc']],
  ['a message that does not end', ['0004aabbcc'], []],
  ['a prefix alone', ['0001'], []],
]
for (const [what, segments, messages] of cases) {
  test(what, () => {
    const read = readAll(segments.map((segment) => Buffer.from(segment, 'hex')))
    assert.deepEqual(read, { messages, intact: true })
  })
}

test('a length below the least breaks the stream', () => {
  assert.deepEqual(readAll([Buffer.from('0003aabbcc', 'hex')], 4), { messages: [], intact: false })
  assert.deepEqual(readAll([Buffer.from('0000', 'hex')]), { messages: [], intact: false })
})

test('property: however the stream is cut, the messages are the same', () => {
  const message = fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((octets) => Buffer.from(octets))
  const messages = fc.array(message, { maxLength: 5 })
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 200 })), (list, cuts) => {
      let stream = Buffer.concat(list.map((each) => framed(each)))
      const segments: Buffer[] = []
      for (const cut of cuts) {
        segments.push(stream.subarray(0, cut))
        stream = stream.subarray(cut)
      }
      const expected = list.map((each) => each.toString('hex'))
      assert.deepEqual(readAll([...segments, stream]), { messages: expected, intact: true })
    }),
  )
})
