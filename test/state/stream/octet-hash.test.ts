import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OctetHash } from '../../../src/state/stream/octet-hash.ts'

function hashOf(octets: Uint8Array, from = 0, to = octets.length, seeds = [1, 2] as const): string {
  const hash = new OctetHash(...seeds)
  hash.of(octets, from, to)
  return `${hash.low},${hash.high}`
}

test('the hash depends on the octets, not on where they are', () => {
  const text = Buffer.from('{"id":"web.1"}')
  for (let at = 0; at < 8; at++) {
    const octets = Buffer.concat([Buffer.alloc(at, 'x'), text, Buffer.from('yz')])
    assert.equal(hashOf(octets, at, at + text.length), hashOf(text))
  }
})

test('every octet, its place, the length and the seeds count', () => {
  const text = Buffer.from('{"id":"web.12"}')
  const seen = new Set([hashOf(text), hashOf(text, 0, text.length, [1, 3] as never)])
  for (let at = 0; at < text.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const other = Buffer.from(text)
      other[at] = (other[at] ?? 0) ^ (1 << bit)
      seen.add(hashOf(other))
    }
  }
  for (let length = 0; length < text.length; length++) seen.add(hashOf(text, 0, length))
  assert.equal(seen.size, 2 + text.length * 8 + text.length)
})

test('neither lane has more collisions than chance, on names that count up', () => {
  const hash = new OctetHash(1, 2)
  const low = new Set<number>()
  const high = new Set<number>()
  for (let i = 0; i < 50_000; i++) {
    const octets = Buffer.from(`{"id":"app.${i}","slave_id":"S${i % 97}"}`)
    hash.of(octets, 0, octets.length)
    low.add(hash.low)
    high.add(hash.high)
  }
  // Of 50,000 random 32-bit numbers, 0.3 pairs are equal.
  for (const lane of [low, high]) assert.ok(lane.size > 49_990, String(lane.size))
})
