import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatHostPort } from '../../src/net/address.ts'
import { parsePid } from '../../src/state/pid.ts'
import { sharedPath } from '../shared.ts'

const CASES: readonly (readonly [text: string, address: string | undefined])[] = [
  ['slave(1)@10.0.0.1:5051', '10.0.0.1:5051'],
  ['  "slave(1)@10.0.0.1:5051" ', '10.0.0.1:5051'],
  ['slave(1)@[2001:db8::1]:5051', '[2001:db8::1]:5051'],
  ['slave(1)@[2001:DB8:0::1]:5051', '[2001:db8::1]:5051'],
  ['slave(1)@agent-1.example:5051', 'agent-1.example:5051'],
  ['@10.0.0.1:5051', '10.0.0.1:5051'],
  ['slave(1)@10.0.0.1:0', '10.0.0.1:0'],
  ['', undefined],
  ['@', undefined],
  ['10.0.0.1:5051', undefined],
  ['slave(1)@10.0.0.1', undefined],
  ['slave(1)@10.0.0.1:', undefined],
  ['slave(1)@10.0.0.1:70000', undefined],
  ['slave(1)@10.0.0.1:http', undefined],
  ['slave(1)@2001:db8::1:5051', undefined],
  ['slave@1@10.0.0.1:5051', undefined],
  ['slave(1)@two words:5051', undefined],
]

for (const [text, address] of CASES) {
  test(`pid ${JSON.stringify(text)} is ${address ?? 'no address'}`, () => {
    const pid = parsePid(text)
    assert.equal(pid && formatHostPort(pid), address)
  })
}

test('pids of the reference are read as there', (t) => {
  const path = sharedPath('mesos-dns/zones.json')
  if (path === undefined) return t.skip('no reference beside this checkout')
  const { rows } = JSON.parse(readFileSync(path, 'utf8')).pids
  assert.ok(rows.length > 0)
  for (const row of rows) {
    assert.deepEqual(parsePid(row.in), { host: row.host, port: Number(row.port) }, row.in)
  }
})
