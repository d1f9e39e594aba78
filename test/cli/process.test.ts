// What only a process of its own shows: streams, signals and exit statuses.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, type TestContext, test } from 'node:test'
import { demoScenario, serveMaster } from '../../src/demo/index.ts'
import { configFile, ended, finish, logOf, start } from './child.ts'
import { run } from './terminal.ts'

/** A TCP port that somebody listens on for as long as the test runs. */
async function takePort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('errors go to standard error behind the name of the program', async (t) => {
  const outcome = await finish(start(t, ['check-config', '--config', '/none/config.json']))
  assert.deepEqual([outcome.status, outcome.out], [1, ''])
  assert.match(
    outcome.err,
    /^mesos-ns: \/none\/config\.json: there is no configuration file; [^\n]+\n$/,
  )
})

test('render takes the state from standard input', async (t) => {
  const line = ['render', '--state', '-', '--format', 'axfr', '--config', 'config.example.json']
  const child = start(t, line, { MESOS_NS_ZK: '' })
  child.stdin.end('{"leader": "master@10.0.0.1:5050", "slaves": [], "frameworks": []}')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)])
  assert.deepEqual([child.exitCode, err], [0, ''])
  assert.deepEqual(JSON.parse(out).Records.As['leader.mesos.'], ['10.0.0.1'])
})

test('a reader that closes early is no error', async (t) => {
  const child = start(t, ['--help'])
  child.stdout.destroy()
  const [err] = await Promise.all([text(child.stderr), ended(child)])
  assert.deepEqual([child.exitCode, err], [0, ''])
})

describe('demo', { concurrency: true }, () => {
  test('--once checks its own answers and ends with status 0', async (t) => {
    const outcome = await finish(
      start(t, ['demo', '--once', '--dns-port', '0', '--http-port', '0']),
    )
    assert.deepEqual([outcome.status, outcome.err], [0, ''], outcome.out)
    assert.equal(outcome.out.match(/-- right: /g)?.length, 3)
    assert.match(outcome.out, /^ {2}_web\._tcp\.marathon\.mesos +SRV /m)
    assert.match(outcome.out, /names outside mesos\. are refused, not forwarded/)
    assert.equal(outcome.out.match(/launched hello on S\d: .* after \d+ ms$/gm)?.length, 2)
    assert.match(outcome.out, /the leading master died; .*\n(\{.*\n)* {2}asked .*: each answered/)
  })

  test('runs on and tells what happens, until it is interrupted', async (t) => {
    const child = start(t, ['demo', '--dns-port', '0', '--http-port', '0'])
    const seen: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push(line)
      if (/^\d\d:\d\d:\d\d {2}\S/.test(line)) break
    }
    assert.ok(
      seen.some((line) => line.startsWith('Try these')),
      seen.join('\n'),
    )
    child.kill('SIGINT')
    await ended(child)
    assert.equal(child.exitCode, 0)
  })

  for (const [flag, other] of [
    ['--dns-port', '--http-port'],
    ['--http-port', '--dns-port'],
  ] as const) {
    test(`names ${flag} when that port is taken`, async (t) => {
      const port = await takePort(t)
      const outcome = await run(['demo', '--once', flag, String(port), other, '0'])
      const remedy = `choose another with ${flag} N`
      assert.equal(outcome.status, 1)
      assert.deepEqual(outcome.complaints, [
        `port ${port} on 127.0.0.1 is taken by another process; ${remedy}`,
      ])
    })
  }
})

describe('serve', { concurrency: true }, () => {
  test('answers until SIGTERM, then ends with status 0', async (t) => {
    const { cluster } = demoScenario({ seed: 1, masters: 1 })
    const master = await serveMaster(cluster)
    t.after(() => master.close())
    const settings = {
      masters: [`127.0.0.1:${master.address.port}`],
      listener: '127.0.0.1',
      httpListener: '127.0.0.1',
      port: 0,
      httpPort: 0,
      externalOn: false,
    }
    const child = start(t, [`-config=${configFile(t, settings)}`])
    const log: { msg: string; dns?: { port: number } }[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      log.push(JSON.parse(line))
      if (log.at(-1)?.msg === 'zone published') break
    }
    const port = String(log.find(({ msg }) => msg === 'listening')?.dns?.port)
    const answer = await run(['lookup', 'web.marathon.mesos', '--short', '--port', port])
    assert.deepEqual(answer.out.trim().split('\n').sort(), ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
    child.kill('SIGTERM')
    await ended(child)
    assert.equal(child.exitCode, 0)
  })

  test('reads its configuration again after SIGHUP, and goes on if that is bad', async (t) => {
    const settings = {
      masters: ['127.0.0.1:1'],
      listener: '127.0.0.1',
      httpListener: '127.0.0.1',
      port: 0,
      httpPort: 0,
      externalOn: false,
    }
    const file = configFile(t, settings)
    const child = start(t, [`-config=${file}`])
    const until = logOf(child)
    await until('listening')
    writeFileSync(file, JSON.stringify({ ...settings, ttl: 'x' }))
    child.kill('SIGHUP')
    const refused = await until('reload failed, everything stays as it was')
    assert.match(String(refused['reason']), /ttl = "x": /)
    writeFileSync(file, JSON.stringify({ ...settings, ttl: 7 }))
    child.kill('SIGHUP')
    assert.deepEqual((await until('configuration reloaded'))['changed'], ['ttl'])
    child.kill('SIGINT')
    await until('stopped')
    await ended(child)
    assert.equal(child.exitCode, 0)
  })

  test('ends with status 1 when zkStrict gives up', async (t) => {
    const settings = {
      zk: 'zk://127.0.0.1:1/mesos',
      zkStrict: true,
      zkDetectionTimeout: 1,
      listener: '127.0.0.1',
      port: 0,
      httpOn: false,
      externalOn: false,
    }
    const outcome = await finish(start(t, ['serve', '--config', configFile(t, settings)]))
    assert.equal(outcome.status, 1)
    assert.match(outcome.out, /"level":"fatal"/)
  })

  test('ends with status 1 and one line when it cannot listen', async (t) => {
    const port = await takePort(t)
    const settings = { masters: ['127.0.0.1:1'], listener: '127.0.0.1', port, externalOn: false }
    const file = configFile(t, { ...settings, httpOn: false })
    const outcome = await finish(start(t, ['serve', '--config', file]))
    assert.equal(outcome.status, 1)
    assert.match(
      outcome.err,
      /^mesos-ns: cannot listen for .+ on 127\.0\.0\.1:\d+: another process has this port [^\n]+\n$/,
    )
  })
})
