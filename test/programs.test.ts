import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startUnbound } from './interop/unbound.ts'
import { needs, startDaemon } from './programs.ts'

/** Runs something with other environment variables. */
function withEnvironment<T>(variables: Readonly<Record<string, string>>, run: () => T): T {
  const before = { ...process.env }
  Object.assign(process.env, variables)
  try {
    return run()
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

test('a program that is missing: skipped with the package to install, in CI an error', () => {
  const PATH = '/nonexistent'
  const install = 'dig, kdig not found: apt-get install dnsutils knot-dnsutils'
  assert.deepEqual(
    withEnvironment({ PATH, CI: '' }, () => needs('dig', 'kdig')),
    { skip: install },
  )
  assert.throws(() => withEnvironment({ PATH, CI: 'true' }, () => needs('dig', 'kdig')), {
    message: install,
  })
})

/** Directories of daemons of this kind that are left. */
function left(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('mesos-ns-unbound-'))
}

test('a daemon that ends at once: its words, and nothing left', needs('unbound'), async () => {
  let directory = ''
  const started = startDaemon({
    name: 'unbound',
    prepare: (at) => {
      directory = at
      const path = join(at, 'unbound.conf')
      writeFileSync(path, 'server:\n  no-such-option: yes\n')
      return ['-d', '-c', path]
    },
    answers: async () => false,
  })
  await assert.rejects(started, /unbound ended; unbound said:\n.*unbound\.conf:2: error/s)
  assert.deepEqual(
    left().filter((name) => directory.endsWith(name)),
    [],
  )
})

test(
  'a daemon that was stopped has let go of its port and directory',
  needs('unbound'),
  async () => {
    const unbound = await startUnbound(['  local-zone: "." refuse'])
    assert.ok(left().some((name) => unbound.directory.endsWith(name)))
    await unbound.stop()
    await unbound.stop()
    assert.ok(!left().some((name) => unbound.directory.endsWith(name)))
    assert.throws(() => process.kill(unbound.pid, 0), { code: 'ESRCH' })
    const socket = connect(unbound.port, '127.0.0.1')
    await assert.rejects(
      new Promise((resolve, reject) => socket.on('connect', resolve).on('error', reject)),
      { code: 'ECONNREFUSED' },
    )
  },
)
