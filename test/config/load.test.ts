import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/index.ts'

const MASTERS = '{"masters": ["10.0.0.1:5050"]}'

/** A file system of these files. */
function disk(files: Record<string, string>) {
  return (path: string): string => {
    const text = files[path]
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return text
  }
}

test('reads a file, and says where it came from', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'c.json')
  writeFileSync(path, MASTERS)
  const { config, warnings } = loadConfig({ path, env: {} })
  assert.deepEqual([config.file, config.masters, warnings], [path, ['10.0.0.1:5050'], []])
})

test('the example loads without a warning', () => {
  const path = join(import.meta.dirname, '..', '..', 'config.example.json')
  assert.deepEqual(loadConfig({ path, env: {} }).warnings, [])
})

test('the default is config.json in the working directory', () => {
  const read = disk({ [resolve('config.json')]: MASTERS })
  assert.equal(loadConfig({ env: {}, read }).config.file, resolve('config.json'))
})

test('relative paths are made absolute', () => {
  const read = disk({ [resolve('etc/c.json')]: MASTERS })
  assert.equal(loadConfig({ path: 'etc/c.json', env: {}, read }).config.file, resolve('etc/c.json'))
})

test('~/ is the home directory, where USERPROFILE comes before HOME', () => {
  const read = disk({
    '/home/a/c.json': MASTERS,
    '/home/$&/c.json': MASTERS,
    [resolve('c.json')]: MASTERS,
  })
  const file = (env: Record<string, string>) =>
    loadConfig({ path: '~/c.json', env, read }).config.file
  assert.equal(file({ HOME: '/home/a' }), '/home/a/c.json')
  assert.equal(file({ HOME: '/home/b', USERPROFILE: '/home/a' }), '/home/a/c.json')
  assert.equal(file({ HOME: '/home/a', USERPROFILE: '' }), '/home/a/c.json')
  assert.equal(file({ HOME: '/home/$&' }), '/home/$&/c.json')
  assert.equal(file({}), resolve('c.json'))
})

test('without a file, says how to give one', () => {
  const fix = 'name one with --config FILE; config.example.json shows what goes into it'
  for (const path of [undefined, '/gone.json']) {
    assert.throws(() => loadConfig({ path, env: {}, read: disk({}) }), {
      name: 'ConfigError',
      code: 'MESOS_NS_CONFIG',
      message: `${path ?? resolve('config.json')}: there is no configuration file; ${fix}`,
    })
  }
})

test('a file that cannot be read is a complaint, too', () => {
  assert.throws(() => loadConfig({ path: import.meta.dirname, env: { MESOS_NS_MASTERS: 'm:1' } }), {
    message: `${import.meta.dirname}: cannot be read: it is a directory; check the path and who may read it`,
  })
})

test('the environment alone will do where no file is named', () => {
  const env = { MESOS_NS_MASTERS: 'm1:5050' }
  const { config } = loadConfig({ env, read: disk({}) })
  assert.deepEqual([config.masters, config.file], [['m1:5050'], ''])
  assert.throws(
    () => loadConfig({ path: '/gone', env, read: disk({}) }),
    /there is no configuration/,
  )
  const other = { MESOS_NS_LOG_LEVEL: 'debug', MESOS_NS_CONFIG: 'x' }
  assert.throws(() => loadConfig({ env: other, read: disk({}) }), /there is no configuration/)
})

test('the environment overrides the file', () => {
  const read = disk({ '/c.json': '{"masters": ["m1:5050"], "ttl": 5}' })
  const { config } = loadConfig({ path: '/c.json', env: { MESOS_NS_TTL: '7' }, read })
  assert.deepEqual([config.ttl, config.masters], [7, ['m1:5050']])
})

test('files named in the file are read with it', () => {
  const read = disk({ '/c.json': '{"zk": "file:///zk"}', '/zk': 'zk://h/mesos\n' })
  assert.equal(loadConfig({ path: '/c.json', env: {}, read }).config.zk, 'zk://h/mesos')
})
