// Whatever happens to a cluster, following it comes to what its state alone comes to.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { generateRecords } from '../../src/records/generate.ts'
import { IncrementalRecords } from '../../src/records/incremental.ts'
import type { RecordsConfig, RecordsInput } from '../../src/records/input.ts'
import type { Problem } from '../../src/report.ts'
import type { Framework, Task } from '../../src/state/model.ts'
import { config, framework, input, present, state, task } from './cluster.ts'
import { ContributionModel } from './contribution-model.ts'
import { inputOf, someConfig, someEdit, someWorld } from './random-cluster.ts'

function follow(given: RecordsConfig = config) {
  const model = new ContributionModel(given)
  const records = new IncrementalRecords(given, model)
  return {
    model,
    records,
    update: (next: RecordsInput) => {
      records.update(next)
      const { calls } = model
      model.commit()
      records.commit()
      return calls
    },
  }
}

function keys(problems: readonly Problem[]): string[] {
  return problems.map(({ kind, object }) => `${kind} ${object}`)
}

/** The model and the problems are those of the input alone. */
function assertFollows({ model, records }: ReturnType<typeof follow>, given: RecordsInput): void {
  const { lines, conflicts } = model.outcome()
  assert.deepEqual(lines, present(generateRecords(given)))
  const known = keys(records.problems)
  assert.equal(new Set(known).size, known.length, 'each problem once')
  assert.deepEqual(
    [...new Set([...known, ...conflicts])].sort(),
    keys(given.report.problems).sort(),
  )
}

test('random clusters and edits', () => {
  const someSteps = fc.array(
    fc.record({ edits: fc.array(someEdit, { minLength: 1, maxLength: 4 }), fails: fc.boolean() }),
    { maxLength: 8 },
  )
  fc.assert(
    fc.property(someConfig, someWorld, someSteps, (given, first, steps) => {
      const followed = follow(given)
      let world = first
      followed.update(inputOf(world, given))
      assertFollows(followed, inputOf(world, given))
      for (const { edits, fails } of steps) {
        world = edits.reduce((edited, edit) => edit(edited), world)
        if (fails) {
          // What is discarded leaves nothing behind; the next update makes up for it.
          const before = followed.model.outcome()
          const { problems } = followed.records
          followed.records.update(inputOf(world, given))
          followed.model.discard()
          followed.records.discard()
          assert.deepEqual(followed.model.outcome(), before)
          assert.equal(followed.records.problems, problems)
        }
        followed.update(inputOf(world, given))
        assertFollows(followed, inputOf(world, given))
      }
    }),
    { numRuns: 300 },
  )
})

test('several updates may become one commit', () => {
  fc.assert(
    fc.property(
      someConfig,
      fc.array(someWorld, { minLength: 2, maxLength: 3 }),
      (given, worlds) => {
        const followed = follow(given)
        for (const world of worlds.slice(0, -1)) followed.records.update(inputOf(world, given))
        const last = inputOf(worlds.at(-1) as (typeof worlds)[number], given)
        followed.update(last)
        assertFollows(followed, last)
      },
    ),
    { numRuns: 50 },
  )
})

describe('what is contributed', () => {
  const tasks = (count: number): Task[] =>
    Array.from({ length: count }, (_, i) =>
      task({ id: `t.${i}`, name: `web-${i}`, ports: [31000] }),
    )
  const given = (...frameworks: Framework[]) => input(state(frameworks))
  const all = tasks(100)
  /** Of one task: two addresses in each view, and four services. */
  const ONE = 8

  test('nothing, where everything is the same', () => {
    const { update } = follow()
    update(given(framework('m', ...all)))
    assert.equal(update(given(framework('m', ...all))), 0)
    assert.equal(update(given(framework('m', ...all.toReversed()))), 0)
    const sameFramework = framework('m', ...all)
    update(given(sameFramework))
    assert.equal(update(given(sameFramework)), 0)
  })

  test('a task that is another object, and no other', () => {
    const { update } = follow()
    update(given(framework('m', ...all)))
    const changed = all.with(50, task({ id: 't.50', name: 'web-50', ports: [31001] }))
    assert.equal(update(given(framework('m', ...changed))), 2 * ONE)
    assert.equal(update(given(framework('m', ...changed.slice(1)))), ONE)
    assert.equal(update(given(framework('m', ...changed))), ONE)
  })

  test('the tasks of an agent that has another address, and the agent', () => {
    const { update } = follow()
    const spread = all.map((each, i) => ({ ...each, agentId: i < 10 ? 'a-S1' : 'a-S0' }))
    const on = (address: string) => {
      const agents = { 'a-S0': '10.0.0.10:5051', 'a-S1': `${address}:5051` }
      return input(state([framework('m', ...spread)], agents))
    }
    update(on('10.0.0.11'))
    const agent = 2
    assert.equal(update(on('10.0.0.12')), 2 * (10 * ONE + agent))
  })

  test('an agent alone, if its port is another', () => {
    const { update } = follow()
    const on = (port: number) => {
      return input(state([framework('m', ...all)], { 'a-S0': `10.0.0.10:${port}` }))
    }
    update(on(5051))
    assert.equal(update(on(5052)), 2 * 2)
  })

  test('all tasks of a framework that is renamed, or comes to be shadowed', () => {
    const { update, model } = follow()
    const x = framework('x.slave', ...all)
    update(given(x))
    assert.equal(update(given({ ...x, name: 'y' })), 2 * 100 * ONE)
    assert.equal(update(given({ ...x, name: 'y' }, framework('z'))), 0)
    update(given(x))
    assert.equal(update(given(x, framework('x'))), 2 * 100 * ONE)
    assert.deepEqual(model.outcome().conflicts, [])
  })

  test('nothing of static records after the first time', () => {
    const www = { name: 'www.mesos.', type: 'A', ttl: 5, rdata: '192.0.2.1' } as const
    const { update, model } = follow({ ...config, staticRecords: [www] })
    update(given())
    assert.equal(update(given()), 0)
    assert.ok(model.outcome().lines.includes('www.mesos. 5 A 192.0.2.1'))
  })

  test('own names and agent addresses only where there are reverse names', () => {
    const count = (reverseDnsOn: boolean) =>
      follow({ ...config, reverseDnsOn }).update(given(framework('m', ...tasks(1))))
    assert.equal(count(true) - count(false), 'a-S0 a-S1 web-0'.split(' ').length)
  })
})

test('problems of tasks that stay are known as long as these stay', () => {
  const { update, records } = follow()
  const odd = task({
    id: 'odd',
    discovery: { name: 'odd', ports: [{ protocol: 'tcp', number: 70000, name: '' }] },
  })
  const others = framework('m', odd)
  update(input(state([others])))
  assert.deepEqual(keys(records.problems), ['port-out-of-range odd'])
  const { problems } = records
  update(input(state([others, framework('n', task())])))
  assert.equal(records.problems, problems)
  update(input(state([framework('n', task())])))
  assert.deepEqual(records.problems, [])
})
