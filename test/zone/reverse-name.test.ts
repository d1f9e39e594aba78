import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesToIp, ipToBytes } from '../../src/net/address.ts'
import { reverseName } from '../../src/records/reverse.ts'
import { wireToName } from '../../src/zone/owner-name.ts'
import { isEveryones, MAX_REVERSE_OCTETS, writeReverseName } from '../../src/zone/reverse-name.ts'

test('reverse names in wire form are those of the presentation format', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  fc.assert(
    fc.property(octets, (address) => {
      const name = new Uint8Array(MAX_REVERSE_OCTETS)
      const length = writeReverseName(name, Buffer.from([9, ...address]), 1, address.length)
      assert.equal(name[length - 1], 0)
      const text = bytesToIp(address)
      // IPv4 in IPv6 has an IPv4 name there.
      if (ipToBytes(text)?.length !== address.length) return
      assert.equal(wireToName(name), reverseName(text))
    }),
  )
})

for (const [address, isOne] of [
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['0.0.0.0', true],
  ['0.0.0.1', false],
  ['10.0.0.1', false],
  ['::', true],
  ['::1', true],
  ['::2', false],
  ['fd00::1', false],
] as const) {
  test(`${address} ${isOne ? 'is' : 'is not'} an address that everybody has`, () => {
    const octets = ipToBytes(address) ?? assert.fail('no address')
    assert.equal(isEveryones(octets, 0, octets.length), isOne)
  })
}
