import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  addressAt,
  addressStart,
  familyAt,
  portAt,
  writeSockaddr,
} from '../../src/sockets/sockaddr.ts'

describe('socket addresses', () => {
  const cases = [
    { host: '127.0.0.1', port: 53, family: 4, hex: '0200 0035 7f000001 0000000000000000' },
    {
      host: '2001:db8::1',
      port: 65_535,
      family: 6,
      hex: '0a00 ffff 00000000 20010db8000000000000000000000001 00000000',
    },
    {
      host: 'fe80::1',
      scope: 258,
      port: 0,
      family: 6,
      hex: '0a00 0000 00000000 fe800000000000000000000000000001 02010000',
    },
  ] as const
  for (const { host, port, family, hex, ...rest } of cases) {
    test(`${host} port ${port}`, () => {
      const octets = new Uint8Array(64).fill(0xee)
      const expected = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      const scope = 'scope' in rest ? rest.scope : undefined
      assert.equal(writeSockaddr(octets, 8, host, port, scope), expected.length)
      assert.deepEqual(Buffer.from(octets.subarray(8, 8 + expected.length)), expected)
      assert.equal(octets[7], 0xee)
      assert.equal(octets[8 + expected.length], 0xee)
      assert.equal(familyAt(octets, 8), family)
      assert.equal(portAt(octets, 8), port)
      assert.equal(addressAt(octets, 8), host)
    })
  }

  test('an IPv4-mapped address counts as IPv4', () => {
    const octets = new Uint8Array(28)
    writeSockaddr(octets, 0, '2001:db8::1', 53)
    octets.set(Buffer.from('00000000000000000000ffffc0000201', 'hex'), 8)
    assert.equal(familyAt(octets, 0), 4)
    assert.equal(addressAt(octets, 0), '192.0.2.1')
    assert.equal(addressStart(octets, 0), 20)
  })

  test('what is no address has no form', () => {
    assert.equal(writeSockaddr(new Uint8Array(28), 0, 'example.com', 53), 0)
  })
})
