import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Digest } from '../../src/zone/digest.ts'

/** The digest of pieces; each starts at a word, and what follows it is `padding`. */
function digestOf(pieces: readonly Uint8Array[], padding = 0): string {
  const digest = new Digest()
  for (const piece of pieces) digest.count(1, ...wordsOf(piece, padding))
  return digest.toString()
}

function wordsOf(piece: Uint8Array, padding: number): [Uint32Array, number, number] {
  const octets = new Uint8Array(piece.length + 8 - (piece.length % 4)).fill(padding)
  octets.set(piece, 4)
  return [new Uint32Array(octets.buffer), 1, piece.length]
}

test('of one piece of whole blocks is its MurmurHash3 (x86, 128 bits)', () => {
  assert.equal(digestOf([]), '0'.repeat(32))
  assert.equal(digestOf([new Uint8Array(0)]), '0'.repeat(32))
  assert.equal(digestOf([Buffer.from('0123456789abcdef')]), 'fb7d440936aed30a48ad1d9b572b3bfd')
})

const pieces = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 8 })

test('does not depend on the order, nor on what follows a piece', () => {
  fc.assert(
    fc.property(pieces, (given) => {
      assert.equal(digestOf([...given].reverse(), 0xff), digestOf(given))
    }),
  )
})

test('what was added can be taken away', () => {
  fc.assert(
    fc.property(pieces, fc.uint8Array({ maxLength: 70 }), (given, other) => {
      const digest = new Digest()
      digest.count(1, ...wordsOf(other, 0))
      for (const piece of given) digest.count(1, ...wordsOf(piece, 0))
      digest.count(-1, ...wordsOf(other, 9))
      assert.equal(digest.toString(), digestOf(given))
    }),
  )
})

test('tells different pieces apart, down to a bit and to a zero at the end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), fc.nat(), (piece, bit) => {
      const other = Uint8Array.from(piece)
      const at = (bit >> 3) % piece.length
      other[at] = (other[at] as number) ^ (1 << (bit & 7))
      assert.notEqual(digestOf([other]), digestOf([piece]))
      assert.notEqual(digestOf([Uint8Array.from([...piece, 0])]), digestOf([piece]))
    }),
  )
})
