import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSubscribedDecoder } from '../../../src/state/stream/subscribed-decoder.ts'
import { decodeSubscribed } from './decoding.ts'

const id = (value: string) => ({ value })

const agent = (name: string) => ({
  agent_info: { id: id(name), hostname: 'agent.example' },
  pid: 'slave(1)@10.1.0.1:5051',
})

const framework = (name: string, more: object = {}) => ({
  framework_info: { id: id(name), name: 'marathon', hostname: 'scheduler.example', ...more },
})

const task = (name: string, of: string, more: object = {}) => ({
  name: 'web',
  task_id: id(name),
  framework_id: id(of),
  agent_id: id('S0'),
  state: 'TASK_RUNNING',
  resources: [
    { name: 'cpus', scalar: { value: 1 } },
    { name: 'ports', ranges: { range: [{ begin: 31000, end: 31001 }] } },
  ],
  ...more,
})

const STATE = {
  get_tasks: {
    completed_tasks: [task('completed', 'A')],
    tasks: [task('a.1', 'A'), task('b.1', 'B'), task('a.2', 'A')],
    unreachable_tasks: [task('unreachable', 'A')],
  },
  get_frameworks: { frameworks: [framework('A'), framework('B')], completed_frameworks: [{}] },
  get_agents: { agents: [agent('S0'), agent('S1')], recovered_agents: [{ id: id('S9') }] },
}

const record = (state: unknown, more: object = {}) => ({
  type: 'SUBSCRIBED',
  subscribed: { get_state: state, ...more },
})

/** Decodes a document in pieces of this many octets. */
function decode(json: unknown, { maxValue = 1000, length = 7 } = {}) {
  const octets = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  const pieces = Array.from({ length: Math.ceil(octets.length / length) }, (_, i) =>
    Buffer.from(octets.subarray(i * length, (i + 1) * length)),
  )
  return decodeSubscribed(pieces, createSubscribedDecoder({ maxValue }))
}

const tasksOf = ({ full }: ReturnType<typeof decode>) =>
  Object.fromEntries(full.state.frameworks.map((each) => [each.id, each.tasks.map(({ id }) => id)]))

test('SUBSCRIBED and the answer to GET_STATE are whole states', () => {
  for (const [json, heartbeatSeconds] of [
    [record(STATE, { heartbeat_interval_seconds: 15 }), 15],
    [record(STATE), undefined],
    [{ type: 'GET_STATE', get_state: STATE }, undefined],
    [STATE, undefined],
  ] as const) {
    const decoded = decode(json)
    const { state, report, form, masterId, recoveredAgents } = decoded.full
    assert.deepEqual(tasksOf(decoded), { A: ['a.1', 'a.2'], B: ['b.1'] })
    assert.deepEqual([...state.agents.keys()], ['S0', 'S1'])
    assert.equal(state.leader, undefined)
    assert.deepEqual([form, masterId, [...recoveredAgents]], ['v1', undefined, ['S9']])
    assert.deepEqual(report.problems, [])
    assert.equal(decoded.heartbeatSeconds, heartbeatSeconds)
  }
})

test('a promise of heartbeats that is none is not taken for one', () => {
  for (const odd of ['15', null, 0, -1, {}, [15]]) {
    const { heartbeatSeconds } = decode(record(STATE, { heartbeat_interval_seconds: odd }))
    assert.equal(heartbeatSeconds, undefined)
  }
})

test('the answers a state is made of come in any order', () => {
  const { get_tasks, get_frameworks, get_agents } = STATE
  for (const state of [
    { get_tasks, get_frameworks, get_agents },
    { get_tasks, get_agents, get_frameworks },
    { get_frameworks, get_tasks, get_agents },
    { get_agents, get_tasks, get_frameworks },
  ]) {
    assert.deepEqual(tasksOf(decode(record(state))), { A: ['a.1', 'a.2'], B: ['b.1'] })
  }
})

test('of members with the same name the last counts, whole', () => {
  const text = JSON.stringify(STATE)
  const twice = `{"subscribed":{"get_state":${text},"get_state":{"get_agents":{"agents":[]}}}}`
  assert.deepEqual(tasksOf(decode(twice)), {})
  const agents = `{"get_agents":{"agents":[7]},"get_agents":{"agents":[8],"agents":[9]}}`
  assert.deepEqual(
    decode(agents).full.report.problems.map(({ detail }) => detail),
    ['agent is the number 9; left out'],
  )
  const other = `{"subscribed":{"get_state":${text}},"subscribed":7,"get_state":{"get_agents":null}}`
  assert.deepEqual(tasksOf(decode(other)), {})
})

test('recovered agents are told as the master knows them, odd ones are ignored', () => {
  for (const [list, expected] of [
    [
      [{ id: id('S1') }, { id: 'S2' }, { id: id('S1') }],
      ['S1', 'S2'],
    ],
    [[{ id: id('') }, { id: 7 }, {}, 'S3', null, [], { id: id('S4') }], ['S4']],
    [[{ id: id('S5'), attributes: 'x'.repeat(2000) }, { id: id('S6') }], ['S6']],
    [{ id: id('S7') }, []],
    ['S8', []],
    [null, []],
  ] as const) {
    const { full } = decode(record({ get_agents: { agents: [], recovered_agents: list } }))
    assert.deepEqual([...full.recoveredAgents], expected)
    assert.deepEqual(full.report.problems, [])
  }
})

const LARGE = 'x'.repeat(2000)

test('what is too large is left out and reported, however it is cut', () => {
  const state = {
    get_tasks: { tasks: [task('a.1', 'A', { data: LARGE }), task('a.2', 'A'), task('b.1', 'B')] },
    get_frameworks: { frameworks: [framework('A'), framework('B', { webui_url: LARGE })] },
    get_agents: { agents: [{ ...agent('S0'), attributes: LARGE }, agent('S1')], note: LARGE },
    more: [LARGE],
  }
  for (const length of [1, 700, 1 << 20]) {
    const decoded = decode(record(state), { length })
    assert.deepEqual(tasksOf(decoded), { A: ['a.2'] })
    assert.deepEqual([...decoded.full.state.agents.keys()], ['S1'])
    assert.deepEqual(decoded.full.report.problems, [
      { kind: 'agent-odd', object: '', detail: 'agent has more than 1000 bytes; left out' },
      { kind: 'framework-odd', object: '', detail: 'framework has more than 1000 bytes; left out' },
      { kind: 'task-odd', object: '', detail: 'task has more than 1000 bytes; left out' },
      {
        kind: 'task-without-framework',
        object: 'B/b.1',
        detail: 'its framework is not in the state; left out',
      },
    ])
  }
})

test('a record that is no state says what it is', () => {
  const failures: readonly (readonly [body: string, message: RegExp])[] = [
    ['', /^sent a first record that is not JSON, 0 bytes beginning with "": it ends too early$/],
    ['<html>', /6 bytes beginning with "<html>": unexpected < at byte 0$/],
    ['{"type":"SUBSCRIBED"', /: it ends too early$/],
    ['{"subscribed":{"get_state":{"get_tasks":{"tasks":[{"name":"', /: it ends too early$/],
    ['{"get_tasks":{"tasks":[}', /: unexpected } at byte 23$/],
    ['{"get_tasks":{"tasks":[{"name":01}]}}', /: Unexpected number .* of a value near byte/],
    [
      `{"get_tasks":{"tasks":[${'['.repeat(5000)}`,
      /: nested deeper than 4096 levels at byte 4119$/,
    ],
    [`{"get_agents":"${LARGE}"}`, /: get_agents is larger than 1000 bytes$/],
    [`{"get_agents":{"agents":"${LARGE}"}}`, /: agents is larger than 1000 bytes$/],
    [`{"${LARGE}":1}`, /: a name is larger than 1000 bytes$/],
    [`"${LARGE}"`, /: the document is larger than 1000 bytes$/],
    ['7', /this is no Mesos v1 state/],
    ['[1]', /this is no Mesos v1 state/],
    ['{"type":"HEARTBEAT"}', /this is no Mesos v1 state/],
    ['{"subscribed":{"get_state":{}}}', /this is no Mesos v1 state/],
    ['{"subscribed":{"get_state":[]}}', /this is no Mesos v1 state/],
    ['{"get_agents":[]}', /get_agents of the state is a list instead of an object/],
    ['{"get_agents":"none"}', /get_agents of the state is the string "none" instead of an object/],
    [
      '{"get_agents":{"agents":{}}}',
      /get_agents.agents of the state is an object instead of a list/,
    ],
    ['{"get_frameworks":{"frameworks":1}}', /get_frameworks.frameworks of the state is the number/],
    ['{"get_agents":{},"get_tasks":{"tasks":""}}', /get_tasks.tasks of the state is the string ""/],
  ]
  for (const [body, message] of failures) {
    assert.throws(() => decode(body), { name: 'StateFormatError', message }, body.slice(0, 60))
  }
})

test('lists and strings that many tasks have are in memory once', () => {
  const labels = { labels: [{ key: 'tier', value: 'front' }] }
  const tasks = [task('a.1', 'A', { labels }), task('a.2', 'A', { labels })]
  const { full } = decode(record({ ...STATE, get_tasks: { tasks } }))
  const [first, second] = full.state.frameworks[0]?.tasks ?? []
  assert.deepEqual(first?.ports, [31000, 31001])
  assert.equal(first?.ports, second?.ports)
  assert.equal(first?.labels, second?.labels)
})

test('the octets of the record are counted', () => {
  const reader = createSubscribedDecoder().begin()
  for (const piece of ['{"get_agents":', 'null}', ' ']) reader.push(Buffer.from(piece))
  assert.equal(reader.bytes, 20)
  assert.equal(reader.finish().full.state.agents.size, 0)
})
