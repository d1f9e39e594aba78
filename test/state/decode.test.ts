import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { decodeV1State } from '../../src/state/decode-v1.ts'
import { StateFormatError } from '../../src/state/errors.ts'
import type { ClusterState } from '../../src/state/model.ts'
import { readFixture } from './fixture.ts'

const FULL: ClusterState = {
  leader: { host: '10.0.0.2', port: 5050 },
  agents: new Map([
    ['c-S0', { id: 'c-S0', pid: { host: '10.1.0.1', port: 5051 } }],
    ['c-S1', { id: 'c-S1', pid: { host: '2001:db8::1', port: 5051 } }],
    ['c-S2', { id: 'c-S2', pid: { host: 'a2.example', port: 5051 } }],
  ]),
  frameworks: [
    {
      id: 'c-0000',
      name: 'marathon',
      pid: { host: '10.2.0.1', port: 25501 },
      hostname: 'm1.example',
      tasks: [
        {
          id: 'web.1',
          name: 'web',
          agentId: 'c-S0',
          state: 'TASK_RUNNING',
          ports: [31000, 31001, 31005],
          discovery: {
            name: 'web',
            ports: [
              { protocol: 'tcp', number: 31000, name: 'http' },
              { protocol: 'udp,tcp', number: 31001, name: '' },
              { protocol: '', number: 70000, name: '' },
            ],
          },
          statuses: [
            {
              state: 'TASK_STARTING',
              timestamp: 1500000000.25,
              healthy: undefined,
              labels: [],
              networkAddresses: [],
            },
            {
              state: 'TASK_RUNNING',
              timestamp: 1500000001.5,
              healthy: false,
              labels: [{ key: 'Docker.NetworkSettings.IPAddress', value: '172.17.0.2' }],
              networkAddresses: ['9.0.1.2', 'fd01:b::5', 'not-an-ip'],
            },
          ],
          hasHealthCheck: true,
          hasPortMappings: true,
          labels: [
            { key: 'tier', value: 'front' },
            { key: 'flag', value: '' },
          ],
        },
        {
          id: 'old.1',
          name: 'old',
          agentId: 'c-S1',
          state: 'TASK_RUNNING',
          ports: [],
          discovery: undefined,
          statuses: [
            {
              state: 'TASK_RUNNING',
              timestamp: 1500000002,
              healthy: undefined,
              labels: [],
              networkAddresses: ['9.0.1.3'],
            },
          ],
          hasHealthCheck: false,
          hasPortMappings: true,
          labels: [],
        },
        {
          id: 'done.1',
          name: '',
          agentId: 'c-S1',
          state: 'TASK_FINISHED',
          ports: [],
          discovery: undefined,
          statuses: [],
          hasHealthCheck: false,
          hasPortMappings: false,
          labels: [],
        },
      ],
    },
    { id: 'c-0001', name: 'chronos', pid: undefined, hostname: 'c1.example', tasks: [] },
    { id: 'c-0002', name: 'marathon', pid: undefined, hostname: '', tasks: [] },
  ],
}

test('everything that becomes records is read from /state', () => {
  const report = new Report()
  assert.deepEqual(decodeState(readFixture('full'), report), FULL)
  assert.deepEqual(report.problems, [])
})

test('GET_STATE gives the same, but for the leader and the pids of schedulers', () => {
  const report = new Report()
  const frameworks = FULL.frameworks.map((framework) => ({ ...framework, pid: undefined }))
  assert.deepEqual(decodeV1State(readFixture('full.v1'), report), {
    ...FULL,
    leader: undefined,
    frameworks,
  })
  assert.deepEqual(report.problems, [])
})

test('the get_state of a SUBSCRIBED event decodes with and without its wrapping', () => {
  const { get_state } = readFixture('full.v1') as { get_state: unknown }
  for (const json of [get_state, { subscribed: { get_state } }]) {
    assert.equal(decodeV1State(json, new Report()).agents.size, 3)
  }
})

test('a state without anything is a state: a limited principal and a new leader get one', () => {
  const state = decodeState({ leader: 'master@10.0.0.1:5050' }, new Report())
  assert.deepEqual([state.agents.size, state.frameworks.length], [0, 0])
  const v1 = decodeV1State({ get_agents: {}, get_frameworks: {}, get_tasks: {} }, new Report())
  assert.deepEqual([v1.agents.size, v1.frameworks.length], [0, 0])
})

test('a document that is no state is refused with a stable code', () => {
  const lists = [
    { slaves: 'x' },
    { frameworks: {} },
    { get_agents: 'x' },
    { get_agents: [] },
    { get_frameworks: { frameworks: 1 } },
  ]
  const documents = [null, 'x', 1, true, [], [{}], {}, { status: 'ok' }, ...lists]
  for (const decode of [decodeState, decodeV1State]) {
    for (const document of documents) {
      assert.throws(
        () => decode(document, new Report()),
        (error) => error instanceof StateFormatError && error.code === 'MESOS_NS_STATE_FORMAT',
        JSON.stringify(document),
      )
    }
  }
})

test('odd v1 objects are left out and the rest is used', () => {
  const report = new Report()
  const state = decodeV1State(
    {
      get_agents: { agents: [7, { agent_info: { id: { value: 'S0' } } }] },
      get_frameworks: {
        frameworks: [
          { framework_info: { id: { value: 'F' }, name: 'f' } },
          { framework_info: { id: { value: 'G' }, name: 1 } },
          {},
        ],
      },
      get_tasks: {
        tasks: [
          7,
          { task_id: { value: 'lost' }, framework_id: { value: 'H' } },
          { task_id: { value: 7 }, framework_id: { value: 'F' } },
          {
            task_id: { value: 't' },
            framework_id: { value: 'F' },
            resources: [
              { name: 'ports', type: 'RANGES' },
              { name: 'ports', ranges: { range: [{ begin: 1 }, { begin: 5, end: 6 }] } },
            ],
          },
          { task_id: { value: 'u' }, framework_id: { value: 'F' }, resources: {} },
        ],
      },
    },
    report,
  )
  assert.equal(state.agents.size, 0)
  assert.deepEqual(
    state.frameworks.map(({ id, tasks }) => [id, tasks.map((task) => [task.id, task.ports])]),
    [
      [
        'F',
        [
          ['t', [5, 6]],
          ['u', []],
        ],
      ],
    ],
  )
  assert.deepEqual(Object.fromEntries(report.counts()), {
    'agent-odd': 1,
    'agent-without-pid': 1,
    'framework-odd': 2,
    'task-odd': 2,
    'task-without-framework': 1,
    'task-ports-odd': 2,
  })
})

test('port mappings count wherever the container or a status tells them', () => {
  const mapped = [{ port_mappings: [{ host_port: 31000, container_port: 80 }] }]
  for (const [task, expected] of [
    [{ container: { network_infos: mapped } }, true],
    [{ statuses: [{ state: 'TASK_RUNNING', container_status: { network_infos: mapped } }] }, true],
    [{ statuses: [{ state: 'TASK_RUNNING', container_status: { network_infos: [{}] } }] }, false],
    [{ statuses: ['odd'] }, false],
    [{}, false],
  ] as const) {
    const tasks = [{ id: 't', name: 'n', slave_id: 'S0', state: 'TASK_RUNNING', ...task }]
    const frameworks = [{ id: 'F', name: 'f', tasks }]
    const state = decodeState({ leader: 'master@10.0.0.1:5050', frameworks }, new Report())
    assert.equal(state.frameworks[0]?.tasks[0]?.hasPortMappings, expected, JSON.stringify(task))
  }
})
