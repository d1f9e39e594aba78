import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distinctProblems, ProblemTally } from '../../src/records/problem-tally.ts'
import type { Problem } from '../../src/report.ts'

function present(problems: readonly Problem[]): string[] {
  return problems.map(({ kind, object, detail }) => `${kind} ${object}: ${detail}`)
}

test('a problem is there as long as one is left of those who told it', () => {
  const tally = new ProblemTally()
  tally.problem(1, 'odd', 'a', 'x')
  tally.problem(1, 'odd', 'a', 'x')
  assert.deepEqual(present(tally.problems), [])
  tally.commit()
  assert.deepEqual(present(tally.problems), ['odd a: x'])
  tally.problem(-1, 'odd', 'a', 'x')
  tally.commit()
  assert.deepEqual(present(tally.problems), ['odd a: x'])
  tally.problem(-1, 'odd', 'a', 'x')
  tally.commit()
  assert.deepEqual(present(tally.problems), [])
})

test('one detail is enough for each kind and object; when it goes, another takes its place', () => {
  const tally = new ProblemTally()
  for (const detail of ['x', 'y']) tally.problem(1, 'odd', 'a', detail)
  tally.problem(1, 'odd', 'b', 'x')
  tally.problem(1, 'even', 'a', 'x')
  tally.commit()
  assert.deepEqual(present(tally.problems), ['odd a: x', 'odd b: x', 'even a: x'])
  tally.problem(-1, 'odd', 'a', 'x')
  tally.commit()
  assert.deepEqual(present(tally.problems), ['odd a: y', 'odd b: x', 'even a: x'])
})

test('what is discarded was never told', () => {
  const tally = new ProblemTally()
  tally.problem(1, 'odd', 'a', 'x')
  tally.commit()
  const { problems } = tally
  tally.problem(-1, 'odd', 'a', 'x')
  tally.problem(1, 'odd', 'b', 'x')
  tally.discard()
  tally.commit()
  assert.equal(tally.problems, problems)
})

test('the array is another one only if the problems are', () => {
  const tally = new ProblemTally()
  tally.problem(1, 'odd', 'a', 'x')
  tally.commit()
  const { problems } = tally
  tally.problem(-1, 'odd', 'a', 'x')
  tally.problem(1, 'odd', 'a', 'x')
  tally.commit()
  assert.equal(tally.problems, problems)
  tally.problem(1, 'odd', 'b', 'x')
  tally.commit()
  assert.notEqual(tally.problems, problems)
})

test('of problems with one kind and object the first stays', () => {
  const problem = (kind: string, object: string, detail: string) => ({ kind, object, detail })
  assert.deepEqual(
    present(
      distinctProblems([problem('k', 'a', '1'), problem('k', 'b', '2'), problem('k', 'a', '3')]),
    ),
    ['k a: 1', 'k b: 2'],
  )
})
