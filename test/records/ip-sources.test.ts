import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressSource } from '../../src/records/ip-sources.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import type { Task } from '../../src/state/model.ts'
import { status, task } from './cluster.ts'
import { SKIP, zones } from './mesos-dns.ts'

const DOCKER = 'Docker.NetworkSettings.IPAddress'
const MESOS = 'MesosContainerizer.NetworkSettings.IPAddress'
const AGENT = ['10.0.0.10', '2001:db8::10']

function label(key: string, value: string) {
  return { labels: [{ key, value }] }
}

/** A case: what the sources, blank separated, find for the task. */
type Case = [sources: string, task: Task, addresses: string[]]

function check(cases: readonly Case[]): void {
  for (const [sources, given, addresses] of cases) {
    assert.deepEqual(addressSource(sources.split(' '))(given, AGENT), addresses, sources)
  }
}

test('each source reads its own place', () => {
  const everywhere = task({
    labels: [{ key: 'ip', value: '172.16.0.4' }],
    statuses: [
      status({
        networkAddresses: ['172.16.0.1'],
        labels: [
          { key: DOCKER, value: '172.16.0.2' },
          { key: MESOS, value: '172.16.0.3' },
        ],
      }),
    ],
  })
  check([
    ['host', everywhere, AGENT],
    ['netinfo', everywhere, ['172.16.0.1']],
    ['docker', everywhere, ['172.16.0.2']],
    ['mesos', everywhere, ['172.16.0.3']],
    ['label:ip', everywhere, ['172.16.0.4']],
    ['autoip', everywhere, ['172.16.0.1']],
    ['rkt', everywhere, []],
    ['rkt mesos', everywhere, ['172.16.0.3']],
  ])
})

test('the first source with a valid address decides, with all it has', () => {
  const two = task({ statuses: [status({ networkAddresses: ['172.16.0.1', 'fd01:b::1:8000:2'] })] })
  const none = task({ statuses: [status({ networkAddresses: ['nonsense'] })] })
  check([
    ['netinfo host', two, ['172.16.0.1', 'fd01:b::1:8000:2']],
    ['host netinfo', two, AGENT],
    ['docker mesos netinfo', two, ['172.16.0.1', 'fd01:b::1:8000:2']],
    ['netinfo host', none, AGENT],
    ['netinfo', none, []],
  ])
})

test('only addresses pass, in one form each', () => {
  const given: [text: string, addresses: string[]][] = [
    ['10.1.2.3', ['10.1.2.3']],
    ['127.0.0.1', ['127.0.0.1']],
    ['0.0.0.0', ['0.0.0.0']],
    ['', []],
    ['10.1.2', []],
    ['10.1.2.3/24', []],
    ['010.1.2.3', []],
    ['10.1.2.256', []],
    [' 10.1.2.3', []],
    ['agent.example', []],
    ['2001:DB8:0:0:0:0:0:1', ['2001:db8::1']],
    ['::ffff:10.1.2.3', ['10.1.2.3']],
    ['fe80::1%eth0', []],
    ['[2001:db8::1]', []],
  ]
  for (const [text, addresses] of given) {
    check([
      ['netinfo', task({ statuses: [status({ networkAddresses: [text] })] }), addresses],
      ['docker', task({ statuses: [status(label(DOCKER, text))] }), addresses],
    ])
  }
})

test('the newest running status with addresses counts, whatever order they come in', () => {
  const at = (timestamp: number, ...networkAddresses: string[]) =>
    status({ timestamp, networkAddresses })
  check([
    ['netinfo', task({ statuses: [at(1, '10.1.0.1'), at(2, '10.1.0.2')] }), ['10.1.0.2']],
    ['netinfo', task({ statuses: [at(2, '10.1.0.2'), at(1, '10.1.0.1')] }), ['10.1.0.2']],
    ['netinfo', task({ statuses: [at(1, '10.1.0.1'), at(1, '10.1.0.2')] }), ['10.1.0.1']],
    ['netinfo', task({ statuses: [at(0, '10.1.0.1')] }), ['10.1.0.1']],
    // A health check's update carries no network.
    ['netinfo', task({ statuses: [at(1, '10.1.0.1'), at(2)] }), ['10.1.0.1']],
    ['netinfo', task({ statuses: [at(1, '10.1.0.1'), at(2, 'nonsense')] }), ['10.1.0.1']],
    ['netinfo', task({ statuses: [] }), []],
    [
      'netinfo',
      task({ statuses: [at(1, '10.1.0.1'), { ...at(2, '10.1.0.2'), state: 'TASK_STARTING' }] }),
      ['10.1.0.1'],
    ],
    [
      'docker',
      task({
        statuses: [status({ timestamp: 1, ...label(DOCKER, '10.1.0.1') }), at(2, '10.1.0.2')],
      }),
      ['10.1.0.1'],
    ],
  ])
})

test('autoip: the agent where a host port is mapped, else the own network, else the agent', () => {
  const bridge = { hasPortMappings: true }
  const own = { statuses: [status({ networkAddresses: ['172.16.0.1'] })] }
  check([
    ['autoip', task({ ...bridge, ...own }), AGENT],
    ['autoip', task(own), ['172.16.0.1']],
    ['autoip', task({ statuses: [status(label(DOCKER, '172.16.0.2'))] }), ['172.16.0.2']],
    ['autoip', task({ statuses: [status(label(MESOS, '172.16.0.3'))] }), ['172.16.0.3']],
    ['autoip', task(), AGENT],
  ])
  // An agent whose name could not be resolved is of no use.
  assert.deepEqual(addressSource(['autoip'])(task({ ...bridge, ...own }), []), ['172.16.0.1'])
})

test('label:<key>: the task, then its statuses; values may be lists', () => {
  const onTask = { labels: [{ key: 'vpc', value: '10.9.0.1, 2001:DB8::9,' }] }
  const onStatus = { statuses: [status(label('vpc', '10.9.0.2'))] }
  check([
    ['label:vpc', task({ ...onTask, ...onStatus }), ['10.9.0.1', '2001:db8::9']],
    ['label:vpc', task(onStatus), ['10.9.0.2']],
    ['label:vpc', task({ ...label('vpc', 'unset'), ...onStatus }), ['10.9.0.2']],
    ['label:VPC', task(onTask), []],
    ['label:a:b', task(label('a:b', '10.9.0.3')), ['10.9.0.3']],
    [
      'label:n',
      task({
        labels: [
          { key: 'n', value: '10.9.0.4' },
          { key: 'n', value: '10.9.0.5' },
        ],
      }),
      ['10.9.0.4', '10.9.0.5'],
    ],
  ])
})

test('addresses are those of Mesos-DNS', (t) => {
  const rows = zones()?.taskIPs.rows
  if (rows === undefined) return t.skip(SKIP)
  for (const { task: raw, slaveIPs = [], sources, want } of rows) {
    const given = { id: 't', name: 't', slave_id: 's', state: 'TASK_RUNNING', ...raw }
    const decoded = decodeState(
      {
        leader: 'master@10.0.0.1:5050',
        slaves: [],
        frameworks: [{ id: 'f', name: 'f', tasks: [given] }],
      },
      new Report(),
    )
    const [only] = decoded.frameworks[0]?.tasks ?? []
    assert.ok(only)
    assert.deepEqual(addressSource(sources)(only, slaveIPs), want, JSON.stringify(raw))
  }
})
