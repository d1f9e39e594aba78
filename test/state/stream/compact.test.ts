import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Report } from '../../../src/report.ts'
import { decodeTask, STATE_TASK } from '../../../src/state/decode-task.ts'
import { readPortResources } from '../../../src/state/ports.ts'
import { Compactor } from '../../../src/state/stream/compact.ts'
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

const resources = (...ranges: readonly (readonly [number, number])[]) => [
  { name: 'ports', ranges: { range: ranges.map(([begin, end]) => ({ begin, end })) } },
]

test('equal ports of v1 resources are one list, long and odd ones are not kept', () => {
  const { portResources } = new Compactor()
  const first = portResources(resources([31000, 31001]))
  assert.deepEqual(first, { ports: [31000, 31001], odd: undefined })
  assert.equal(portResources(resources([31000, 31000], [31001, 31001])), first)
  assert.deepEqual(portResources(resources([1, 2])).ports, [1, 2])
  for (const ranges of [resources([1, 40]), resources([65_535, 65_536])]) {
    assert.notEqual(portResources(ranges), portResources(ranges))
    assert.deepEqual({ ...portResources(ranges) }, { ...readPortResources(ranges) })
  }
})

test('what is remembered to be shared has a bound', () => {
  const compactor = new Compactor({ poolStrings: true })
  const { ports } = compactor.portResources(resources([1, 1]))
  for (let port = 2; port < 40_000; port++) {
    compactor.portResources(resources([port, port]))
    compactor.text(`text ${port}`)
  }
  const again = compactor.portResources(resources([1, 1])).ports
  assert.deepEqual(again, ports)
  assert.notEqual(again, ports)
})

test('tasks say the same whether their strings are pooled or not', () => {
  const decoded = decodeTask(
    { ...task('a.1', 'blue'), discovery: { name: 'x', ports: { ports: [{ number: 1 }] } } },
    'A',
    STATE_TASK,
    new Report(),
  )
  assert.ok(decoded !== undefined)
  for (const poolStrings of [false, true]) {
    const compactor = new Compactor({ poolStrings })
    for (let round = 0; round < 2; round++) assert.deepEqual(compactor.task(decoded), decoded)
  }
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
