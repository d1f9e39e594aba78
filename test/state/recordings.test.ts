import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { decodeEvent } from '../../src/state/decode-event.ts'
import { decodeV1State } from '../../src/state/decode-v1.ts'
import type { ClusterState } from '../../src/state/model.ts'
import { sharedPath } from '../shared.ts'
import { decodePieces, decodeSubscribed } from './stream/decoding.ts'

const folder = sharedPath('mesos/state')
const streams = sharedPath('mesos/stream')

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

/** The records of a recorded stream, each behind its length (RecordIO), without the HTTP around them. */
function* recordsOf(name: string): Generator<Buffer> {
  const octets = unchunked(readFileSync(join(streams ?? '', name)))
  for (let at = 0; at < octets.length; ) {
    const newline = octets.indexOf('\n', at)
    const end = newline + 1 + Number(octets.toString('latin1', at, newline))
    if (end > octets.length) return
    yield octets.subarray(newline + 1, end)
    at = end
  }
}

/** The body of an answer that was sent in chunks (RFC 9112 §7.1). */
function unchunked(answer: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = answer.indexOf('\r\n\r\n') + 4; at < answer.length; ) {
    const line = answer.indexOf('\r\n', at)
    const length = Number.parseInt(answer.toString('latin1', at, line), 16)
    if (!(length > 0)) break
    chunks.push(answer.subarray(line + 2, line + 2 + length))
    at = line + 2 + length + 2
  }
  return Buffer.concat(chunks)
}

/** The octets in pieces of this length. */
function* inPieces(octets: Uint8Array, length: number): Generator<Uint8Array> {
  for (let at = 0; at < octets.length; at += length) {
    yield Uint8Array.from(octets.subarray(at, at + length))
  }
}

test('recorded SUBSCRIBED records, streamed, are what decodeV1State makes of them', (t) => {
  if (streams === undefined) return t.skip('no recordings beside this checkout')
  for (const name of readdirSync(streams).filter((name) => name.endsWith('.tcp'))) {
    const [first] = recordsOf(name)
    assert.ok(first !== undefined)
    const report = new Report()
    const expected = decodeV1State(JSON.parse(first.toString()), report)
    for (const length of [1, 1460, first.length]) {
      const { full, heartbeatSeconds } = decodeSubscribed(inPieces(first, length))
      assert.deepEqual(full.state, expected)
      assert.deepEqual([full.report.problems, report.problems], [[], []])
      assert.equal(full.state.agents.size, 2)
      assert.equal(heartbeatSeconds, 15)
    }
  }
})

test('GET_STATE, streamed, gives the /state of the same moment', (t) => {
  if (folder === undefined) return t.skip('no recordings beside this checkout')
  const v1 = decodeSubscribed(inPieces(readFileSync(join(folder, '1-running.v1.json')), 1000))
  const state = decodePieces(inPieces(readFileSync(join(folder, '1-running.json')), 1000))
  assert.deepEqual(v1.full.report.problems, [])
  assert.ok(v1.full.state.frameworks.length > 0)
  assert.deepEqual(sorted(v1.full.state), sorted(state.state))
  assert.match(state.masterId ?? '', /^[0-9a-f-]{36}$/)
})

test('every recorded event decodes without a complaint', (t) => {
  if (streams === undefined) return t.skip('no recordings beside this checkout')
  const kinds = new Map<string, number>()
  const removed = new Set<string>()
  for (const name of readdirSync(streams).filter((name) => name.endsWith('.tcp'))) {
    for (const record of recordsOf(name)) {
      const { type, event, problems } = decodeEvent(JSON.parse(record.toString()))
      assert.deepEqual(problems, [], record.toString())
      assert.equal(event === undefined, type === 'HEARTBEAT' || type === 'SUBSCRIBED', type)
      if (event !== undefined) kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1)
      if (event?.kind === 'task-updated' && event.removedAgentId !== undefined) {
        removed.add(event.removedAgentId.replace(/^.*-/, ''))
      }
    }
  }
  assert.deepEqual([...removed], ['S1'])
  for (const kind of [
    'task-added',
    'task-updated',
    'agent-added',
    'framework',
    'framework-removed',
  ]) {
    assert.ok((kinds.get(kind) ?? 0) > 0, kind)
  }
})
