import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStateDecoder } from '../../../src/state/stream/state-decoder.ts'
import { StringPool } from '../../../src/state/stream/string-pool.ts'
import { decodeAndKeep } from './decoding.ts'

const task = (id: string, label: string) => ({
  id,
  name: 'web',
  slave_id: 'S0',
  state: 'TASK_RUNNING',
  resources: { ports: '[31000-31001]' },
  labels: [
    { key: 'tier', value: 'front' },
    { key: 'colour', value: label },
  ],
  statuses: [
    {
      state: 'TASK_RUNNING',
      timestamp: 1,
      container_status: { network_infos: [{ ip_addresses: [{ ip_address: '10.1.0.1' }] }] },
    },
  ],
})

test('equal lists of different tasks are one', () => {
  const tasks = [task('a.1', 'blue'), task('a.2', 'blue'), task('a.3', 'green')]
  const { state } = decodeAndKeep({ frameworks: [{ id: 'A', tasks }] }, createStateDecoder())
  const [first, second, third] = state.frameworks[0]?.tasks ?? []
  assert.ok(first !== undefined && second !== undefined && third !== undefined)
  assert.equal(first.labels, second.labels)
  assert.equal(first.ports, third.ports)
  assert.equal(first.statuses[0]?.networkAddresses, third.statuses[0]?.networkAddresses)
  assert.deepEqual(third.labels[1], { key: 'colour', value: 'green' })
})

function pooled(strings: StringPool, text: string, hash: number): string {
  const octets = Buffer.from(`"${text}"`)
  return strings.get(octets, 1, octets.length - 1, hash)
}

test('strings with the same hash are not confused', () => {
  const strings = new StringPool()
  const long = 'x'.repeat(1000)
  for (const text of ['front', 'fresh', 'front', '', 'fronts', long, 'front']) {
    assert.equal(pooled(strings, text, 7), text)
  }
})
