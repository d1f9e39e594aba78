// The rules are the table in docs/architecture.md ("Who may import whom"): this test reads them from
// there, so that neither can drift from the other.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')
const DOCUMENT = readFileSync(join(ROOT, 'docs', 'architecture.md'), 'utf8')

/** `zone` for src/zone/…, `app` for src/app.ts. */
function partOf(file: string): string {
  return (relative(SRC, file).split(sep)[0] ?? '').replace(/\.ts$/, '')
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g

/** What a source text imports, statically, for types, or dynamically. */
function importsOf(source: string): string[] {
  return [...source.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '')
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name))
  .sort()

/** File → files of ours it imports. */
const graph = new Map(
  files.map((file) => [
    file,
    importsOf(readFileSync(file, 'utf8'))
      .filter((name) => name.startsWith('.'))
      .map((name) => resolve(dirname(file), name)),
  ]),
)

/** Part → parts it may import, from the document; `undefined` stands for all. */
function rules(): Map<string, Set<string> | undefined> {
  const section = DOCUMENT.split('## Who may import whom')[1]?.split('\n## ')[0] ?? ''
  const table = new Map<string, Set<string> | undefined>()
  for (const row of section.matchAll(/^\| ([^|]+) \| ([^|]+) \|/gm)) {
    const imports = row[2]?.trim() === 'all' ? undefined : names(row[2])
    for (const part of names(row[1])) table.set(part, imports)
  }
  return table
}

function names(cell: string | undefined): Set<string> {
  return new Set([...(cell ?? '').matchAll(/`([a-z-]+)`/g)].map((match) => match[1] ?? ''))
}

test('the import pattern sees every form of import', () => {
  const source = [
    "import { a } from './a.ts'",
    "import type { B } from './b.ts'",
    'import {\n  c,\n  d,\n} from "./c.ts"',
    "import './d.ts'",
    "export * from './e.ts'",
    "const f = await import('./f.ts')",
  ].join('\n')
  assert.deepEqual(importsOf(source), ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts'])
})

test('docs/architecture.md has a rule for every part of src, and for nothing else', () => {
  const parts = new Set(files.map(partOf))
  assert.deepEqual([...rules().keys()].sort(), [...parts].sort())
})

test('parts import only what docs/architecture.md allows', () => {
  const table = rules()
  const wrong: string[] = []
  for (const [file, imports] of graph) {
    const part = partOf(file)
    const allowed = table.get(part)
    if (allowed === undefined) continue
    for (const imported of imports) {
      const other = partOf(imported)
      if (other !== part && !allowed.has(other)) {
        wrong.push(`${relative(ROOT, file)} imports ${relative(ROOT, imported)}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

test('imports between our files name files that are there', () => {
  const known = new Set(files)
  const missing = [...graph].flatMap(([file, imports]) =>
    imports
      .filter((imported) => imported.endsWith('.ts') && !known.has(imported))
      .map((imported) => `${relative(ROOT, file)} imports ${relative(ROOT, imported)}`),
  )
  assert.deepEqual(missing, [])
})

test('files do not import each other in a circle', () => {
  const done = new Set<string>()
  const path: string[] = []
  const circles: string[] = []
  const visit = (file: string): void => {
    const start = path.indexOf(file)
    if (start !== -1) {
      circles.push([...path.slice(start), file].map((name) => relative(SRC, name)).join(' → '))
      return
    }
    if (done.has(file)) return
    path.push(file)
    for (const imported of graph.get(file) ?? []) visit(imported)
    path.pop()
    done.add(file)
  }
  for (const file of files) visit(file)
  assert.deepEqual(circles, [])
})

test('no part reads the environment or ends the process, except at the edges', () => {
  const edges = new Set(['main', 'app', 'cli', 'demo'])
  const wrong = files
    .filter((file) => !edges.has(partOf(file)))
    .filter((file) => /\bprocess\.(env|exit|argv)\b/.test(readFileSync(file, 'utf8')))
    .map((file) => relative(ROOT, file))
  assert.deepEqual(wrong, [])
})
