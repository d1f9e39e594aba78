import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { parsePortRanges, readPortResources } from '../../src/state/ports.ts'
import { sharedPath } from '../shared.ts'

const CASES: readonly (readonly [text: string, ports: number[], odd?: string])[] = [
  ['[31000-31002, 31010-31010]', [31000, 31001, 31002, 31010]],
  ['[31010-31010,31000-31001]', [31010, 31000, 31001]],
  ['[31000]', [31000]],
  ['31000', [31000]],
  ['31000-31001', [31000, 31001]],
  [' [ 31000 - 31001 ] ', [31000, 31001]],
  ['[31000-31000', [31000]],
  ['[0-0]', [0]],
  ['[31001-31000]', []],
  ['[]', []],
  ['', []],
  ['  ', []],
  ['[http]', [], 'range "http"'],
  ['[-1-5]', [], 'range "-1-5"'],
  ['[31000-]', [], 'range "31000-"'],
  ['[31000-31001-31002]', [], 'range "31000-31001-31002"'],
  ['[1,,2]', [1, 2], 'range ""'],
  ['[65535-65537]', [65535], 'range 65535-65537'],
  ['[31000-9999999999]', [], 'range "31000-9999999999"'],
]

for (const [text, ports, odd] of CASES) {
  test(`ports ${JSON.stringify(text)}`, () => {
    const list = parsePortRanges(text)
    assert.deepEqual([...list.ports], ports)
    assert.equal(list.odd, odd)
  })
}

test('ranges written the way Mesos does are read back', () => {
  const range = fc.tuple(fc.integer({ min: 1, max: 60000 }), fc.integer({ min: 0, max: 5 }))
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), (ranges) => {
      const text = `[${ranges.map(([first, more]) => `${first}-${first + more}`).join(', ')}]`
      const resource = ranges.map(([first, more]) => ({ begin: first, end: first + more }))
      const expected = ranges.flatMap(([first, more]) =>
        Array.from({ length: more + 1 }, (_, i) => first + i),
      )
      assert.deepEqual([...parsePortRanges(text).ports], expected)
      const v1 = readPortResources([{ name: 'ports', ranges: { range: resource } }])
      assert.deepEqual([...v1.ports], expected)
    }),
  )
})

test('ports of several v1 resources add up: reserved and unreserved ones are listed apart', () => {
  const ports = (begin: number, end: number, role: string) => ({
    name: 'ports',
    type: 'RANGES',
    ranges: { range: [{ begin, end }] },
    allocation_info: { role },
  })
  const cpus = { name: 'cpus', type: 'SCALAR', scalar: { value: 1 } }
  const list = readPortResources([ports(1, 2, 'a'), cpus, ports(8, 8, 'b')])
  assert.deepEqual([...list.ports], [1, 2, 8])
  assert.equal(list.odd, undefined)
})

test('ports of the reference are read as there', (t) => {
  const path = sharedPath('mesos-dns/zones.json')
  if (path === undefined) return t.skip('no reference beside this checkout')
  const { rows } = JSON.parse(readFileSync(path, 'utf8')).ports
  assert.ok(rows.length > 0)
  for (const row of rows) assert.deepEqual(parsePortRanges(row.in).ports.map(String), row.want)
})
