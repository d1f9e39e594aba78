import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { anchors, links, pages, ROOT, read } from './markdown.ts'

const manifest: {
  version: string
  license: string
  scripts: Record<string, string>
} = JSON.parse(read('package.json'))

test('README.md stays within 200 lines', () => {
  const lines = read('README.md').trimEnd().split('\n').length
  assert.ok(lines <= 200, `${lines} lines: move detail into docs/`)
})

for (const path of pages()) {
  test(`links of ${path} lead somewhere`, () => {
    const broken = links(read(path)).filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? path : normalize(join(dirname(path), file))
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && !anchors(read(target)).has(anchor)
    })
    assert.deepEqual(broken, [])
  })
}

test('docs/README.md and README.md list every page of docs/', () => {
  const others = pages().filter((path) => path.startsWith('docs/') && path !== 'docs/README.md')
  const index = links(read('docs/README.md')).map((link) => `docs/${link}`)
  assert.deepEqual(index.sort(), others)
  const readme = links(read('README.md'))
  assert.deepEqual(
    others.filter((path) => !readme.includes(path)),
    [],
  )
})

test('npm scripts named in the pages exist', () => {
  const unknown = pages().flatMap((path) =>
    [...read(path).matchAll(/npm run (?:--silent )?([a-z:]+)/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => !(name in manifest.scripts))
      .map((name) => `${path}: npm run ${name}`),
  )
  assert.deepEqual(unknown, [])
})

test('LICENSE is the whole text of the license package.json names', () => {
  assert.equal(manifest.license, 'Apache-2.0')
  const license = read('LICENSE')
  assert.match(license, /^\s*Apache License\n\s*Version 2\.0, January 2004\n/)
  assert.match(license, /9\. Accepting Warranty or Additional Liability\./)
  assert.match(license, /END OF TERMS AND CONDITIONS/)
})

test('the systemd unit names documentation that the package holds', () => {
  const [, path] =
    /^Documentation=file:\/usr\/local\/lib\/node_modules\/mesos-ns\/(.+)$/m.exec(
      read('systemd/mesos-ns.service'),
    ) ?? []
  assert.ok(path !== undefined && existsSync(join(ROOT, path)), path)
})
