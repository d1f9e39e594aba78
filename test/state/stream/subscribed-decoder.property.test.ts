import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSubscribedDecoder } from '../../../src/state/stream/subscribed-decoder.ts'
import { readFixture } from '../fixture.ts'
import { decodeSubscribed, expectedV1Outcome, outcomeOf } from './decoding.ts'
import { edits, oddlyEdited } from './odd-edits.ts'
import { choices, cut, spell } from './spelling.ts'

const answer = readFixture('full.v1') as { readonly get_state: object }
const { get_state } = answer
const subscribed = {
  type: 'SUBSCRIBED',
  subscribed: { get_state, heartbeat_interval_seconds: 15 },
}

/** Few ids, so that tasks mostly find a framework, and sometimes two. */
const id = fc.record({ value: fc.constantFrom('A', 'B', 'C', '') })

const madeUp = fc.record(
  {
    get_tasks: fc.record({
      tasks: fc.array(
        fc.record({
          name: fc.string(),
          task_id: id,
          framework_id: id,
          agent_id: id,
          state: fc.string(),
        }),
      ),
      unreachable_tasks: fc.constant([{ task_id: { value: 'gone' } }]),
    }),
    get_frameworks: fc.record({
      frameworks: fc.array(fc.record({ framework_info: fc.record({ id, name: fc.string() }) })),
    }),
    get_agents: fc.record({
      agents: fc.array(
        fc.record({
          agent_info: fc.record({ id }),
          pid: fc.constantFrom('slave(1)@10.0.0.1:5051', 'slave(1)@10.0.0.1', '', 5),
        }),
      ),
    }),
  },
  { requiredKeys: [] },
)

const document = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom<unknown>(answer, subscribed, get_state), edits)
      .map(oddlyEdited),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        madeUp.map((get_state) => ({ subscribed: { get_state } })),
        edits,
      )
      .map(oddlyEdited),
  },
)

test('any v1 document, however it is written and cut, is decoded as decodeV1State does', () => {
  const decoder = createSubscribedDecoder()
  fc.assert(
    fc.property(document, choices, choices, (json, spelling, cuts) => {
      const text = spell(json, spelling)
      assert.deepStrictEqual(
        outcomeOf(() => decodeSubscribed(cut(Buffer.from(text), cuts), decoder).full),
        expectedV1Outcome(JSON.parse(text)),
      )
    }),
    { numRuns: 2000 },
  )
})

test('a v1 document with any octet changed is refused, or read as JSON.parse or the original has it', () => {
  const octets = Buffer.from(JSON.stringify(subscribed))
  const original = expectedV1Outcome(subscribed)
  const octet = fc.oneof(fc.constantFrom(...Buffer.from('"\\[]{},: 0a')), fc.nat(255))
  fc.assert(
    fc.property(fc.nat(octets.length - 1), octet, choices, (at, by, cuts) => {
      const damaged = Buffer.from(octets)
      damaged[at] = by
      const outcome = outcomeOf(() => decodeSubscribed(cut(damaged, cuts)).full)
      const json = parsed(damaged)
      if (json !== undefined) assert.deepStrictEqual(outcome, expectedV1Outcome(json.value))
      else if (!('error' in outcome)) assert.deepStrictEqual(outcome, original)
    }),
    { numRuns: 2000 },
  )
})

function parsed(octets: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(octets.toString('utf8')) }
  } catch {
    return undefined
  }
}

test('a v1 document cut short anywhere is refused', () => {
  const octets = Buffer.from(spell(subscribed, [3, 1, 4, 1, 5, 9, 2, 6]).trimEnd())
  for (let length = 0; length < octets.length; length++) {
    const start = Buffer.from(octets.subarray(0, length))
    assert.throws(() => decodeSubscribed(cut(start, [200])), {
      name: 'StateFormatError',
      message: /^sent a first record that is not JSON, .*: it ends too early$/s,
    })
  }
})
