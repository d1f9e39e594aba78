// docs/rest-api.md: its examples are asked for and must come out as they are printed.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allRoutes } from '../../src/http/routes.ts'
import { problem } from '../../src/http/schemas.ts'
import { readiness } from '../../src/http/status-schemas.ts'
import { config, serve } from './setup.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/rest-api.md'), 'utf8')
const routes = allRoutes(config())
const paths = routes.map(({ path }) => path)

const EXAMPLE =
  /^```console\n\$ curl -s (-X POST )?http:\/\/127\.0\.0\.1:8123(\S+)(?: \| ([^\n]+))?\n(.*?)^```$/gms
const examples = Array.from(page.matchAll(EXAMPLE), ([, post, path = '', filter, output = '']) => ({
  method: post === undefined ? 'GET' : 'POST',
  path,
  filter,
  output,
}))

/** `jq …`, or `grep ^…` with no more than letters and underscores. */
function filtered(filter: string, body: string): string {
  const [, program, argument = ''] = /^(jq|grep) (.+)$/.exec(filter) ?? []
  if (program === 'jq') return jq(argument, body)
  assert.match(argument, /^\^\w+$/)
  const lines = body.split('\n').filter((line) => line.startsWith(argument.slice(1)))
  return lines.join('\n')
}

/** The two forms of jq filter the page uses: `.a.b` and `'{A, B}'`. */
function jq(filter: string, json: string): string {
  const value = JSON.parse(json)
  const picked = /^'\{(.+)\}'$/.exec(filter)?.[1]
  const result =
    picked === undefined
      ? filter
          .slice(1)
          .split('.')
          .reduce((inner, key) => inner[key], value)
      : Object.fromEntries(picked.split(', ').map((key) => [key, value[key]]))
  return JSON.stringify(result, null, 2)
}

const SETTINGS = {
  mesosAuthentication: 'basic',
  mesosCredentials: { principal: 'mesos-ns', secret: 'x' },
}

for (const { method, path, filter, output } of examples) {
  test(`the example of ${path} is what comes`, async (t) => {
    const options = { config: config(SETTINGS), version: '0.1.0', random: () => 0 }
    const { request } = await serve(t, options)
    const { body } = await request(path, { method })
    const shown = filter === undefined ? body : filtered(filter, body)
    assert.equal(shown.trimEnd(), output.trimEnd())
  })
}

test('every console block is such an example', () => {
  assert.equal(page.match(/^```console$/gm)?.length, examples.length)
})

test('every path of the API has a section, a row in the table, and an example', () => {
  const sections = Array.from(page.matchAll(/^#+ (GET|POST) (\S+)$/gm), ([, ...words]) => words)
  assert.deepEqual(
    sections,
    routes.map(({ method = 'GET', path }) => [method, path]),
  )
  const rows = Array.from(page.matchAll(/^\| \[`(\/\S+)`\]/gm), (match) => match[1])
  assert.deepEqual(rows, paths)
  const patterns = paths.map((path) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`))
  const without = paths.filter((_, i) => !examples.some(({ path }) => patterns[i]?.test(path)))
  assert.deepEqual(without, [])
})

test('every code of a notice is in the table', () => {
  const rows = Array.from(
    page.matchAll(/^\| `([a-z-]+)` +\| (?:reasons|remarks) \|/gm),
    (match) => match[1],
  )
  const { element } = readiness.shape.reasons
  assert.deepEqual(rows, element.shape.code.options)
})

test('every reason of a problem document is in the table', () => {
  const rows = Array.from(page.matchAll(/^\| \d{3} +\| `([a-z-]+)` +\|/gm), (match) => match[1])
  assert.deepEqual(rows.sort(), [...problem.shape.reason.options].sort())
})
