// The settings, config.schema.json and docs/configuration.md say the same.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../src/config/index.ts'
import { fillTables, jsonSchema } from '../../src/config/reference.ts'
import { groups, settingEntries } from '../../src/config/schema.ts'
import { fileWith, warnings } from './complaints.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const STALE = 'is stale: run node --import tsx test/config/generate.ts'

const docs = readFileSync(join(ROOT, 'docs', 'configuration.md'), 'utf8')
const schema: { properties: Record<string, { default?: unknown; description?: string }> } =
  JSON.parse(readFileSync(join(ROOT, 'config.schema.json'), 'utf8'))

test('config.schema.json is what the settings say', () => {
  assert.deepEqual(schema, JSON.parse(JSON.stringify(jsonSchema())), `config.schema.json ${STALE}`)
})

test('the tables of docs/configuration.md are what the settings say', () => {
  assert.equal(fillTables(docs), docs, `docs/configuration.md ${STALE}`)
})

test('every group has its table', () => {
  for (const group of Object.keys(groups))
    assert.ok(docs.includes(`<!-- settings: ${group} -->`), group)
  assert.throws(() => fillTables('<!-- settings: nothing -->\n<!-- end -->'), RangeError)
})

test('the table of reloads has each key once', () => {
  const [, rows = ''] = /<!-- reload -->\n([\s\S]*?)<!-- end -->/.exec(docs) ?? []
  const keys = [...rows.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) => cell.split(', '))
  assert.deepEqual(keys.sort(), settingEntries.map(([, { key }]) => `\`${key}\``).sort())
})

const documented = new Map(
  [...docs.matchAll(/^\| `(\w+)` \| [^|]+ \| `(.*?)` \| (.*) \|$/gm)].map((row) => [row[1], row]),
)

test('each key is in both once, with its default and a description', () => {
  assert.deepEqual(Object.keys(schema.properties), [
    '$schema',
    ...settingEntries.map(([, { key }]) => key),
  ])
  assert.equal(documented.size, settingEntries.length)
  for (const [, { key, default: value }] of settingEntries) {
    assert.deepEqual(schema.properties[key]?.default, value, key)
    assert.ok(schema.properties[key]?.description, key)
    assert.deepEqual(JSON.parse(documented.get(key)?.[2] ?? 'null'), value, key)
  }
})

test('a file that spells every default out is the same as an empty one', () => {
  const spelled = Object.fromEntries(
    settingEntries.map(([, setting]) => [setting.key, setting.default]),
  )
  const { masters } = JSON.parse(fileWith({}))
  assert.deepEqual(
    parseConfig(fileWith({ ...spelled, masters })).config,
    parseConfig(fileWith({})).config,
  )
})

test('the examples shown in complaints are valid', () => {
  for (const [, { key, example }] of settingEntries) {
    const settings = { ...needs(key), [key]: example }
    const found = warnings(fileWith(settings)).filter((line) => !line.includes('is not used'))
    assert.deepEqual(found, [], key)
  }
})

/** What else a setting cannot be without. */
function needs(key: string): Record<string, unknown> {
  if (key === 'CertFile') return { KeyFile: '/k' }
  if (key === 'KeyFile') return { CertFile: '/c' }
  return key === 'mesosAuthentication' ? { mesosCredentials: { principal: 'p' } } : {}
}
