import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fullState } from '../../bench/cluster/full-state.ts'
import { leanState, NAMES_PER_TASK } from '../../bench/cluster/lean-state.ts'
import {
  idDigits,
  type StateFile,
  type StatePiece,
  writeStateFile,
} from '../../bench/cluster/state-file.ts'
import { parseConfig } from '../../src/config/index.ts'
import { generateRecords } from '../../src/records/generate.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import type { ClusterState } from '../../src/state/model.ts'

function writeHere(t: TestContext, pieces: Iterable<StatePiece>): StateFile {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-state-'))
  const file = writeStateFile(join(folder, 'state.json'), pieces)
  t.after(() => {
    file.close()
    rmSync(folder, { recursive: true })
  })
  return file
}

function read({ path }: StateFile): string {
  return readFileSync(path, 'latin1')
}

/** Decodes a body in which nothing may be odd. */
function decode(body: string): ClusterState {
  const report = new Report()
  const state = decodeState(JSON.parse(body), report)
  assert.deepEqual(report.problems, [])
  return state
}

function tasksOf(state: ClusterState) {
  return state.frameworks.flatMap((framework) => framework.tasks)
}

/** What tells a replaced task from the one before. */
function identity(task: ReturnType<typeof tasksOf>[number] | undefined) {
  return [task?.id, task?.statuses.at(-1)?.networkAddresses[0]]
}

test('a full state decodes, has the tasks asked for, and none is like another', (t) => {
  const file = writeHere(t, fullState({ tasks: 230 }))
  const tasks = tasksOf(decode(read(file)))
  assert.equal(tasks.length, 230)
  assert.equal(file.tasks, 230)
  assert.equal(new Set(tasks.map(({ id }) => id)).size, 230)
  assert.ok(tasks.every(({ statuses }) => statuses.at(-1)?.networkAddresses.length !== 0))
})

test('a task of a full state takes one and a half kilobytes', (t) => {
  const each = writeHere(t, fullState({ tasks: 1_000 })).octets / 1_000
  assert.ok(each > 1_400 && each < 1_700, `${each} octets`)
})

test('the same number of tasks is the same state', (t) => {
  const one = read(writeHere(t, fullState({ tasks: 100 })))
  assert.equal(read(writeHere(t, fullState({ tasks: 100 }))), one)
})

test('a lean state of N names has N names with addresses, one and three in turn', (t) => {
  const file = writeHere(t, leanState({ names: 400, services: false }))
  assert.equal(file.tasks, 400 / NAMES_PER_TASK)
  const { config } = parseConfig('{"masters": ["127.0.0.1:5050"]}')
  const state = decode(read(file))
  const report = new Report()
  const input = { state, masters: [], hosts: new Map(), listenerAddresses: [], config, report }
  const sets = [...generateRecords(input)].filter(
    ({ name, type }) => type === 'A' && name.startsWith('app-'),
  )
  assert.equal(sets.length, 400)
  const ofTasks = sets.filter(({ name }) => !name.includes('.slave.'))
  assert.deepEqual([...new Set(ofTasks.map(({ rdata }) => rdata.length))].sort(), [1, 3])
})

test('a task of a lean state takes less than 350 octets', (t) => {
  const { octets, tasks } = writeHere(t, leanState({ names: 40_000, services: false }))
  assert.ok(octets / tasks < 350, `${octets / tasks} octets`)
})

test('services have the targets their names say', (t) => {
  const state = decode(read(writeHere(t, leanState({ names: 4, services: true }))))
  const named = (name: string) => tasksOf(state).filter((task) => task.discovery?.name === name)
  assert.equal(named('svc1-7').length, 1)
  assert.equal(named('svc10-7').length, 10)
})

test('names that do not come in fours are refused', () => {
  assert.throws(() => [...leanState({ names: 1_001, services: false })], RangeError)
})

test('replaced tasks are others in the same place, and the rest stays', (t) => {
  for (const pieces of [fullState({ tasks: 40 }), leanState({ names: 160, services: false })]) {
    const file = writeHere(t, pieces)
    const before = read(file)
    file.replaceTasks([0, 3, 39])
    const after = read(file)
    assert.equal(after.length, before.length)
    const [old, fresh] = [tasksOf(decode(before)), tasksOf(decode(after))]
    for (const [index, task] of old.entries()) {
      const check: typeof assert.equal = [0, 3, 39].includes(index) ? assert.notEqual : assert.equal
      for (const [at, part] of identity(task).entries()) check(identity(fresh[index])[at], part)
    }
    assert.deepEqual(
      fresh.map(({ name }) => name),
      old.map(({ name }) => name),
    )
  }
})

test('a task that is not there cannot be replaced', (t) => {
  const file = writeHere(t, leanState({ names: 4, services: false }))
  assert.throws(() => file.replaceTasks([1]), /there are 1 tasks/)
})

test('no two tasks of a generation share their digits', () => {
  for (const generation of [0, 1, 1_000]) {
    const all = new Set(Array.from({ length: 20_000 }, (_, task) => idDigits(task, generation)))
    assert.equal(all.size, 20_000)
  }
})
