import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LOG_LEVELS, type Logger, type LogLevel } from '../../src/log.ts'
import { type LogMessage, relayLogger, writeRelayed } from '../../src/threads/log-relay.ts'
import { recordingLog } from '../recording-log.ts'

/** A logger whose lines cross as if between threads, and what comes out at the other end. */
function relayed(level: LogLevel = 'debug', context = {}) {
  const { log, lines } = recordingLog()
  const posted: LogMessage[] = []
  const relay = relayLogger(level, (line) => {
    posted.push(line)
    writeRelayed(log, structuredClone(line), context)
  })
  return { relay, lines, posted }
}

const CALLS: readonly (readonly [string, (log: Logger) => void])[] = [
  ['fields and text', (log) => log.info({ serial: 7, names: ['a'] }, 'zone published')],
  ['text alone', (log) => log.warn('stopping')],
  ['text with values', (log) => log.debug('%s of %d', 'one', 2)],
  ['fields alone', (log) => log.error({ left: 1 })],
  ['an undefined field', (log) => log.info({ there: undefined, here: 1 }, 'text')],
  ['an error that cannot be sent as it is', (log) => log.fatal({ err: fault, at: 1 }, 'fault')],
  ['an error alone', (log) => log.error(fault)],
  ['an error and a text', (log) => log.error(fault, 'could not')],
]

const fault = Object.assign(new RangeError('outer', { cause: new Error('inner') }), {
  code: 'E_FAULT',
})

describe('a line logged in a thread', () => {
  for (const [what, call] of CALLS) {
    test(`is the same as one logged directly: ${what}`, () => {
      const direct = recordingLog()
      call(direct.log)
      const { relay, lines } = relayed()
      call(relay)
      assert.equal(direct.lines.length, 1)
      assert.deepEqual(lines, direct.lines)
    })
  }

  test('says which thread it was where that matters', () => {
    const { relay, lines } = relayed('info', { thread: 'query-2' })
    relay.info({ a: 1 }, 'text')
    assert.deepEqual(lines[0]?.fields, { thread: 'query-2', a: 1 })
  })

  test('goes without what no message can carry', () => {
    const log = recordingLog()
    const { port1, port2 } = new MessageChannel()
    const relay = relayLogger('info', (line) => {
      port1.postMessage(line)
      writeRelayed(log.log, line)
    })
    relay.info({ call: () => {}, kept: 1 }, 'text')
    port1.close()
    port2.close()
    assert.deepEqual(log.lines[0]?.fields, { kept: 1 })
  })
})

test('nothing below the level is even posted', () => {
  for (const level of LOG_LEVELS) {
    const { relay, posted } = relayed(level)
    const direct = recordingLog()
    direct.log.level = level
    for (const log of [relay, direct.log]) {
      for (const name of ['debug', 'info', 'warn', 'error', 'fatal'] as const) log[name]('text')
    }
    assert.deepEqual(
      posted.map((line) => line.level),
      direct.lines.map((line) => line.level),
      level,
    )
  }
})

test('the level can be changed', () => {
  const { relay, posted } = relayed('error')
  relay.info('unheard')
  relay.level = 'info'
  relay.info('heard')
  assert.deepEqual(
    posted.map(({ message }) => message),
    ['heard'],
  )
})
