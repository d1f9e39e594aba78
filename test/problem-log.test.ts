import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemLog } from '../src/problem-log.ts'
import type { Problem } from '../src/report.ts'
import { recordingLog } from './recording-log.ts'

function problem(object: string, kind = 'agent-without-pid'): Problem {
  return { kind, object, detail: 'left out' }
}

test('a problem is logged when it appears, not as long as it lasts, and again when it comes back', () => {
  const { log, lines } = recordingLog()
  const problems = new ProblemLog(log)
  for (const objects of [['S1'], ['S1'], ['S1', 'S2'], ['S2'], ['S1', 'S2']]) {
    problems.update(objects.map((object) => problem(object)))
  }
  assert.deepEqual(
    lines.map(({ fields }) => fields['object']),
    ['S1', 'S2', 'S1'],
  )
})

test('of many at once only some get a line, the rest a count by kind', () => {
  const { log, lines } = recordingLog()
  const many = Array.from({ length: 100 }, (_, i) => problem(`S${i}`, i % 2 === 0 ? 'even' : 'odd'))
  new ProblemLog(log).update([...many, ...many])
  assert.equal(lines.length, 21)
  assert.deepEqual(lines.at(-1)?.fields, { kinds: { even: 40, odd: 40 } })
})
