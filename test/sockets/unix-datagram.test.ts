import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { loadSockets, type SocketLibrary } from '../../src/sockets/index.ts'
import { type Libc, loadLibc } from '../../src/sockets/libc.ts'
import { SocketLibrary as Library } from '../../src/sockets/socket-library.ts'
import { needsKoffi } from '../koffi.ts'
import { receiveAt } from '../unix-receiver.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'mesos-ns-unix-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

function sender(t: TestContext, path: string, sockets = loadSockets() as SocketLibrary) {
  const opened = sockets.openUnixSender(path)
  t.after(() => opened.close())
  return opened
}

const octets = (text: string) => Buffer.from(text)

describe('unix datagrams', needsKoffi(), () => {
  test('reach a path', (t) => {
    const path = join(folder(t), 'notify')
    const receiver = receiveAt(t, path)
    const opened = sender(t, path)
    assert.equal(opened.send(octets('one')), true)
    assert.equal(opened.send(octets('two\nlines ✓')), true)
    assert.deepEqual(receiver.read(), ['one', 'two\nlines ✓'])
  })

  test('reach a name in the abstract namespace, and no name that only begins alike', (t) => {
    const name = `@mesos-ns-test-${process.pid}`
    const receiver = receiveAt(t, name)
    assert.equal(sender(t, name).send(octets('one')), true)
    assert.deepEqual(receiver.read(), ['one'])
    for (const other of [`${name}x`, name.slice(0, -1)]) {
      assert.throws(() => sender(t, other).send(octets('two')), { code: 'ECONNREFUSED' })
    }
  })

  test('the longest path there can be, and one more', (t) => {
    const base = folder(t)
    const longest = join(base, 'x'.repeat(107 - base.length - 1))
    const receiver = receiveAt(t, longest)
    sender(t, longest).send(octets('one'))
    assert.deepEqual(receiver.read(), ['one'])
    assert.throws(() => sender(t, `${longest}x`), { code: 'ENAMETOOLONG' })
    assert.throws(() => sender(t, `@${'é'.repeat(54)}`), { code: 'ENAMETOOLONG' })
  })

  test('nobody there: an error each time, until somebody is', (t) => {
    const path = join(folder(t), 'notify')
    const opened = sender(t, path)
    assert.throws(() => opened.send(octets('one')), { code: 'ENOENT', syscall: 'sendto' })
    const receiver = receiveAt(t, path)
    assert.equal(opened.send(octets('two')), true)
    assert.deepEqual(receiver.read(), ['two'])
    receiver.close()
    assert.throws(() => opened.send(octets('three')), { code: 'ECONNREFUSED' })
  })

  test('a receiver that does not read: no waiting, and room again when it does', (t) => {
    const path = join(folder(t), 'notify')
    const receiver = receiveAt(t, path)
    const opened = sender(t, path)
    let sent = 0
    while (opened.send(octets('x'))) sent++
    assert.ok(sent > 0)
    assert.equal(opened.send(octets('x')), false)
    assert.equal(receiver.read().length, sent)
    assert.equal(opened.send(octets('y')), true)
    assert.deepEqual(receiver.read(), ['y'])
  })

  test('4,096 octets are possible, more are not', (t) => {
    const path = join(folder(t), 'notify')
    const receiver = receiveAt(t, path)
    const opened = sender(t, path)
    assert.throws(() => opened.send(octets('x'.repeat(4097))), { code: 'EMSGSIZE' })
    const outcome = opened.send(octets('x'.repeat(4096)))
    assert.deepEqual(receiver.read(), outcome ? ['x'.repeat(4096)] : [])
  })

  test('no socket to be had', (t) => {
    const broken: Libc = { ...(loadLibc() as Libc), socket: () => -1, errno: () => 24 }
    assert.throws(() => sender(t, '/run/notify', new Library(broken)), { code: 'EMFILE' })
  })

  test('nothing is sent once it is closed', (t) => {
    const path = join(folder(t), 'notify')
    const receiver = receiveAt(t, path)
    const opened = sender(t, path)
    opened.close()
    opened.close()
    assert.throws(() => opened.send(octets('one')), { code: 'EBADF' })
    assert.deepEqual(receiver.read(), [])
  })
})
