import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ConfigError } from '../../src/config/index.ts'
import { MesosNsError } from '../../src/errors.ts'
import { ListenError } from '../../src/net/listen.ts'
import { plainError, revivedError } from '../../src/threads/plain-error.ts'

/** What an error is on the other side of a message port. */
function crossed(error: Error): Error {
  return revivedError(structuredClone(plainError(error)))
}

function systemError(): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error('bind EADDRINUSE 127.0.0.1:53')
  return Object.assign(error, { code: 'EADDRINUSE', errno: -98, syscall: 'bind', port: 53 })
}

describe('an error that crosses threads', () => {
  test('keeps class name, message, stack and own properties', () => {
    const error = Object.assign(new TypeError('not that'), { code: 'ERR_X', detail: { a: [1] } })
    const there = crossed(error)
    assert.ok(there instanceof Error)
    assert.deepEqual(
      [there.constructor.name, there.name, there.message, there.stack],
      ['TypeError', 'TypeError', 'not that', error.stack],
    )
    assert.deepEqual({ ...there }, { code: 'ERR_X', detail: { a: [1] } })
  })

  test('is a MesosNsError of the same code if it was one, system error and all', () => {
    const where = { host: '127.0.0.1', port: 53 }
    const keys = { what: 'DNS over UDP', hostKey: 'listener', portKey: 'port' }
    const error = new ListenError(keys, where, systemError())
    const there = crossed(error)
    assert.ok(there instanceof MesosNsError)
    assert.deepEqual(
      [there.code, there.name, there.message],
      ['MESOS_NS_LISTEN', 'ListenError', error.message],
    )
    const { code, errno, syscall, port } = there.cause as NodeJS.ErrnoException & { port: number }
    assert.deepEqual([code, errno, syscall, port], ['EADDRINUSE', -98, 'bind', 53])
  })

  test('keeps what a ConfigError lists', () => {
    const issue = { where: 'a.json:1:1', path: 'port', value: 0, message: 'is odd', fix: 'mend it' }
    const there = crossed(new ConfigError([issue])) as ConfigError
    assert.deepEqual(there.issues, [issue])
  })

  test('keeps its causes, and those it is made of', () => {
    const error = new AggregateError([new Error('one'), new RangeError('two')], 'both', {
      cause: new Error('deep', { cause: 'of text' }),
    })
    const there = crossed(error) as AggregateError
    assert.deepEqual(
      there.errors.map((each: Error) => [each.name, each.message]),
      [
        ['Error', 'one'],
        ['RangeError', 'two'],
      ],
    )
    assert.equal((there.cause as Error).message, 'deep')
    assert.equal((there.cause as Error).cause, 'of text')
  })

  test('loses only what no message can carry', () => {
    const there = crossed(Object.assign(new Error('odd'), { retry: () => {}, code: 7 }))
    assert.deepEqual({ ...there }, { code: 7 })
  })

  test('may be its own cause', () => {
    const error = new Error('snake')
    error.cause = error
    assert.equal(crossed(error).message, 'snake')
  })

  test('has no cause if it had none', () => {
    assert.equal('cause' in crossed(new Error('plain')), false)
  })
})
