import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeEvent } from '../../src/state/decode-event.ts'
import { StateFormatError } from '../../src/state/errors.ts'
import { Compactor } from '../../src/state/stream/compact.ts'

const id = (value: unknown) => ({ value })

const status = (more: object = {}) => ({
  task_id: id('web.1'),
  state: 'TASK_RUNNING',
  source: 'SOURCE_EXECUTOR',
  agent_id: id('S0'),
  timestamp: 1500000000.5,
  healthy: true,
  container_status: { network_infos: [{ ip_addresses: [{ ip_address: '9.0.1.2' }] }] },
  ...more,
})

const STATUS = {
  state: 'TASK_RUNNING',
  timestamp: 1500000000.5,
  healthy: true,
  labels: [],
  networkAddresses: ['9.0.1.2'],
}

const TWICE = { ...STATUS, networkAddresses: ['9.0.1.2', '9.0.1.2'] }

const task = (more: object = {}) => ({
  name: 'web',
  task_id: id('web.1'),
  framework_id: id('F'),
  agent_id: id('S0'),
  state: 'TASK_RUNNING',
  resources: [{ name: 'ports', ranges: { range: [{ begin: 31000, end: 31001 }] } }],
  labels: { labels: [{ key: 'tier', value: 'front' }] },
  statuses: [status()],
  ...more,
})

const TASK = {
  id: 'web.1',
  name: 'web',
  agentId: 'S0',
  state: 'TASK_RUNNING',
  ports: [31000, 31001],
  discovery: undefined,
  statuses: [STATUS],
  hasHealthCheck: false,
  hasPortMappings: false,
  labels: [{ key: 'tier', value: 'front' }],
}

const agent = (more: object = {}) => ({
  agent_info: { id: id('S0'), hostname: 'a' },
  pid: 'slave(1)@10.1.0.1:5051',
  ...more,
})

const info = (more: object = {}) => ({ id: id('F'), name: 'marathon', hostname: 'm1', ...more })
const FRAMEWORK = { id: 'F', name: 'marathon', pid: undefined, hostname: 'm1' }

const added = (task: unknown) => ({ type: 'TASK_ADDED', task_added: { task } })

const updated = (status: unknown, more: object = {}) => ({
  type: 'TASK_UPDATED',
  task_updated: { framework_id: id('F'), status, state: 'TASK_RUNNING', ...more },
})

const UPDATED = {
  kind: 'task-updated',
  frameworkId: 'F',
  taskId: 'web.1',
  state: 'TASK_RUNNING',
  status: STATUS,
  removedAgentId: undefined,
}

test('what becomes records is read from events', () => {
  const framework = { framework: { framework_info: info(), active: true } }
  for (const [json, expected] of [
    [added(task()), { kind: 'task-added', frameworkId: 'F', task: TASK }],
    [updated(status()), UPDATED],
    [
      { type: 'AGENT_ADDED', agent_added: { agent: agent() } },
      { kind: 'agent-added', agent: { id: 'S0', pid: { host: '10.1.0.1', port: 5051 } } },
    ],
    [
      { type: 'AGENT_REMOVED', agent_removed: { agent_id: id('S0') } },
      { kind: 'agent-removed', agentId: 'S0' },
    ],
    [
      { type: 'FRAMEWORK_ADDED', framework_added: framework },
      { kind: 'framework', framework: FRAMEWORK },
    ],
    [
      { type: 'FRAMEWORK_UPDATED', framework_updated: framework },
      { kind: 'framework', framework: FRAMEWORK },
    ],
    [
      { type: 'FRAMEWORK_REMOVED', framework_removed: { framework_info: info() } },
      { kind: 'framework-removed', frameworkId: 'F' },
    ],
  ] as const) {
    const { type, event, problems } = decodeEvent(json)
    assert.equal(type, json.type)
    assert.deepEqual(event, { ...expected, problems: [] })
    assert.deepEqual(problems, [])
  }
})

test('other types change nothing that we know', () => {
  for (const type of ['HEARTBEAT', 'SUBSCRIBED', 'TASK_REMOVED', 'constructor', '__proto__']) {
    assert.deepEqual(decodeEvent({ type }), { type, event: undefined, problems: [] })
  }
})

test('the state of the event counts, that of its status where it has none', () => {
  for (const [state, expected] of [
    ['TASK_FINISHED', 'TASK_FINISHED'],
    [undefined, 'TASK_LOST'],
    [null, 'TASK_LOST'],
    ['', 'TASK_LOST'],
    [7, 'TASK_LOST'],
  ] as const) {
    const { event } = decodeEvent(updated(status({ state: 'TASK_LOST' }), { state }))
    assert.ok(event?.kind === 'task-updated')
    assert.deepEqual([event.state, event.status?.state], [expected, 'TASK_LOST'])
  }
})

test('an agent is gone if the master itself gives that as the reason', () => {
  for (const [source, reason, gone] of [
    ['SOURCE_MASTER', 'REASON_AGENT_REMOVED', true],
    ['SOURCE_MASTER', 'REASON_SLAVE_REMOVED', true],
    ['SOURCE_MASTER', 'REASON_AGENT_REMOVED_BY_OPERATOR', true],
    ['SOURCE_MASTER', 'REASON_SLAVE_REMOVED_BY_OPERATOR', true],
    ['SOURCE_MASTER', 'REASON_AGENT_DISCONNECTED', false],
    ['SOURCE_MASTER', 'REASON_AGENT_REREGISTERED', false],
    ['SOURCE_MASTER', 'REASON_AGENT_DRAINING', false],
    ['SOURCE_MASTER', 'REASON_FRAMEWORK_REMOVED', false],
    ['SOURCE_MASTER', undefined, false],
    ['SOURCE_MASTER', 11, false],
    ['SOURCE_EXECUTOR', 'REASON_AGENT_REMOVED', false],
    ['SOURCE_AGENT', 'REASON_AGENT_REMOVED', false],
    [undefined, 'REASON_AGENT_REMOVED', false],
  ] as const) {
    const { event } = decodeEvent(updated(status({ source, reason })))
    assert.ok(event?.kind === 'task-updated')
    assert.equal(event.removedAgentId, gone ? 'S0' : undefined, `${source} ${reason}`)
  }
  for (const agent_id of [undefined, id(''), id(7), {}]) {
    const gone = { source: 'SOURCE_MASTER', reason: 'REASON_AGENT_REMOVED', agent_id }
    const { event } = decodeEvent(updated(status(gone)))
    assert.ok(event?.kind === 'task-updated')
    assert.equal(event.removedAgentId, undefined)
  }
})

test('port mappings that the status alone tells are told', () => {
  const address = { ip_addresses: [{ ip_address: '9.0.1.2' }] }
  const mapped = { ...address, port_mappings: [{ host_port: 31000, container_port: 80 }] }
  for (const [networks, expected] of [
    [[mapped], { ...UPDATED, mapsPorts: true }],
    [[address, mapped], { ...UPDATED, status: TWICE, mapsPorts: true }],
    [[{ ...address, port_mappings: [] }], UPDATED],
    [[{ ...address, port_mappings: 7 }], UPDATED],
  ] as const) {
    const { event } = decodeEvent(
      updated(status({ container_status: { network_infos: networks } })),
    )
    assert.deepEqual(event, { ...expected, problems: [] })
  }
})

test('odd parts of an event are left out and told', () => {
  for (const [json, expected, kind, object] of [
    [
      added(task({ labels: 7 })),
      { kind: 'task-added', frameworkId: 'F', task: { ...TASK, labels: [] } },
      'task-labels-odd',
      'F/web.1',
    ],
    [
      added(task({ resources: { ports: '[1-2]' } })),
      { kind: 'task-added', frameworkId: 'F', task: { ...TASK, ports: [] } },
      'task-ports-odd',
      'F/web.1',
    ],
    [
      updated(status({ healthy: 'yes' })),
      { ...UPDATED, status: { ...STATUS, healthy: undefined } },
      'status-odd',
      'F/web.1',
    ],
    [updated(status({ state: 7 })), { ...UPDATED, status: undefined }, 'status-odd', 'F/web.1'],
    [
      {
        type: 'FRAMEWORK_ADDED',
        framework_added: { framework: { framework_info: info({ hostname: 7 }) } },
      },
      { kind: 'framework', framework: { ...FRAMEWORK, hostname: '' } },
      'framework-hostname-odd',
      'F',
    ],
  ] as const) {
    const { event } = decodeEvent(json)
    const { problems = [], ...told } = event ?? {}
    assert.deepEqual(told, expected)
    assert.deepEqual(
      problems.map((problem) => [problem.kind, problem.object]),
      [[kind, object]],
    )
  }
})

test('an event that cannot be applied is none, and says why', () => {
  for (const [json, kind, detail] of [
    [{ type: 'TASK_ADDED' }, 'event-odd', 'task_added is missing; left out'],
    [
      { type: 'AGENT_REMOVED', agent_removed: [] },
      'event-odd',
      'agent_removed is a list; left out',
    ],
    [added(7), 'task-odd', 'task is the number 7; left out'],
    [added(task({ name: 7 })), 'task-odd', /^id, name, agent id or state is not a string/],
    [added(task({ framework_id: id(7) })), 'task-odd', /^the task added is of no framework/],
    [added(task({ framework_id: id('') })), 'task-odd', /^the task added is of no framework/],
    [updated(undefined), 'event-odd', /^the task updated has no framework or no id/],
    [
      updated(status({ task_id: id(7) })),
      'event-odd',
      /^the task updated has no framework or no id/,
    ],
    [updated(status(), { framework_id: null }), 'event-odd', /^the task updated has no framework/],
    [
      updated(status({ state: null }), { state: [] }),
      'event-odd',
      /^its state is a list; left out/,
    ],
    [{ type: 'AGENT_ADDED', agent_added: {} }, 'agent-odd', /^agent is missing/],
    [
      { type: 'AGENT_ADDED', agent_added: { agent: agent({ pid: '' }) } },
      'agent-without-pid',
      /^pid/,
    ],
    [{ type: 'AGENT_REMOVED', agent_removed: { agent_id: id('') } }, 'event-odd', /^the agent/],
    [{ type: 'FRAMEWORK_ADDED', framework_added: {} }, 'framework-odd', /^framework is missing/],
    [
      {
        type: 'FRAMEWORK_UPDATED',
        framework_updated: { framework: { framework_info: info({ id: 1 }) } },
      },
      'framework-odd',
      /^id or name is not a string/,
    ],
    [{ type: 'FRAMEWORK_REMOVED', framework_removed: {} }, 'event-odd', /^the framework removed/],
  ] as const) {
    const { type, event, problems } = decodeEvent(json)
    assert.equal(type, json.type)
    assert.equal(event, undefined)
    const last = problems.at(-1)
    assert.equal(last?.kind, kind)
    if (typeof detail === 'string') assert.equal(last.detail, detail)
    else assert.match(last.detail, detail)
  }
})

test('what is no event at all is refused', () => {
  for (const [json, message] of [
    [null, /it is null; expected/],
    [[], /it is a list; expected/],
    ['HEARTBEAT', /it is the string "HEARTBEAT"; expected/],
    [{}, /its type is missing; expected/],
    [{ type: '' }, /its type is the string ""; expected/],
    [{ type: 7 }, /its type is the number 7; expected/],
  ] as const) {
    assert.throws(
      () => decodeEvent(json),
      (error) => error instanceof StateFormatError && message.test(error.message),
    )
  }
})

test('what tasks of different events have in common is in memory once', () => {
  const compactor = new Compactor({ poolStrings: true })
  const [first, second] = [added(task()), added(task({ task_id: id('web.2') }))].map((json) => {
    const { event } = decodeEvent(JSON.parse(JSON.stringify(json)), compactor)
    assert.ok(event?.kind === 'task-added')
    return event.task
  })
  assert.equal(first?.ports, second?.ports)
  assert.equal(first?.labels, second?.labels)
  const update = decodeEvent(updated(status()), compactor).event
  assert.ok(update?.kind === 'task-updated')
  assert.equal(update.status?.networkAddresses, first?.statuses[0]?.networkAddresses)
})
