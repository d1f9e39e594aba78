import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  bytesToIp,
  canonicalIp,
  formatHostPort,
  ipToBytes,
  isIp,
  parseHostPort,
} from '../../src/net/address.ts'

describe('parseHostPort', () => {
  const cases: readonly [string, number | undefined, string | undefined][] = [
    ['10.0.0.1:5050', undefined, '10.0.0.1:5050'],
    ['master.example:5050', undefined, 'master.example:5050'],
    ['[2001:DB8::0:1]:53', undefined, '[2001:db8::1]:53'],
    ['10.0.0.1', 53, '10.0.0.1:53'],
    ['2001:db8::1', 53, '[2001:db8::1]:53'],
    ['[::1]', 53, '[::1]:53'],
    ['[::ffff:10.0.0.1]:53', undefined, '10.0.0.1:53'],
    ['10.0.0.1', undefined, undefined],
    ['2001:db8::1', undefined, undefined],
    ['10.0.0.1:65536', 53, undefined],
    ['10.0.0.1:', 53, undefined],
    ['10.0.0.1:5a', 53, undefined],
    ['10.0.0.1:-1', 53, undefined],
    ['a:b:53', 53, undefined],
    ['[10.0.0.1]x', 53, undefined],
    ['[host]:53', 53, undefined],
    ['', 53, undefined],
    [':53', 53, undefined],
    ['with space:53', 53, undefined],
  ]
  for (const [text, port, want] of cases) {
    test(`${text} with default ${port}`, () => {
      const parsed = parseHostPort(text, port)
      assert.equal(parsed === undefined ? undefined : formatHostPort(parsed), want)
    })
  }
})

describe('canonicalIp (RFC 5952)', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    '10.0.0.1': '10.0.0.1',
    '2001:0DB8:0000:0000:0001:0000:0000:0001': '2001:db8::1:0:0:1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '::': '::',
    '::1': '::1',
    '1::': '1::',
    '0:0:0:1:0:0:0:0': '0:0:0:1::',
    '::ffff:10.0.0.1': '10.0.0.1',
    '::ffff:a00:1': '10.0.0.1',
    '::10.0.0.1': '::a00:1',
    'fe80::1%eth0': undefined,
    '010.0.0.1': undefined,
    '10.0.0.1/32': undefined,
    'not-an-ip': undefined,
    '': undefined,
  }
  for (const [text, want] of Object.entries(cases)) {
    test(text, () => {
      assert.equal(canonicalIp(text), want)
      assert.equal(isIp(text), want !== undefined)
    })
  }
})

test('octets to text and back', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc
      .array(fc.constantFrom(0, 0, 0, 1, 0xffff), { minLength: 8, maxLength: 8 })
      .map((words) => Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255]))),
  )
  fc.assert(
    fc.property(octets, (address) => {
      const text = bytesToIp(address)
      const back = ipToBytes(text) ?? new Uint8Array()
      const mapped = address.length === 16 && back.length === 4
      assert.deepEqual(back, mapped ? address.subarray(12) : address)
      assert.equal(canonicalIp(text), mapped ? bytesToIp(back) : text)
    }),
  )
})
