import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rewriteGoFlags } from '../../src/cli/go-flags.ts'

const IGNORING = /^ignoring (.+): the log is JSON lines/

describe('flags as Mesos-DNS spells them', () => {
  const TABLE: readonly (readonly [line: string, ours: string, ignored?: string])[] = [
    ['', ''],
    ['-config=a.json', '--config=a.json'],
    ['-config a.json', '--config a.json'],
    ['--config=a.json', '--config=a.json'],
    ['--config a.json', '--config a.json'],
    ['-config=', '--config='],
    ['serve -config a.json', 'serve --config a.json'],
    ['-version', '--version'],
    ['--version', '--version'],
    ['-version=true', '--version'],
    ['-version=false -config=a', '--config=a'],
    ['-h', '--help'],
    ['-help', '--help'],
    ['-v=0', '--log-level info'],
    ['-v=1', '--log-level info'],
    ['-v 1 -config=a', '--config=a --log-level info'],
    ['--v=2', '--log-level debug'],
    ['-v 3', '--log-level debug'],
    ['-v=1 -v=2', '--log-level debug'],
    ['-v=2 --log-level warn', '--log-level warn'],
    ['-v=2 --log-level=warn', '--log-level=warn'],
    ['-v=2 -log-level=warn', '--log-level=warn'],
    ['-logtostderr', '', '-logtostderr'],
    ['-logtostderr=true -config=a', '--config=a', '-logtostderr'],
    ['--config=a -logtostderr=true', '--config=a', '-logtostderr'],
    ['--logtostderr', '', '-logtostderr'],
    ['-alsologtostderr', '', '-alsologtostderr'],
    ['-stderrthreshold WARNING -config a', '--config a', '-stderrthreshold'],
    ['-stderrthreshold=0', '', '-stderrthreshold'],
    ['-log_dir /var/log -vmodule=a=1', '', '-log_dir, -vmodule'],
    ['-log_backtrace_at a.go:1', '', '-log_backtrace_at'],
    ['-logtostderr -logtostderr', '', '-logtostderr'],
    ['lookup a.mesos SRV --port 53', 'lookup a.mesos SRV --port 53'],
    ['lookup -port=53 a', 'lookup --port=53 a'],
    ['-x', '-x'],
    ['--no-such', '--no-such'],
    ['render --state -', 'render --state -'],
    ['lookup -- -config=a', 'lookup -- -config=a'],
  ]
  for (const [line, ours, ignored] of TABLE) {
    test(`mesos-ns ${line}`, () => {
      const { argv, warnings } = rewriteGoFlags(split(line))
      assert.deepEqual(argv, split(ours))
      assert.deepEqual(
        warnings.map((warning) => IGNORING.exec(warning)?.[1]),
        ignored === undefined ? [] : [ignored],
      )
    })
  }

  test('keep blanks and equals signs in their values', () => {
    assert.deepEqual(rewriteGoFlags(['-config=a b=c']).argv, ['--config=a b=c'])
    assert.deepEqual(rewriteGoFlags(['-config', 'a b=c']).argv, ['--config', 'a b=c'])
  })

  const FAULTS: Readonly<Record<string, RegExp>> = {
    '-v': /flag needs a value: -v=VALUE/,
    '-v=loud': /-v takes a number, not "loud"; write -v=1/,
    '-v -config=a': /-v takes a number/,
    '-stderrthreshold': /flag needs a value: -stderrthreshold=VALUE/,
  }
  for (const [line, message] of Object.entries(FAULTS)) {
    test(`mesos-ns ${line} is an error`, () => {
      assert.throws(() => rewriteGoFlags(split(line)), { code: 'MESOS_NS_USAGE', message })
    })
  }
})

function split(line: string): string[] {
  return line === '' ? [] : line.split(' ')
}
