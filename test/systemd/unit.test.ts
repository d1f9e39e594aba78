import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
const UNIT = join(ROOT, 'systemd', 'mesos-ns.service')
const unit = readFileSync(UNIT, 'utf8')

function settings(name: string): string[] {
  return [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((match) => match[1] ?? '')
}

interface Ran {
  readonly status: number | null
  readonly output: string
}

/** Runs systemd-analyze; where there is none the test is skipped, or fails in CI. */
function analyze(t: TestContext, ...args: string[]): Ran | undefined {
  const ran = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  if (ran.error !== undefined) {
    if (process.env['CI'] !== undefined) {
      assert.fail('systemd-analyze is missing: install the package systemd')
    }
    t.skip('systemd-analyze is missing (package systemd)')
    return undefined
  }
  return { status: ran.status, output: `${ran.stdout}${ran.stderr}` }
}

test('systemd-analyze verify finds nothing to say about the unit', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'mesos-ns-unit-'))
  t.after(() => rmSync(directory, { recursive: true }))
  // It also wants the command to exist: node stands in for what is not installed here.
  const copy = join(directory, 'mesos-ns.service')
  writeFileSync(
    copy,
    unit.replace('ExecStart=/usr/local/bin/mesos-ns', `ExecStart=${process.execPath}`),
  )
  const ran = analyze(t, 'verify', '--man=no', copy)
  if (ran === undefined) return
  assert.deepEqual(ran, { status: 0, output: '' })
})

test('docs/operations.md quotes the score of systemd-analyze security', (t) => {
  const operations = readFileSync(join(ROOT, 'docs', 'operations.md'), 'utf8')
  const quoted = /exposure level (\d+\.\d+).*?systemd (\d+)/s.exec(operations)
  assert.ok(quoted, 'no "exposure level N.N … systemd N" in docs/operations.md')

  const security = analyze(t, 'security', '--offline=true', '--no-pager', UNIT)
  const version = analyze(t, '--version')
  if (security === undefined || version === undefined) return
  const score = /exposure level for mesos-ns\.service: (\d+\.\d+)/.exec(security.output)?.[1]
  assert.ok(score, security.output)
  if (/^systemd (\d+)/.exec(version.output)?.[1] === quoted[2]) assert.equal(score, quoted[1])
  // Other versions weigh other things; what systemd calls OK ends at 4.9, and this is far below.
  else assert.ok(Number(score) <= 2, security.output)
})

test('the service may bind port 53 and has no other capability', () => {
  assert.deepEqual(settings('CapabilityBoundingSet'), ['CAP_NET_BIND_SERVICE'])
  assert.deepEqual(settings('AmbientCapabilities'), ['CAP_NET_BIND_SERVICE'])
  assert.deepEqual(settings('User'), [])
  assert.deepEqual(settings('DynamicUser'), ['yes'])
})

test('the service comes back however often it ends', () => {
  assert.deepEqual(settings('Restart'), ['always'])
  assert.deepEqual(settings('StartLimitIntervalSec'), ['0'])
})

test('the service is told of, watched and reloaded in ways that systemd 252 and older know', () => {
  assert.deepEqual(settings('Type'), ['notify'])
  assert.deepEqual(settings('NotifyAccess'), ['all'], 'systemd-notify may speak for it')
  assert.deepEqual(settings('ExecReload'), ['/bin/kill -HUP $MAINPID'])
  assert.deepEqual(settings('WatchdogSec'), ['60'])
  assert.deepEqual(settings('TimeoutStopSec'), ['30'])
  assert.ok(settings('RestrictAddressFamilies')[0]?.includes('AF_UNIX'), 'its messages may leave')
})

/**
 * Of src/sockets/libc.ts, what lowers the priority of the thread that follows the state, and what it takes
 * to start systemd-notify and to have the signal of ExecReload= sent.
 */
const CALLS =
  'socket bind getsockname setsockopt getsockopt fcntl shutdown close recvmmsg sendmmsg poll sendto ' +
  'setpriority clone execve wait4 pipe2 kill'

/** The system calls of a set of systemd's. */
function callsOf(t: TestContext, set: string): readonly string[] | undefined {
  const ran = analyze(t, 'syscall-filter', '--no-pager', set)
  return ran?.output
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .flatMap((entry) => (entry.startsWith('@') ? (callsOf(t, entry) ?? []) : [entry]))
}

test('the filter lets the system calls of threads and sockets through', (t) => {
  const allowed = new Set<string>()
  for (const filter of settings('SystemCallFilter')) {
    const forbids = filter.startsWith('~')
    for (const entry of filter.replace('~', '').split(' ')) {
      const calls = entry.startsWith('@') ? callsOf(t, entry) : [entry]
      if (calls === undefined) return
      for (const call of calls) forbids ? allowed.delete(call) : allowed.add(call)
    }
  }
  assert.deepEqual(
    CALLS.split(' ').filter((call) => !allowed.has(call)),
    [],
  )
  assert.ok(!allowed.has('mount'), 'and not those of others')
})
