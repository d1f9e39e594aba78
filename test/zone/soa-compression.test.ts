import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseConfig } from '../../src/config/index.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { negativeSoa } from '../../src/zone/soa.ts'
import { compressSoa, wholeSoa } from '../../src/zone/soa-compression.ts'

const FIXED = 12
const NUMBERS = 20

function recordOf(soaMname: string, soaRname: string): Uint8Array {
  const { config } = parseConfig('{"masters": ["127.0.0.1:5050"]}')
  return negativeSoa({ ...config, soaMname, soaRname }, 1)
}

function wire(name: string): Uint8Array {
  return ownerToWire(name) ?? assert.fail(name)
}

/** Names in a compressed record, with where their pointers lead: `^` for the owner, else the place. */
function shortNames(mname: string, rname: string, domain: string): string {
  const soa = compressSoa(recordOf(mname, rname), wire(domain))
  const { record, mnamePointerAt, rnamePointerAt, rnameTarget } = soa
  const names: string[] = []
  for (let at = FIXED; at < record.length - NUMBERS; ) {
    const labels: string[] = []
    for (; ; at += 1 + (record[at] ?? 0)) {
      if (at === mnamePointerAt || at === rnamePointerAt) {
        labels.push(at === rnamePointerAt && rnameTarget !== 0 ? `@${rnameTarget}` : '^')
        at += 2
        break
      }
      if (record[at] === 0) {
        labels.push('')
        at++
        break
      }
      labels.push(Buffer.from(record.subarray(at + 1, at + 1 + (record[at] ?? 0))).toString())
    }
    names.push(labels.join('.'))
  }
  assert.equal(Buffer.from(record).readUInt16BE(10), record.length - FIXED)
  assert.deepEqual(record.slice(-NUMBERS), recordOf(mname, rname).slice(-NUMBERS))
  return names.join(' ')
}

describe('the SOA of negative answers', () => {
  const cases: readonly (readonly [mname: string, rname: string, domain: string, short: string])[] =
    [
      ['ns1.mesos.', 'root.ns1.mesos.', 'mesos.', 'ns1.^ root.@12'],
      ['ns1.mesos.', 'root.mesos.', 'mesos.', 'ns1.^ root.^'],
      ['mesos.', 'mesos.', 'mesos.', '^ ^'],
      ['ns1.mesos.', 'ns1.mesos.', 'mesos.', 'ns1.^ @12'],
      ['a.b.mesos.', 'root.b.mesos.', 'mesos.', 'a.b.^ root.@14'],
      ['ns.example.', 'root.mesos.', 'mesos.', 'ns.example. root.^'],
      ['ns.example.', 'root.example.', 'mesos.', 'ns.example. root.@15'],
      ['ns.other.', 'root.example.', 'mesos.', 'ns.other. root.example.'],
      ['ns.xmesos.', 'root.emesos.', 'mesos.', 'ns.xmesos. root.emesos.'],
      ['ns1.a.mesos.', 'root.mesos.', 'a.mesos.', 'ns1.^ root.mesos.'],
    ]
  for (const [mname, rname, domain, short] of cases) {
    test(`${mname} ${rname} under ${domain}: ${short}`, () => {
      assert.equal(shortNames(mname, rname, domain), short)
    })
  }

  test('a record that is not two names and five numbers stays as it is', () => {
    for (const record of [
      Uint8Array.of(0, 0, 0, 6),
      recordOf('ns.mesos.', 'root.mesos.').slice(0, -1),
    ]) {
      assert.deepEqual(compressSoa(record, wire('mesos.')), wholeSoa(record))
    }
  })
})
