import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { shortHash, taskHash } from '../../src/records/hash.ts'
import { SKIP, zones } from './mesos-dns.ts'

/** z-base-32 bit by bit. */
function zbase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{5}/g) ?? []
  return groups.map((five) => 'ybndrfg8ejkmcpqxot1uwisza345h769'[Number.parseInt(five, 2)]).join('')
}

test('a task hash is the start of z-base-32 of the SHA-1 of the id', () => {
  // SHA-1('test') = a94a8fe5cc…
  assert.equal(taskHash('test'), 'iffe9')
  assert.equal(taskHash(''), '5eh48')
  assert.equal(taskHash('ünï'), zbase32(createHash('sha1').update('ünï').digest()).slice(0, 5))
})

test('every length up to eight is a prefix of the whole', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 8 }), (text, length) => {
      const whole = zbase32(createHash('sha1').update(text).digest())
      assert.equal(shortHash(text, length), whole.slice(0, length))
    }),
  )
})

test('hashes are those of Mesos-DNS', (t) => {
  const rows = zones()?.hash.rows
  if (rows === undefined) return t.skip(SKIP)
  for (const row of rows) assert.equal(taskHash(row.in), row.want)
})
