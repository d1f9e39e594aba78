import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RecordType } from '../../src/records/record-set.ts'
import { rdataToWire } from '../../src/zone/rdata.ts'

const hex = (octets: Uint8Array | undefined) => octets && Buffer.from(octets).toString('hex')

describe('rdata', () => {
  const cases: readonly [RecordType, string, string | undefined][] = [
    ['A', '10.0.0.1', '0a000001'],
    ['A', 'fd00::1', undefined],
    ['A', 'agent-1', undefined],
    ['AAAA', 'fd00::1', 'fd000000000000000000000000000001'],
    ['AAAA', '10.0.0.1', undefined],
    ['SRV', '1 2 31000 a.mesos.', `000100027918${'0161056d65736f7300'}`],
    ['SRV', '0 1 70000 a.mesos.', `000000011170${'0161056d65736f7300'}`],
    ['SRV', '0 1 -5 a.mesos.', `00000001fffb${'0161056d65736f7300'}`],
    ['SRV', '0 0 0 .', '00000000000000'],
    ['SRV', '0 1 80 no dot', undefined],
    ['SRV', `0 1 80 ${'a'.repeat(64)}.mesos.`, undefined],
    ['PTR', 'A.mesos.', '0161056d65736f7300'],
    ['CNAME', 'a.mesos.', '0161056d65736f7300'],
    ['TXT', 'hi', '026869'],
    ['TXT', '', '00'],
    ['TXT', 'ü', '02c3bc'],
  ]
  for (const [type, text, want] of cases) {
    test(`${type} ${text.slice(0, 30)}`, () => assert.equal(hex(rdataToWire(type, text)), want))
  }

  test('TXT longer than a character-string', () => {
    const wire = rdataToWire('TXT', 'x'.repeat(600)) ?? new Uint8Array()
    assert.deepEqual([wire.length, wire[0], wire[256], wire[512]], [603, 255, 255, 90])
  })
})
