import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from './markdown.ts'

const changelog = read('CHANGELOG.md')
const { version }: { version: string } = JSON.parse(read('package.json'))

const headings = [...changelog.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '')
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']

test('the changelog begins with what is unreleased, then has dated versions, newest first', () => {
  assert.equal(headings[0], '[Unreleased]')
  const releases = headings.slice(1).map((heading) => {
    const [, number = '', date = ''] =
      /^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$/.exec(heading) ?? []
    assert.notEqual(number, '', `"${heading}" is not "[x.y.z] - yyyy-mm-dd"`)
    assert.ok(!Number.isNaN(Date.parse(date)), date)
    return { number, date }
  })
  const dates = releases.map(({ date }) => date)
  assert.deepEqual(dates, [...dates].sort().reverse())
  assert.equal(releases[0]?.number, version)
})

test('the changelog uses the kinds of change that Keep a Changelog names', () => {
  for (const [, kind = ''] of changelog.matchAll(/^### (.+)$/gm)) {
    assert.ok(KINDS.includes(kind), kind)
  }
})
