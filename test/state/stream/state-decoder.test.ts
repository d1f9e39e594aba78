import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createStateDecoder } from '../../../src/state/stream/state-decoder.ts'
import { decodeAndKeep, decodePieces } from './decoding.ts'

const agent = (id: string, pid = 'slave(1)@10.1.0.1:5051') => ({ id, pid })

const task = (id: string, more: object = {}) => ({
  id,
  name: 'web',
  slave_id: 'cluster-agent-0001',
  state: 'TASK_RUNNING',
  statuses: [{ state: 'TASK_RUNNING', timestamp: 1500000000.5 }],
  ...more,
})

const framework = (id: string, tasks: readonly object[], more: object = {}) => ({
  id,
  name: 'marathon',
  pid: 'scheduler@10.2.0.1:25501',
  ...more,
  tasks,
})

const document = (frameworks: readonly object[], more: object = {}) => ({
  leader: 'master@10.0.0.1:5050',
  slaves: [agent('S0'), agent('S1')],
  frameworks,
  ...more,
})

const A = [task('a.1'), task('a.2'), task('a.3')]
const B = [task('b.1'), task('b.2')]
const BEFORE = document([framework('A', A), framework('B', B)])

/** Decodes one document after another and returns the states. */
function statesOf(...documents: readonly object[]) {
  const decoder = createStateDecoder()
  return documents.map((json) => decodeAndKeep(json, decoder).state)
}

test('the same document gives the same state', () => {
  const [before, after] = statesOf(BEFORE, BEFORE)
  assert.equal(after, before)
})

test('a document that only differs in what is not wanted gives the same state', () => {
  const changed = document(
    [
      framework('A', [A[0] ?? {}, task('a.2', { role: 'x' }), task('a.3')], { active: true }),
      framework('B', B),
    ],
    { start_time: 5, slaves: [agent('S0'), { ...agent('S1'), active: false }] },
  )
  const [before, after] = statesOf(BEFORE, changed)
  assert.equal(after, before)
})

test('one changed task leaves all the others, and the other framework', () => {
  const changed = [A[0] ?? {}, task('a.2', { state: 'TASK_KILLING' }), A[2] ?? {}]
  const [before, after] = statesOf(BEFORE, document([framework('A', changed), framework('B', B)]))
  assert.equal(after?.frameworks[0]?.tasks[1]?.state, 'TASK_KILLING')
  for (const i of [0, 2]) {
    assert.equal(after?.frameworks[0]?.tasks[i], before?.frameworks[0]?.tasks[i])
  }
  assert.equal(after?.frameworks[1], before?.frameworks[1])
  assert.equal(after?.agents, before?.agents)
  assert.equal(after?.leader, before?.leader)
})

test('a changed framework with the same tasks keeps their list', () => {
  const renamed = framework('A', A, { name: 'aurora' })
  const [before, after] = statesOf(BEFORE, document([renamed, framework('B', B)]))
  assert.equal(after?.frameworks[0]?.name, 'aurora')
  assert.equal(after?.frameworks[0]?.tasks, before?.frameworks[0]?.tasks)
})

test('tasks are the same objects wherever they have moved to', () => {
  const moved = document([framework('B', [...B, task('new.1'), ...A.toReversed()])])
  const [before, after] = statesOf(BEFORE, moved)
  const old = before?.frameworks.flatMap(({ tasks }) => tasks) ?? []
  const tasks = after?.frameworks[0]?.tasks ?? []
  assert.deepEqual(
    tasks.map(({ id }) => id),
    ['b.1', 'b.2', 'new.1', 'a.3', 'a.2', 'a.1'],
  )
  const known = tasks.filter((task) => old.includes(task)).map(({ id }) => id)
  assert.deepEqual(known, ['b.1', 'b.2', 'a.3', 'a.2', 'a.1'])
})

test('a removed or added task is no reason to decode those behind it', () => {
  const tasks = Array.from({ length: 50 }, (_, i) => task(`t.${i}`))
  const full = document([framework('A', tasks)])
  const fewer = document([framework('A', tasks.toSpliced(10, 1))])
  const [before, after, again] = statesOf(full, fewer, full)
  const ids = (state: typeof before) => state?.frameworks[0]?.tasks ?? []
  assert.ok(ids(after).every((task) => ids(before).includes(task)))
  assert.equal(ids(again).filter((task) => ids(after).includes(task)).length, 49)
})

test('a state that was not kept, or a body that failed, changes nothing for the next', () => {
  const decoder = createStateDecoder()
  const { state } = decodeAndKeep(BEFORE, decoder)
  decodePieces([Buffer.from(JSON.stringify(document([])))], decoder)
  assert.throws(() => decodePieces([Buffer.from('{"slaves":[{"id":"x"')], decoder))
  decoder.begin().push(Buffer.from('{"frameworks":[{"tasks":[{"id":"x","name"'))
  assert.equal(decodeAndKeep(BEFORE, decoder).state, state)
})

test('the report is whole although odd objects are not decoded again', () => {
  const odd = document([framework('A', [task('a.1', { labels: 5 }), { id: 7 }])], {
    slaves: [{ id: 'S0' }, agent('S1'), agent('S1')],
  })
  const decoder = createStateDecoder()
  const first = decodeAndKeep(odd, decoder)
  const second = decodeAndKeep(odd, decoder)
  assert.deepEqual(
    first.report.problems.map(({ kind, object }) => [kind, object]),
    [
      ['task-labels-odd', 'A/a.1'],
      ['task-odd', 'A/?'],
      ['agent-without-pid', 'S0'],
      ['agent-duplicate', 'S1'],
    ],
  )
  assert.deepEqual(second.report.problems, first.report.problems)
  assert.equal(second.state, first.state)
})

test('the same odd task is reported for the framework it is in', () => {
  const decoder = createStateDecoder()
  const odd = task('x', { labels: 5 })
  decodeAndKeep(document([framework('A', [odd])]), decoder)
  const { report } = decodeAndKeep(document([{ tasks: [odd], id: 'B', name: 'b' }]), decoder)
  assert.deepEqual(
    report.problems.map(({ object }) => object),
    ['B/x'],
  )
})

test('a number in place of an agent ends where it ends, whatever was read before', () => {
  const octets = Buffer.from('{"a long name before the number":1,"slaves":[1e+300],"leader":""}')
  const pieces = Array.from(octets, (octet) => Uint8Array.of(octet))
  const { report } = decodePieces(pieces)
  assert.equal(report.problems[1]?.detail, 'agent is the number 1e+300; left out')
})

test('an agent and a task of the same octets are not confused', () => {
  const both = { ...task('same'), pid: 'slave(1)@10.1.0.1:5051' }
  const json = document([framework('A', [both])], { slaves: [both] })
  const [, state] = statesOf(json, json)
  assert.deepEqual(state?.agents.get('same'), {
    id: 'same',
    pid: { host: '10.1.0.1', port: 5051 },
  })
  assert.equal(state?.frameworks[0]?.tasks[0]?.name, 'web')
})

test('the sender is known from pid', () => {
  const decoder = createStateDecoder()
  const sender = (more: object) => decodeAndKeep(document([], more), decoder).sender
  assert.deepEqual(sender({ pid: 'master@10.0.0.9:5050' }), { host: '10.0.0.9', port: 5050 })
  assert.equal(sender({ pid: 7 }), undefined)
  assert.equal(sender({}), undefined)
})

test('the master process is known from id', () => {
  const decoder = createStateDecoder()
  const masterId = (more: object) => decodeAndKeep(document([], more), decoder).masterId
  assert.equal(
    masterId({ id: '9a393479-8c79-4f3d-8da2-0c34fb79f285' }),
    '9a393479-8c79-4f3d-8da2-0c34fb79f285',
  )
  for (const odd of [{}, { id: '' }, { id: null }, { id: 7 }, { id: ['x'] }]) {
    assert.equal(masterId(odd), undefined)
  }
  assert.equal(decodeAndKeep(BEFORE, decoder).form, 'state')
})

const LARGE = 'x'.repeat(2000)

test('recovered agents are told; odd ones, and those that are no list, are ignored', () => {
  const decoder = createStateDecoder({ maxValue: 1000 })
  for (const [recovered, expected] of [
    [
      [{ id: 'S1', hostname: 'a' }, { id: 'S2' }, { id: 'S1' }],
      ['S1', 'S2'],
    ],
    [
      [{ id: { value: 'S3' } }, { id: 7 }, { id: '' }, {}, 'S4', null, 5, [], { id: 'S5' }],
      ['S3', 'S5'],
    ],
    [[{ id: 'S6', attributes: LARGE }, LARGE, { id: 'S7' }], ['S7']],
    [[], []],
    ['S8', []],
    [{ id: 'S9' }, []],
    [null, []],
  ] as const) {
    const octets = Buffer.from(JSON.stringify(document([], { recovered_slaves: recovered })))
    for (const length of [octets.length, 5]) {
      const pieces = Array.from({ length: Math.ceil(octets.length / length) }, (_, i) =>
        Buffer.from(octets.subarray(i * length, (i + 1) * length)),
      )
      const { recoveredAgents, report } = decodePieces(pieces, decoder)
      assert.deepEqual([...recoveredAgents], expected)
      assert.deepEqual(report.problems, [])
    }
  }
})

test('another master, or an agent that comes back, alone makes no other state', () => {
  const decoder = createStateDecoder()
  const before = decodeAndKeep({ ...BEFORE, id: 'M1', recovered_slaves: [{ id: 'S8' }] }, decoder)
  const after = decodeAndKeep({ ...BEFORE, id: 'M2', recovered_slaves: [] }, decoder)
  assert.equal(after.state, before.state)
  assert.deepEqual([[...before.recoveredAgents], [...after.recoveredAgents]], [['S8'], []])
})

test('what is too large is left out and reported, however it is cut', () => {
  const json = document(
    [
      framework('A', [task('a.1', { data: LARGE }), task('a.2')]),
      framework('B', [task('b.1')], { name: LARGE }),
      framework('C', [task('c.1')], { description: LARGE }),
    ],
    { slaves: [agent('S0'), { ...agent('S1'), attributes: LARGE }], flags: { all: LARGE } },
  )
  const octets = Buffer.from(JSON.stringify(json))
  for (const length of [octets.length, 700, 1]) {
    const decoder = createStateDecoder({ maxValue: 1000 })
    const pieces = Array.from({ length: Math.ceil(octets.length / length) }, (_, i) =>
      Buffer.from(octets.subarray(i * length, (i + 1) * length)),
    )
    const { state, report } = decodePieces(pieces, decoder)
    const tasks = state.frameworks.map((framework) => framework.tasks.map(({ id }) => id))
    assert.deepEqual(tasks, [['a.2'], ['c.1']])
    assert.deepEqual([...state.agents.keys()], ['S0'])
    assert.deepEqual(report.problems, [
      { kind: 'task-odd', object: 'A', detail: 'task has more than 1000 bytes; left out' },
      {
        kind: 'framework-odd',
        object: '',
        detail: 'framework is too large; left out with its tasks',
      },
      { kind: 'agent-odd', object: '', detail: 'agent has more than 1000 bytes; left out' },
    ])
  }
})

test('a leader or a name of a member that is too large is no state', () => {
  const decoder = createStateDecoder({ maxValue: 1000 })
  for (const more of [{ leader: LARGE }, { [LARGE]: 1 }]) {
    const pieces = [Buffer.from(JSON.stringify(document([], more)))]
    assert.throws(() => decodePieces(pieces, decoder), /is larger than 1000 bytes/)
  }
})

test('a body that is no state says what it is', () => {
  const failures: readonly (readonly [body: string, message: RegExp])[] = [
    [
      '',
      /^answered with text\/html that is not JSON, 0 bytes beginning with "": it ends too early$/,
    ],
    ['<html>', /6 bytes beginning with "<html>": unexpected < at byte 0$/],
    ['\ufeff{}', /: unexpected byte 0xef at byte 0$/],
    ['{"leader":"mas', /: it ends too early$/],
    ['{"slaves":[{"id":01}]}', /: Unexpected number .* of a value near byte 0$/],
    ['{"slaves":[}', /: unexpected } at byte 11$/],
    ['12', /a Mesos state is a JSON object, this is the number 12; expected/],
    ['[1]', /this is a list; expected/],
    ['{"a":1}', /is no Mesos state: it has no leader, slaves or frameworks/],
    ['{"slaves":"none"}', /slaves of the state is the string "none" instead of a list/],
    ['{"frameworks":{}}', /frameworks of the state is an object instead of a list/],
  ]
  for (const [body, message] of failures) {
    const reader = createStateDecoder().begin()
    reader.push(Buffer.from(body))
    assert.throws(() => reader.finish('text/html'), { name: 'StateFormatError', message }, body)
  }
})

test('the octets of the body are counted', () => {
  const reader = createStateDecoder().begin()
  for (const piece of ['{"leader":', 'null}', ' ']) reader.push(Buffer.from(piece))
  assert.equal(reader.bytes, 16)
})
