import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { run } from './terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'mesos-ns-cli-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const good = file('good.json', { masters: ['127.0.0.1:5050'] })
const odd = file('odd.json', { masters: ['127.0.0.1:5050'], refreshSecond: 5 })
const bad = file('bad.json', { masters: ['127.0.0.1:5050'], refreshSeconds: 0, ttl: 'long' })

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
)

describe('the version', () => {
  for (const line of ['version', '--version', '-version', '-version=true']) {
    test(`is printed by mesos-ns ${line}`, async () => {
      assert.deepEqual(await run([line]), { status: 0, out: `${version}\n`, complaints: [] })
    })
  }
})

describe('help', () => {
  for (const line of ['--help', '-h', '-help']) {
    test(`is printed by mesos-ns ${line}, with every command and an example`, async () => {
      const { status, out } = await run([line])
      assert.equal(status, 0)
      for (const command of ['serve', 'check-config', 'render', 'lookup', 'demo', 'version']) {
        assert.match(out, new RegExp(`^  mesos-ns ${command} `, 'm'))
      }
      assert.match(out, /Examples:\n {2}mesos-ns serve --config/)
    })
  }

  test('of each command describes its flags', async () => {
    const flags: Readonly<Record<string, readonly string[]>> = {
      serve: ['config', 'log-level'],
      'check-config': ['config'],
      render: ['config', 'state', 'format', 'serial', 'resolve'],
      lookup: ['server', 'port', 'tcp', 'short', 'json', 'timeout'],
      demo: ['once', 'dns-port', 'http-port'],
    }
    for (const [command, names] of Object.entries(flags)) {
      const { out } = await run([command, '--help'])
      for (const name of names) assert.match(out, new RegExp(`^  +--${name} +\\S`, 'm'), command)
    }
  })
})

describe('completion', () => {
  test('prints a script', async () => {
    const { status, out } = await run(['completion'])
    assert.equal(status, 0)
    assert.match(out, /mesos-ns --get-yargs-completions/)
  })

  test('knows commands and flags', async () => {
    const commands = await run(['--get-yargs-completions', 'mesos-ns', ''])
    assert.ok(commands.out.split('\n').includes('check-config'), commands.out)
    const flags = await run(['--get-yargs-completions', 'mesos-ns', 'render', '--'])
    assert.ok(flags.out.split('\n').includes('--state'), flags.out)
  })
})

describe('a command line that cannot be understood', () => {
  const LINES: readonly (readonly [line: string, complaint: RegExp])[] = [
    ['no-such-command', /^unknown argument: no-such-command; see mesos-ns --help$/],
    ['check-config --no-such', /^unknown argument: no-such; see/],
    ['-confg=x', /^unknown argument: confg; see/],
    ['-v=loud', /^-v takes a number/],
    ['check-config --config', /^not enough arguments following: config; see/],
    ['check-config --log-level loud', /^invalid values: .*log-level.*"loud".*; see/],
    ['render', /^missing required argument: state; see/],
    ['render --state x --format xml', /^invalid values: .*format.*"xml"/],
    ['render --state x --serial -1', /^--serial is -1; use a whole number from 0 to 4294967295$/],
    ['render --state x --serial 1.5', /^--serial is 1\.5/],
    ['render --state x --serial abc', /^--serial is NaN/],
    ['demo --dns-port 70000', /^--dns-port is 70000; use a whole number from 0 to 65535$/],
    ['demo --http-port -1', /^--http-port is -1/],
  ]
  for (const [line, complaint] of LINES) {
    test(`mesos-ns ${line} ends with status 2 and one line`, async () => {
      const { status, out, complaints } = await run(line.split(' '))
      assert.deepEqual([status, out, complaints.length], [2, '', 1])
      assert.match(complaints[0] ?? '', complaint)
      assert.ok(!complaints[0]?.includes('\n'), complaints[0])
    })
  }

  test('ends with status 2 for a log level of the environment that is none', async () => {
    const { status, complaints } = await run(['serve'], { MESOS_NS_LOG_LEVEL: 'loud' })
    assert.equal(status, 2)
    assert.match(complaints[0] ?? '', /^MESOS_NS_LOG_LEVEL is "loud"; use one of fatal, /)
  })
})

describe('check-config', () => {
  test('is silent but for ok', async () => {
    const outcome = await run(['check-config', '--config', good])
    assert.deepEqual(outcome, { status: 0, out: `${good}: ok\n`, complaints: [] })
  })

  test('takes the file from the environment, and the last one of several flags', async () => {
    const fromEnvironment = await run(['check-config'], { MESOS_NS_CONFIG: good })
    assert.equal(fromEnvironment.out, `${good}: ok\n`)
    const last = await run(['check-config', `-config=${bad}`, `-config=${good}`])
    assert.equal(last.out, `${good}: ok\n`)
  })

  test('warns of what is ignored, and still is ok', async () => {
    const { status, out, complaints } = await run(['check-config', '--config', odd])
    assert.deepEqual([status, out, complaints.length], [0, `${odd}: ok\n`, 1])
    assert.match(complaints[0] ?? '', /^warning: .*refreshSecond.*did you mean refreshSeconds/)
  })

  test('says all that is wrong, with place and remedy, and no stack trace', async () => {
    const { status, out, complaints } = await run(['check-config', '--config', bad])
    assert.deepEqual([status, out, complaints.length], [1, '', 1])
    assert.match(complaints[0] ?? '', /bad\.json:1:\d+: refreshSeconds = 0: must be at least 1/)
    assert.match(complaints[0] ?? '', /bad\.json:1:\d+: ttl = "long"/)
    assert.doesNotMatch(complaints[0] ?? '', /\n +at /)
  })

  test('shows the stack trace with --log-level debug', async () => {
    for (const flags of [['--log-level', 'debug'], ['-log-level=debug']]) {
      const { status, complaints } = await run(['check-config', '--config', bad, ...flags])
      assert.equal(status, 1)
      assert.match(complaints.join('\n'), /^MESOS_NS_CONFIG: ConfigError[\s\S]*\n +at /m)
    }
  })

  test('says what to do about a file that is not there', async () => {
    const { status, complaints } = await run([
      'check-config',
      '--config',
      join(folder, 'none.json'),
    ])
    assert.equal(status, 1)
    assert.match(
      complaints[0] ?? '',
      /none\.json: there is no configuration file; name one with --config/,
    )
  })
})

test('flags of Mesos-DNS are ignored with one warning', async () => {
  const line = ['check-config', `-config=${good}`, '-logtostderr=true', '-log_dir', '/tmp']
  const { status, complaints } = await run(line)
  assert.equal(status, 0)
  assert.deepEqual(complaints, [
    'ignoring -logtostderr, -log_dir: the log is JSON lines on standard output; see --log-level',
  ])
})
