import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { StateFormatError } from '../../src/state/errors.ts'
import type { ClusterState } from '../../src/state/model.ts'
import { readFixture } from './fixture.ts'

/** What of the fixture's first framework, agent and task is left, as short as can be. */
function outline(state: ClusterState) {
  const framework = state.frameworks.find(({ id }) => id === 'c-0000')
  const task = framework?.tasks[0]
  return {
    leader: state.leader?.host,
    agents: [...state.agents.values()].map(({ pid }) => pid.host).join(),
    framework: framework?.name,
    pid: framework?.pid?.host,
    task: task?.name,
    ports: task?.ports.join(),
    discovery: task?.discovery?.ports.map(({ number }) => number).join(),
    timestamp: task?.statuses[0]?.timestamp,
    addresses: task?.statuses[0]?.networkAddresses.join(),
  }
}

const PLAIN = {
  leader: '10.0.0.1',
  agents: '10.1.0.1,10.1.0.2',
  framework: 'marathon',
  pid: '10.2.0.1',
  task: 'web',
  ports: '31000,31001',
  discovery: undefined,
  timestamp: 1500000000.5,
  addresses: '10.3.0.1',
}

const NO_TASK = {
  task: undefined,
  ports: undefined,
  timestamp: undefined,
  addresses: undefined,
}
const NO_FRAMEWORK = { framework: undefined, pid: undefined, ...NO_TASK }
const NO_STATUS = { timestamp: undefined, addresses: undefined }

type Case = readonly [fixture: string, kind: string | undefined, Partial<typeof PLAIN> | object]

const CASES: readonly Case[] = [
  ['framework-pid-empty', 'framework-pid-odd', { pid: undefined }],
  ['framework-pid-null', 'framework-pid-odd', { pid: undefined }],
  ['framework-pid-no-at', 'framework-pid-odd', { pid: undefined }],
  ['framework-pid-two-at', 'framework-pid-odd', { pid: undefined }],
  ['framework-pid-no-port', 'framework-pid-odd', { pid: undefined }],
  ['framework-pid-number', 'framework-pid-odd', { pid: undefined }],
  ['framework-pid-unresolvable', undefined, { pid: 'unresolvable.invalid' }],
  ['framework-hostname-number', 'framework-hostname-odd', {}],
  ['framework-name-number', 'framework-odd', NO_FRAMEWORK],
  ['framework-id-object', 'framework-odd', NO_FRAMEWORK],
  ['framework-string', 'framework-odd', NO_FRAMEWORK],
  ['frameworks-null', undefined, NO_FRAMEWORK],
  ['agent-no-pid', 'agent-without-pid', { agents: '10.1.0.2' }],
  ['agent-pid-null', 'agent-without-pid', { agents: '10.1.0.2' }],
  ['agent-pid-no-port', 'agent-pid-odd', { agents: '10.1.0.2' }],
  ['agent-pid-number', 'agent-pid-odd', { agents: '10.1.0.2' }],
  ['agent-no-id', 'agent-odd', { agents: '10.1.0.2' }],
  ['agent-number', 'agent-odd', { agents: '10.1.0.2' }],
  ['agent-twice', 'agent-duplicate', {}],
  ['ports-single', undefined, { ports: '31000' }],
  ['ports-no-bracket', undefined, {}],
  ['ports-text', 'task-ports-odd', { ports: '31000,31001,31005' }],
  ['ports-array', 'task-ports-odd', { ports: '' }],
  ['ports-reversed', undefined, { ports: '' }],
  ['resources-list', 'task-ports-odd', { ports: '' }],
  ['leader-empty', 'leader-missing', { leader: undefined }],
  ['leader-missing', 'leader-missing', { leader: undefined }],
  ['leader-info-only', 'leader-missing', { leader: undefined }],
  ['leader-no-at', 'leader-odd', {}],
  ['leader-no-port', 'leader-odd', {}],
  ['leader-host', undefined, { leader: 'localhost' }],
  ['leader-text', 'leader-odd', { leader: undefined }],
  ['leader-number', 'leader-odd', { leader: undefined }],
  ['tasks-string', 'tasks-odd', NO_TASK],
  ['task-null', 'task-odd', NO_TASK],
  ['task-id-number', 'task-odd', NO_TASK],
  ['task-state-number', 'task-odd', NO_TASK],
  ['statuses-object', 'status-odd', NO_STATUS],
  ['status-string', 'status-odd', NO_STATUS],
  ['timestamp-string', 'status-odd', {}],
  ['timestamp-text', 'status-odd', { timestamp: 0 }],
  ['healthy-string', 'status-odd', {}],
  ['container-status-string', 'status-odd', { addresses: '' }],
  ['network-info-string', 'status-odd', {}],
  ['ip-address-number', 'status-odd', {}],
  ['status-label-number', 'status-odd', {}],
  ['task-labels-string', 'task-labels-odd', {}],
  ['port-number-string', 'discovery-odd', { discovery: '31000' }],
  ['port-number-text', 'discovery-odd', { discovery: '31001' }],
  ['port-number-fraction', 'discovery-odd', { discovery: '31001' }],
  ['port-protocol-number', 'discovery-odd', { discovery: '31001' }],
  ['discovery-name-number', 'discovery-odd', {}],
  ['discovery-string', 'discovery-odd', {}],
]

const NOT_IN_TABLE = [
  'frameworks-object',
  'agents-string',
  'ports-huge',
  'ports-overlapping',
  'state-array',
  'state-of-something-else',
]

for (const [fixture, kind, difference] of CASES) {
  test(`${fixture}: ${kind ?? 'accepted'}`, () => {
    const report = new Report()
    const state = decodeState(readFixture(`odd/${fixture}`), report)
    assert.deepEqual(outline(state), { ...PLAIN, ...difference })
    assert.deepEqual([...report.counts()], kind === undefined ? [] : [[kind, 1]])
    if (!fixture.startsWith('frameworks-')) {
      const other = state.frameworks.find(({ name }) => name === 'chronos')
      assert.equal(other?.tasks[0]?.name, 'job', 'the other framework is untouched')
    }
  })
}

test('the plain state itself has nothing odd', () => {
  const report = new Report()
  assert.deepEqual(outline(decodeState(readFixture('plain'), report)), PLAIN)
  assert.deepEqual(report.problems, [])
})

test('every fixture is used', () => {
  const folder = join(import.meta.dirname, '..', 'fixtures', 'state', 'odd')
  const files = readdirSync(folder).map((name) => name.replace(/\.json$/, ''))
  assert.deepEqual(files.sort(), [...CASES.map(([name]) => name), ...NOT_IN_TABLE].sort())
})

test('port ranges without end do not fill memory', () => {
  for (const fixture of ['ports-huge', 'ports-overlapping']) {
    const report = new Report()
    const state = decodeState(readFixture(`odd/${fixture}`), report)
    assert.equal(state.frameworks[0]?.tasks[0]?.ports.length, 65_536, fixture)
    assert.deepEqual([...report.counts()], [['task-ports-odd', 1]], fixture)
  }
})

test('the documents that are no state are refused', () => {
  for (const fixture of [
    'state-array',
    'state-of-something-else',
    'frameworks-object',
    'agents-string',
  ]) {
    assert.throws(() => decodeState(readFixture(`odd/${fixture}`), new Report()), StateFormatError)
  }
})

test('a report names the object and says what was done', () => {
  const report = new Report()
  decodeState(readFixture('odd/agent-no-pid'), report)
  decodeState(readFixture('odd/ports-text'), report)
  assert.deepEqual(report.problems, [
    {
      kind: 'agent-without-pid',
      object: 'c-S0',
      detail: 'pid is missing, not id@host:port; left out with its tasks',
    },
    {
      kind: 'task-ports-odd',
      object: 'c-0000/web.1',
      detail:
        'resources.ports holds range "http"; what of it is no port is left out, the rest kept',
    },
  ])
})
