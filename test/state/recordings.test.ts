import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { decodeV1State } from '../../src/state/decode-v1.ts'
import type { ClusterState } from '../../src/state/model.ts'
import { sharedPath } from '../shared.ts'

const folder = sharedPath('mesos/state')

function read(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

/** The two APIs list frameworks, tasks and agents in different orders. */
function sorted(state: ClusterState) {
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  return {
    agents: [...state.agents.values()].sort(byId),
    frameworks: state.frameworks
      .map((framework) => ({ ...framework, tasks: framework.tasks.toSorted(byId) }))
      .sort(byId),
  }
}

test('recorded states of a real master decode without a complaint', (t) => {
  if (folder === undefined) return t.skip('no recordings beside this checkout')
  const names = readdirSync(folder).filter((name) => !name.endsWith('.v1.json'))
  assert.ok(names.length > 0)
  for (const name of names) {
    const report = new Report()
    const state = decodeState(read(folder, name), report)
    assert.deepEqual(report.problems, [], name)
    assert.ok(state.leader !== undefined, name)
  }
})

test('/state and GET_STATE of one moment give the same cluster', (t) => {
  if (folder === undefined) return t.skip('no recordings beside this checkout')
  const report = new Report()
  const state = decodeState(read(folder, '1-running.json'), report)
  const v1 = decodeV1State(read(folder, '1-running.v1.json'), report)
  assert.deepEqual(report.problems, [])
  assert.ok(state.frameworks.some(({ tasks }) => tasks.length > 0))
  assert.deepEqual(sorted(v1), sorted(state))
})

test('addresses that executors report come through unvalidated', (t) => {
  if (folder === undefined) return t.skip('no recordings beside this checkout')
  const state = decodeState(read(folder, 'container-ips.json'), new Report())
  const tasks = state.frameworks.flatMap((framework) => framework.tasks)
  const addresses = (name: string) =>
    tasks.find((task) => task.name === name)?.statuses.at(-1)?.networkAddresses
  assert.deepEqual(addresses('ip-two-nets'), ['10.1.0.7', '10.2.0.7', '10.2.0.8'])
  assert.deepEqual(addresses('ip-v4v6'), ['9.0.1.2', 'fd01:b::5'])
  assert.deepEqual(addresses('ip-invalid'), ['not-an-ip', 'fe80::1', '10.0.0.1', '10.0.0.2'])
  assert.deepEqual(addresses('ip-empty-ni'), [])
})
