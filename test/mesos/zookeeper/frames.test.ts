import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ZookeeperError } from '../../../src/mesos/detect/zookeeper/errors.ts'
import { FrameDecoder, MAX_FRAME_LENGTH } from '../../../src/mesos/detect/zookeeper/frames.ts'

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}

function drain(decoder: FrameDecoder): string[] {
  const frames: string[] = []
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
    frames.push(frame.toString('hex'))
  }
  return frames
}

test('messages come out whole, however the stream is split', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), fc.array(fc.nat()), (bodies, cuts) => {
      const stream = Buffer.concat(bodies.map(framed))
      const edges = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length]
      edges.sort((a, b) => a - b)
      const decoder = new FrameDecoder()
      const out = edges.flatMap((edge, i) => {
        decoder.push(stream.subarray(edges[i - 1] ?? 0, edge))
        return drain(decoder)
      })
      assert.deepEqual(
        out,
        bodies.map((body) => Buffer.from(body).toString('hex')),
      )
    }),
  )
})

test('byte by byte works too', () => {
  const decoder = new FrameDecoder()
  const out: string[] = []
  for (const octet of Buffer.concat([framed(Buffer.from('abc')), framed(Buffer.from(''))])) {
    decoder.push(Buffer.of(octet))
    out.push(...drain(decoder))
  }
  assert.deepEqual(out, ['616263', ''])
})

test('a length out of bounds is refused at once', () => {
  for (const hex of ['ffffffff', '80000000', '48545450', '00400001']) {
    const decoder = new FrameDecoder()
    decoder.push(Buffer.from(hex, 'hex'))
    assert.throws(
      () => decoder.next(),
      (error) => error instanceof ZookeeperError && error.failure === 'malformed',
      hex,
    )
  }
})

test('the largest message is taken', () => {
  const decoder = new FrameDecoder()
  decoder.push(framed(new Uint8Array(MAX_FRAME_LENGTH)))
  assert.equal(decoder.next()?.length, MAX_FRAME_LENGTH)
  assert.equal(decoder.next(), undefined)
})

test('a message in pieces is gathered in one buffer of its length', () => {
  const body = Buffer.alloc(100_000, 'x')
  const stream = framed(body)
  const decoder = new FrameDecoder()
  for (let i = 0; i < stream.length - 1; i++) {
    decoder.push(stream.subarray(i, i + 1))
    assert.equal(decoder.next(), undefined)
  }
  decoder.push(stream.subarray(-1))
  const frame = decoder.next()
  assert.deepEqual(frame, body)
  assert.equal(frame?.buffer.byteLength, body.length)
})
