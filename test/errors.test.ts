import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { UsageError } from '../src/cli/errors.ts'
import { EXIT, exitStatusOf } from '../src/cli/exit-status.ts'
import { type ErrorCode, MesosNsError } from '../src/errors.ts'

const ROOT = join(import.meta.dirname, '..')
const page = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8')
const cliPage = readFileSync(join(ROOT, 'docs', 'cli.md'), 'utf8')

/** The codes in the source of the type, which is gone at run time. */
const codes = [
  ...readFileSync(join(ROOT, 'src', 'errors.ts'), 'utf8').matchAll(/^ {2}\| '(MESOS_NS_\w+)'/gm),
].map((match) => match[1] as ErrorCode)

/** First two cells of each row of a table. */
function rows(text: string): string[][] {
  return [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \|/gm)]
    .map(([, ...cells]) => cells.map((cell) => (cell ?? '').trim()))
    .filter(([first = '']) => !/^-*$/.test(first))
}

describe('docs/errors.md', () => {
  test('has a section for every code, and for nothing else', () => {
    assert.ok(codes.length > 0)
    assert.deepEqual(
      [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]),
      codes,
    )
  })

  test('lists every code with the exit status it causes', () => {
    const table = rows(page)
      .filter(([first = '']) => first.startsWith('['))
      .map(([code = '', status]) => [/^\[(\w+)\]/.exec(code)?.[1], Number(status)])
    const expected = codes.map((code) => [code, exitStatusOf(new MesosNsError(code, 'text'))])
    assert.deepEqual(table, expected)
  })
})

describe('exit statuses', () => {
  test('are those in docs/cli.md', () => {
    const section = cliPage.split('\n## Exit statuses\n')[1]?.split('\n## ')[0] ?? ''
    const documented = rows(section)
      .map(([status]) => Number(status))
      .filter((status) => !Number.isNaN(status))
    assert.deepEqual(documented, Object.values(EXIT))
  })

  test('of unexpected errors is that of a failure', () => {
    assert.equal(exitStatusOf(new Error('text')), 1)
    assert.equal(exitStatusOf('text'), 1)
  })
})

test('errors carry their code, their name and their cause', () => {
  const cause = new Error('cause')
  const error = new UsageError('text', { cause })
  assert.deepEqual(
    [error.code, error.name, error.message, error.cause],
    ['MESOS_NS_USAGE', 'UsageError', 'text', cause],
  )
  assert.ok(error instanceof MesosNsError)
})
