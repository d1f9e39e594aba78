import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { successionOf } from '../../../src/mesos/detect/zookeeper/election.ts'

const order = (children: readonly string[]) => successionOf(children).map(({ znode }) => znode)

test('masters lead in the order of their numbers, JSON before protobuf', () => {
  const table: [string, string[], string[]][] = [
    ['nobody', [], []],
    [
      'unordered',
      ['json.info_3', 'json.info_1', 'json.info_2'],
      ['json.info_1', 'json.info_2', 'json.info_3'],
    ],
    ['by number, not by text', ['json.info_10', 'json.info_9'], ['json.info_9', 'json.info_10']],
    [
      'as zookeeper pads them',
      ['json.info_0000000012', 'log_replicas', 'json.info_0000000003'],
      ['json.info_0000000003', 'json.info_0000000012'],
    ],
    [
      'only old ones',
      ['info_0000000007', 'info_0000000002'],
      ['info_0000000002', 'info_0000000007'],
    ],
    [
      'an upgrade under way',
      ['info_0000000001', 'json.info_0000000005', 'info_0000000002', 'json.info_0000000004'],
      ['json.info_0000000004', 'json.info_0000000005', 'info_0000000001', 'info_0000000002'],
    ],
    [
      'strangers',
      [
        'log_replicas',
        'json.info_',
        'json.info_x',
        'json.info_-1',
        'json.info_1a',
        'xjson.info_1',
        'info_ 1',
        'info_1e3',
        'json_info_1',
        `json.info_${'9'.repeat(40)}`,
      ],
      [],
    ],
  ]
  for (const [name, children, expected] of table) assert.deepEqual(order(children), expected, name)
})

test('the order of the list does not matter', () => {
  const names = ['json.info_1', 'json.info_2', 'json.info_30', 'info_4', 'info_0', 'log_replicas']
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (shuffled) => {
      assert.deepEqual(order(shuffled), order(names))
    }),
  )
})
