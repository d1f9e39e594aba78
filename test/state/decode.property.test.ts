import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { decodeEvent } from '../../src/state/decode-event.ts'
import { decodeV1State } from '../../src/state/decode-v1.ts'
import { StateFormatError } from '../../src/state/errors.ts'
import { readFixture } from './fixture.ts'
import { pathsOf, replaceAt } from './paths.ts'

interface V1State {
  readonly get_tasks: { readonly tasks: readonly { readonly statuses: readonly object[] }[] }
  readonly get_agents: { readonly agents: readonly object[] }
  readonly get_frameworks: { readonly frameworks: readonly object[] }
}

const { get_state: v1 } = readFixture('full.v1') as { readonly get_state: V1State }

const decoders = [
  ['decodeState', decodeState, readFixture('full')],
  ['decodeV1State', decodeV1State, readFixture('full.v1')],
] as const

for (const [name, decode, fixture] of decoders) {
  const decodes = (json: unknown) => {
    try {
      const state = decode(json, new Report())
      for (const { tasks } of state.frameworks) {
        for (const task of tasks) assert.ok(task.ports.every(Number.isInteger))
      }
    } catch (error) {
      if (!(error instanceof StateFormatError)) throw error
    }
  }

  test(`${name} throws nothing but StateFormatError on any JSON`, () => {
    fc.assert(fc.property(fc.jsonValue(), decodes), { numRuns: 300 })
  })

  test(`${name} survives any value in any place of a real state`, () => {
    const place = fc.constantFrom(...pathsOf(fixture))
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('', '@', '[', '[1-2', '__proto__', -1, 1e300, 0.5),
    )
    fc.assert(
      fc.property(place, value, (path, by) => decodes(replaceAt(fixture, path, by))),
      { numRuns: 1500 },
    )
  })
}

const EVENTS = [
  { type: 'TASK_ADDED', task_added: { task: v1.get_tasks.tasks[0] } },
  {
    type: 'TASK_UPDATED',
    task_updated: {
      framework_id: { value: 'c-0000' },
      state: 'TASK_LOST',
      status: {
        ...v1.get_tasks.tasks[0]?.statuses[1],
        source: 'SOURCE_MASTER',
        reason: 'REASON_AGENT_REMOVED',
        agent_id: { value: 'c-S0' },
      },
    },
  },
  { type: 'AGENT_ADDED', agent_added: { agent: v1.get_agents.agents[0] } },
  { type: 'AGENT_REMOVED', agent_removed: { agent_id: { value: 'c-S0' } } },
  { type: 'FRAMEWORK_UPDATED', framework_updated: { framework: v1.get_frameworks.frameworks[0] } },
  { type: 'FRAMEWORK_REMOVED', framework_removed: v1.get_frameworks.frameworks[0] },
]

test('an event decodes whatever is in any of its places; one that does not says why', () => {
  const anywhere = fc
    .constantFrom(...EVENTS)
    .chain((event) => fc.tuple(fc.constant(event), fc.constantFrom(...pathsOf(event))))
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('', '@', {}, [], null))
  fc.assert(
    fc.property(anywhere, value, ([event, path], by) => {
      if (path.length === 0 || path[0] === 'type') return
      const { type, event: decoded, problems } = decodeEvent(replaceAt(event, path, by))
      assert.equal(type, event.type)
      if (decoded === undefined) assert.ok(problems.length > 0)
      else assert.equal(decoded.problems, problems)
    }),
    { numRuns: 1500 },
  )
})
