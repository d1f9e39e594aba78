import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ConfigError, configSource, FileWatch } from '../../src/config/index.ts'

function scene(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-watch-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = (name: string) => join(folder, name)
  const secretFile = path('secret')
  const config = {
    masters: ['10.0.0.1:5050'],
    mesosAuthentication: 'basic',
    mesosCredentials: { principal: 'p', secretFile },
  }
  writeFileSync(secretFile, 'one')
  writeFileSync(path('config.json'), JSON.stringify(config))
  const source = configSource({ path: path('config.json'), env: {} })
  source.load()
  let changes = 0
  let settles = true
  const watch = new FileWatch(source.files, source.look, async () => {
    changes++
    if (settles) watch.know(source.look())
  })
  return {
    path,
    source,
    watch,
    changes: () => changes,
    refuse: () => {
      settles = false
    },
    look: async (times: number) => {
      for (let i = 0; i < times; i++) await watch.look()
      return changes
    },
  }
}

test('files that hold what they held are no change, whoever writes them', async (t) => {
  const { look, path } = scene(t)
  assert.equal(await look(3), 0)
  writeFileSync(path('secret'), 'one')
  assert.equal(await look(3), 0)
})

test('other content counts when it was seen twice in a row, and once', async (t) => {
  const { look, path } = scene(t)
  await look(2)
  writeFileSync(path('secret'), 'two')
  assert.equal(await look(1), 0)
  writeFileSync(path('secret'), 'three')
  assert.equal(await look(1), 0)
  assert.equal(await look(1), 1)
  assert.equal(await look(5), 1)
})

test('files that are replaced, and links that are turned, are followed', async (t) => {
  const { look, path } = scene(t)
  writeFileSync(path('new'), 'two')
  renameSync(path('new'), path('secret'))
  assert.equal(await look(2), 1)
  for (const folder of ['a', 'b']) {
    mkdirSync(path(folder))
    writeFileSync(join(path(folder), 'secret'), folder)
  }
  rmSync(path('secret'))
  symlinkSync(path('a'), path('current'))
  symlinkSync(join(path('current'), 'secret'), path('secret'))
  assert.equal(await look(2), 2)
  symlinkSync(path('b'), path('next'))
  renameSync(path('next'), path('current'))
  assert.equal(await look(2), 3)
})

test('a file that is gone for a moment does no harm, one that stays away is a change', async (t) => {
  const { look, path } = scene(t)
  rmSync(path('secret'))
  assert.equal(await look(1), 0)
  writeFileSync(path('secret'), 'one')
  assert.equal(await look(3), 0)
  rmSync(path('secret'))
  assert.equal(await look(2), 1)
})

test('what could not be applied for the moment is tried again', async (t) => {
  const { look, path, refuse } = scene(t)
  refuse()
  writeFileSync(path('secret'), 'two')
  assert.equal(await look(4), 3)
})

test('the files of a configuration that is not valid are known, too', (t) => {
  const { source, path } = scene(t)
  const before = source.files
  writeFileSync(path('secret'), '')
  assert.throws(() => source.load(), ConfigError)
  assert.deepEqual([...source.files.keys()], [...before.keys()])
  assert.notEqual(source.files.get(path('secret')), before.get(path('secret')))
})
