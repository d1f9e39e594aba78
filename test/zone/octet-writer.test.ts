import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ipToBytes } from '../../src/net/address.ts'
import { OctetWriter } from '../../src/zone/octet-writer.ts'

/** What is written for an address, or undefined; nothing may be written then. */
function written(text: string, size: 4 | 16): number[] | undefined {
  const out = new OctetWriter()
  out.u16(0xabcd)
  const isWritten = out.address(text, size)
  assert.equal(out.length, isWritten ? 2 + size : 2)
  return isWritten ? Array.from(out.octets.subarray(2, out.length)) : undefined
}

/** The same by the general parser, which knows IPv4 in IPv6 as well. */
function expected(text: string, size: 4 | 16): number[] | undefined {
  if (size === 4 && text.includes(':')) return undefined
  const octets = ipToBytes(text)
  return octets?.length === size ? Array.from(octets) : undefined
}

describe('addresses are written as the general parser reads them', () => {
  const texts = [
    '10.0.0.1',
    '255.255.255.255',
    '256.0.0.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '::',
    '::1',
    '1::',
    'fd00::1',
    'FD00::AbCd',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2:3:4::5:6:7:8',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '1::2::3',
    ':1',
    '1:',
    ':::',
    '1:::2',
    '12345::',
    'g::',
    '::1.2.3.4',
    '64:ff9b::192.0.2.33',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::ffff:1.2.3.4',
    '::ffff:0:0',
    '::1.2.3.256',
    '::1.2.3',
    '1.2.3.4::',
    'fe80::1%eth0',
    '',
    ' ',
  ]
  for (const text of texts) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(written(text, 4), expected(text, 4))
      assert.deepEqual(written(text, 16), expected(text, 16))
    })
  }

  test('any text made of their characters', () => {
    const text = fc.oneof(
      fc.ipV6(),
      fc.ipV4(),
      fc.string({ unit: fc.constantFrom('0', '1', 'f', '25', ':', '::', '.'), maxLength: 12 }),
    )
    fc.assert(
      fc.property(text, (given) => {
        assert.deepEqual(written(given, 4), expected(given, 4))
        assert.deepEqual(written(given, 16), expected(given, 16))
      }),
      { numRuns: 2000 },
    )
  })
})

test('what was written stays as it grows, and is word-aligned where asked', () => {
  const out = new OctetWriter()
  const rows: number[] = []
  for (let i = 0; i < 100_000; i++) {
    rows.push(out.skipWords(1))
    out.words[rows.at(-1) as number] = i
    out.bytes(Uint8Array.from({ length: i % 40 }, () => i))
  }
  assert.ok(rows.every((row, i) => out.words[row] === i))
  assert.ok(rows.every((row, i) => i % 40 === 0 || out.octets[(row + 1) * 4] === (i & 0xff)))
  const { octets } = out
  assert.ok(octets.length > 1 << 20)
  for (let use = 0; use < 100; use++) {
    if (use < 3) assert.equal(out.octets, octets)
    out.clear()
    assert.equal(out.length, 0)
    out.u16(use)
  }
  // Memory that is not needed any more goes in time.
  assert.ok(out.octets.length < 1 << 20)
})
