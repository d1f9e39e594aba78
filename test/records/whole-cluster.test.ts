// One small cluster with all of its records, and what had to be said about it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateRecords } from '../../src/records/generate.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { endpoint, input, present, table } from './cluster.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'records')
const read = (name: string) => readFileSync(join(FIXTURES, name), 'utf8')

test('a small cluster', () => {
  const report = new Report()
  const given = input(decodeState(JSON.parse(read('cluster.json')), report), {
    report,
    masters: ['192.0.2.10:5050', '192.0.2.11:5050', 'master3.example:5050'].map(endpoint),
    hosts: new Map([
      ['master3.example', ['192.0.2.12', '2001:db8:1::12']],
      ['agent2.example', ['192.0.2.22']],
    ]),
    listenerAddresses: ['192.0.2.53'],
    config: {
      reverseDnsOn: true,
      staticRecords: [
        { name: 'www.mesos.', type: 'CNAME', ttl: 300, rdata: 'cart-shop.marathon.mesos.' },
        { name: 'slave.mesos.', type: 'TXT', ttl: undefined, rdata: 'the agents' },
      ],
    },
  })
  assert.deepEqual(present(generateRecords(given)), table(read('cluster.zone')))
  assert.deepEqual(
    report.problems.map(({ kind, object }) => `${kind} ${object}`),
    [
      'name-reserved leader.mesos.',
      'label-shortened a-task-with-a-name-that-is-longer-than-anybody-should-have-made.leader.mesos.',
    ],
  )
})
