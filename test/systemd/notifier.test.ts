import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { silentLogger } from '../../src/log.ts'
import { loadSockets, type SocketLibrary } from '../../src/sockets/index.ts'
import { createNotifier, type NotifierMeans } from '../../src/systemd/index.ts'
import { eventually } from '../eventually.ts'
import { needsKoffi } from '../koffi.ts'
import { needs } from '../programs.ts'
import { recordingLog } from '../recording-log.ts'
import { receiveAt, type UnixReceiver } from '../unix-receiver.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'mesos-ns-notify-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

/** A notifier for this socket, and what it logs. */
function notifierFor(t: TestContext, socket: string, means?: NotifierMeans) {
  const { log, lines } = recordingLog()
  const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '4000000', PATH: process.env['PATH'] }
  const notifier = createNotifier(env, log, means)
  t.after(() => notifier.close())
  return { notifier, lines }
}

/** Has everything read until `count` messages have come. */
async function readAll(receiver: UnixReceiver, count: number): Promise<string[]> {
  const messages: string[] = []
  await eventually(`${count} messages came`, () => {
    messages.push(...receiver.read())
    return messages.length >= count
  })
  return messages
}

test('without NOTIFY_SOCKET nothing happens', () => {
  const { log, lines } = recordingLog()
  const notifier = createNotifier({ WATCHDOG_USEC: '4000000' }, log)
  notifier.ready()
  notifier.reloading()
  notifier.status('text')
  notifier.watchdog()
  notifier.stopping()
  notifier.close()
  notifier.close()
  assert.equal(notifier.watchdogMs, undefined)
  assert.deepEqual(lines, [])
})

test('a service that ends neither reloads nor becomes ready', needsKoffi(), async (t) => {
  const socket = join(folder(t), 'notify')
  const receiver = receiveAt(t, socket)
  const { notifier } = notifierFor(t, socket)
  notifier.stopping()
  notifier.reloading()
  notifier.ready()
  notifier.stopping()
  notifier.status('stopping')
  assert.deepEqual(await readAll(receiver, 2), ['STOPPING=1', 'STATUS=stopping'])
})

for (const socket of ['vsock:2:1234', 'relative/path', '@', '/']) {
  test(`NOTIFY_SOCKET=${socket} is said once and does no harm`, (t) => {
    const { notifier, lines } = notifierFor(t, socket)
    notifier.ready()
    notifier.stopping()
    assert.equal(notifier.watchdogMs, undefined)
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, fields['socket']]),
      [['warn', socket]],
    )
  })
}

test('a child gets nothing of it', (t) => {
  const names = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']
  t.after(() => {
    for (const name of names) delete process.env[name]
  })
  for (const name of names) process.env[name] = '1'
  createNotifier(process.env, silentLogger).close()
  const print = 'console.log(Object.keys(process.env).join())'
  const inherited = execFileSync(process.execPath, ['-e', print], { encoding: 'utf8' }).split(',')
  assert.deepEqual(
    names.filter((name) => inherited.includes(name)),
    [],
  )
})

describe('through a socket of our own', needsKoffi(), () => {
  for (const kind of ['path', 'abstract'] as const) {
    test(`the life of a service, ${kind}`, (t) => {
      const socket = kind === 'path' ? join(folder(t), 'notify') : `@mesos-ns-notify-${process.pid}`
      const receiver = receiveAt(t, socket)
      const { notifier, lines } = notifierFor(t, socket)
      assert.equal(notifier.watchdogMs, 2_000)
      const before = process.hrtime.bigint() / 1000n
      notifier.status('no state yet')
      notifier.ready()
      notifier.watchdog()
      notifier.reloading()
      notifier.ready()
      notifier.stopping()
      const messages = receiver.read()
      const reloading = messages.splice(3, 1)[0] ?? ''
      assert.deepEqual(messages, [
        'STATUS=no state yet',
        'READY=1',
        'WATCHDOG=1',
        'READY=1',
        'STOPPING=1',
      ])
      const [, usec = ''] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(reloading) ?? []
      assert.ok(BigInt(usec) >= before && BigInt(usec) <= process.hrtime.bigint() / 1000n)
      assert.deepEqual(lines, [])
    })
  }

  test('a status is one line, not too long, and not sent again while it is the same', (t) => {
    const socket = join(folder(t), 'notify')
    const receiver = receiveAt(t, socket)
    const { notifier } = notifierFor(t, socket)
    notifier.status('one\nREADY=1\r\n\ttwo')
    notifier.status('one\nREADY=1\r\n\ttwo')
    notifier.status('é'.repeat(10_000))
    notifier.status('three')
    assert.deepEqual(receiver.read(), [
      'STATUS=one READY=1 two',
      `STATUS=${'é'.repeat(500)}`,
      'STATUS=three',
    ])
  })

  test('nobody at the other end: said once, and systemd that comes back is told again', (t) => {
    const socket = join(folder(t), 'notify')
    const { notifier, lines } = notifierFor(t, socket)
    notifier.ready()
    notifier.watchdog()
    notifier.reloading()
    assert.deepEqual(
      lines.map(({ level, message }) => [level, message]),
      [['warn', 'systemd cannot be told how the service fares']],
    )
    assert.match(JSON.stringify(lines[0]?.fields), /ENOENT/)
    const receiver = receiveAt(t, socket)
    notifier.ready()
    assert.deepEqual(receiver.read(), ['READY=1'])
    assert.equal(lines.length, 1)
  })

  test('a path that is too long: said once', (t) => {
    const { notifier, lines } = notifierFor(t, `/${'x'.repeat(200)}`)
    notifier.ready()
    assert.equal(notifier.watchdogMs, undefined)
    assert.match(JSON.stringify(lines), /ENAMETOOLONG/)
    assert.equal(lines.length, 1)
  })

  /** Messages fill the queue of `socket` until there is no more room; returns their number. */
  function fill(t: TestContext, socket: string): number {
    const sender = (loadSockets() as SocketLibrary).openUnixSender(socket)
    t.after(() => sender.close())
    let count = 0
    while (sender.send(Buffer.from('x'))) count++
    return count
  }

  test('systemd is busy: messages wait in order, those of the watchdog do not', async (t) => {
    const socket = join(folder(t), 'notify')
    const receiver = receiveAt(t, socket)
    const { notifier, lines } = notifierFor(t, socket)
    const filled = fill(t, socket)
    notifier.watchdog()
    notifier.reloading()
    notifier.watchdog()
    notifier.status('text')
    notifier.ready()
    const messages = (await readAll(receiver, filled + 3)).slice(filled)
    assert.deepEqual(
      messages.map((message) => message.split('\n')[0]),
      ['RELOADING=1', 'STATUS=text', 'READY=1'],
    )
    assert.deepEqual(
      lines.map(({ level, message }) => [level, message]),
      [['debug', 'systemd takes no message now']],
    )
    notifier.watchdog()
    assert.deepEqual(receiver.read(), ['WATCHDOG=1'])
  })

  test('systemd is busy for long: the newest messages are kept, and no more than 16', async (t) => {
    const socket = join(folder(t), 'notify')
    const receiver = receiveAt(t, socket)
    const { notifier } = notifierFor(t, socket)
    const filled = fill(t, socket)
    for (let i = 0; i < 100; i++) notifier.status(String(i))
    const messages = (await readAll(receiver, filled + 16)).slice(filled)
    assert.deepEqual(
      messages,
      Array.from({ length: 16 }, (_, i) => `STATUS=${84 + i}`),
    )
  })

  test('nothing is sent after close', (t) => {
    const socket = join(folder(t), 'notify')
    const receiver = receiveAt(t, socket)
    const { notifier, lines } = notifierFor(t, socket)
    fill(t, socket)
    notifier.ready()
    notifier.close()
    notifier.close()
    notifier.stopping()
    assert.ok(!receiver.read().includes('READY=1'))
    notifier.ready()
    notifier.watchdog()
    assert.deepEqual(receiver.read(), [])
    assert.equal(lines.filter(({ level }) => level === 'warn').length, 0)
  })
})

describe('without koffi', () => {
  /** Stands in for systemd-notify: adds what it is called with to a file. */
  function recorder(t: TestContext) {
    const base = folder(t)
    const program = join(base, 'systemd-notify')
    const file = join(base, 'calls')
    const script = `#!/bin/sh\necho "$NOTIFY_SOCKET" "$@" >> '${file}'\n`
    writeFileSync(program, script, { mode: 0o755 })
    writeFileSync(file, '')
    const calls = () => readFileSync(file, 'utf8').trimEnd().split('\n')
    return { means: { sockets: undefined, program }, calls }
  }

  test('systemd-notify says the least that is needed, in order, and there is no watchdog', async (t) => {
    const { means, calls } = recorder(t)
    const { notifier, lines } = notifierFor(t, '/run/notify', means)
    assert.equal(notifier.watchdogMs, undefined)
    notifier.status('one')
    notifier.status('two')
    notifier.ready()
    notifier.watchdog()
    notifier.status('three')
    notifier.reloading()
    notifier.ready()
    notifier.stopping()
    await eventually('all was said', () => calls().length === 4)
    assert.deepEqual(
      calls().map((call) => call.replace(/\d{3,}/, 'N')),
      [
        '/run/notify -- READY=1 WATCHDOG_USEC=0 STATUS=two',
        '/run/notify -- RELOADING=1 MONOTONIC_USEC=N STATUS=three',
        '/run/notify -- READY=1',
        '/run/notify -- STOPPING=1',
      ],
    )
    assert.deepEqual(
      lines.map(({ level }) => level),
      ['debug'],
    )
  })

  test('no such program either: said once, with what to do', async (t) => {
    const means = { sockets: undefined, program: '/nonexistent/systemd-notify' }
    const { notifier, lines } = notifierFor(t, '/run/notify', means)
    notifier.ready()
    notifier.stopping()
    const warnings = () => lines.filter(({ level }) => level === 'warn')
    await eventually('it was said', () => warnings().length > 0)
    assert.match(warnings()[0]?.message ?? '', /install koffi, or set Type=exec/)
    assert.match(JSON.stringify(warnings()[0]?.fields), /ENOENT/)
    assert.equal(warnings().length, 1)
  })

  const { skip } = needsKoffi()
  test('the real systemd-notify', { skip: skip || needs('systemd-notify').skip }, async (t) => {
    const socket = join(folder(t), 'notify')
    const receiver = receiveAt(t, socket)
    const means = { sockets: undefined, program: 'systemd-notify' }
    const { notifier } = notifierFor(t, socket, means)
    notifier.status('it answers')
    notifier.ready()
    const messages = await readAll(receiver, 1)
    assert.equal(messages[0]?.trimEnd(), 'READY=1\nWATCHDOG_USEC=0\nSTATUS=it answers')
    notifier.stopping()
    await eventually('it said that it stops', () => {
      messages.push(...receiver.read())
      return messages.includes('STOPPING=1') || messages.includes('STOPPING=1\n')
    })
  })
})
