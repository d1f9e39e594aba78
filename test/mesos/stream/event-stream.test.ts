import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { AuthError, StateFetchError } from '../../../src/mesos/errors.ts'
import { EventStreamError } from '../../../src/mesos/stream/errors.ts'
import { EventStream } from '../../../src/mesos/stream/event-stream.ts'
import type { HostPort } from '../../../src/net/address.ts'
import { recordingLog } from '../../recording-log.ts'
import { frame, HEARTBEAT, subscribed, taskAdded } from './fake-stream.ts'

const MASTER = { host: '192.0.2.1', port: 5050 }
const settle = () => new Promise(setImmediate)

interface Attempt {
  readonly at: number
  readonly signal: AbortSignal
  /** Has the master send something. */
  send(octets: Uint8Array): Promise<void>
  /** Has the master end the answer. */
  end(): Promise<void>
  fail(error: Error): Promise<void>
}

/** A stream on mocked timers whose connections do what the test says. */
function setUp(
  t: TestContext,
  more: { readonly isWanted?: boolean; readonly random?: number } = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let time = 0
  const attempts: Attempt[] = []
  const told: string[] = []
  const { log, lines } = recordingLog()
  const connect = (open: (master: HostPort) => (octets: Uint8Array) => void, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const take = open(MASTER)
      signal.addEventListener('abort', () => reject(signal.reason))
      const after = (act: () => void) => {
        act()
        return settle().then(() => {})
      }
      attempts.push({
        at: time,
        signal,
        send: (octets) =>
          after(() => {
            try {
              take(octets)
            } catch (error) {
              reject(error)
            }
          }),
        end: () => after(resolve),
        fail: (error) => after(() => reject(error)),
      })
    })
  const stream = new EventStream({
    connect,
    receiver: {
      subscribed: (_, { port }) => void told.push(`subscribed ${port}`),
      batch: ({ types }) => void told.push(types.join(' ')),
      lost: () => void told.push('lost'),
      changed: (isNews) => {
        if (isNews) told.push(stream.status.state)
      },
    },
    timeoutMs: 300_000,
    isWanted: more.isWanted ?? false,
    log,
    random: () => more.random ?? 0,
    now: () => time,
    clock: () => 1_500_000_000_000 + time,
  })
  t.after(() => stream.stop())
  const pass = async (ms: number) => {
    time += ms
    t.mock.timers.tick(ms)
    await settle()
    await settle()
  }
  const last = () => attempts.at(-1) ?? assert.fail('no attempt')
  return { stream, attempts, told, lines, pass, last }
}

type Setup = ReturnType<typeof setUp>

/** Milliseconds until the next attempt begins, to the nearest 50. */
async function untilNextAttempt({ attempts, pass }: Setup, most = 1_000_000): Promise<number> {
  const before = attempts.length
  for (let ms = 0; ms <= most; ms += 50) {
    if (attempts.length > before) return ms
    await pass(50)
  }
  return Number.POSITIVE_INFINITY
}

const GREETING = Buffer.concat([frame(subscribed([], 15)), frame(HEARTBEAT)])
const refused = () => new StateFetchError('192.0.2.1:5050: connection refused (ECONNREFUSED)')

test('connects at once, tells what comes, and is connected', async (t) => {
  const { stream, told, last, lines } = setUp(t)
  assert.equal(stream.status.state, 'off')
  stream.start()
  stream.start()
  await last().send(GREETING)
  await last().send(frame(taskAdded('web.1')))
  assert.deepEqual(told, [
    'connecting',
    'connected',
    'subscribed 5050',
    'SUBSCRIBED HEARTBEAT',
    'TASK_ADDED',
  ])
  assert.deepEqual(stream.master, MASTER)
  assert.deepEqual(stream.status, {
    state: 'connected',
    since: 1_500_000_000_000,
    master: '192.0.2.1:5050',
    connects: 1,
    failures: 0,
    lastError: undefined,
    events: { SUBSCRIBED: 1, HEARTBEAT: 1, TASK_ADDED: 1 },
    lastEventAt: 1_500_000_000_000,
  })
  assert.deepEqual(
    lines.map(({ level, message }) => [level, message]),
    [['info', 'event stream connected']],
  )
})

test('types that are not known are counted together, and heartbeats are no events', async (t) => {
  const { stream, last, pass } = setUp(t)
  stream.start()
  await last().send(GREETING)
  await pass(1_000)
  await last().send(
    Buffer.concat([frame({ type: 'constructor' }), frame({ type: 'B' }), frame('{')]),
  )
  await pass(1_000)
  await last().send(frame(HEARTBEAT))
  const { events, lastEventAt } = stream.status
  assert.deepEqual(events, { SUBSCRIBED: 1, HEARTBEAT: 2, other: 3 })
  assert.equal(lastEventAt, 1_500_000_001_000)
})

test('failures are followed by pauses from half a second to half a minute', async (t) => {
  const setup = setUp(t)
  const { stream, last, lines } = setup
  stream.start()
  const pauses: number[] = []
  for (let i = 0; i < 8; i++) {
    await last().fail(refused())
    assert.equal(stream.status.state, 'waiting')
    pauses.push(await untilNextAttempt(setup))
  }
  // The random half is 0 here.
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000])
  assert.equal(stream.status.failures, 8)
  assert.match(stream.status.lastError ?? '', /connection refused/)
  assert.deepEqual(
    lines.map(({ level, message }) => [level, message]),
    [['warn', 'no event stream; the state is fetched instead']],
  )
})

test('a master that is recovering is asked again soon', async (t) => {
  const setup = setUp(t)
  const { stream, last } = setup
  stream.start()
  const pauses: number[] = []
  for (let i = 0; i < 6; i++) {
    await last().fail(new EventStreamError('not-ready', 'recovering'))
    pauses.push(await untilNextAttempt(setup))
  }
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 2_500, 2_500])
})

test('refused credentials are a failure like others', async (t) => {
  const setup = setUp(t)
  setup.stream.start()
  await setup.last().fail(new AuthError('refused'))
  assert.equal(setup.stream.status.state, 'waiting')
  assert.equal(await untilNextAttempt(setup), 250)
})

test('streams that end soon do not begin the pauses again, one that lasts does', async (t) => {
  const setup = setUp(t)
  const { stream, last, pass, told } = setup
  stream.start()
  const pauses: number[] = []
  for (const life of [0, 1_000, 30_000, 59_000, 60_000, 1_000]) {
    await last().send(GREETING)
    for (let lived = 0; lived < life; lived += 1_000) {
      await pass(1_000)
      await last().send(frame(HEARTBEAT))
    }
    await last().end()
    pauses.push(await untilNextAttempt(setup))
  }
  assert.deepEqual(pauses, [250, 500, 1_000, 2_000, 250, 500])
  assert.equal(told.filter((what) => what === 'lost').length, 6)
  assert.equal(stream.status.connects, 6)
  assert.match(stream.status.lastError ?? '', /192\.0\.2\.1:5050 ended the event stream/)
})

test('every loss of a stream is logged, and every connection', async (t) => {
  const setup = setUp(t)
  const { stream, last, lines } = setup
  stream.start()
  for (let i = 0; i < 2; i++) {
    await last().send(GREETING)
    await last().end()
    await untilNextAttempt(setup)
  }
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, fields.reason ?? fields.master, fields.failures]),
    [
      ['info', '192.0.2.1:5050', undefined],
      ['warn', '192.0.2.1:5050 ended the event stream', 1],
      ['info', '192.0.2.1:5050', 1],
      ['warn', '192.0.2.1:5050 ended the event stream', 1],
    ],
  )
})

test('without an octet for two and a half heartbeats it is dead', async (t) => {
  const { stream, attempts, last, pass } = setUp(t)
  stream.start()
  await last().send(Buffer.concat([frame(subscribed([], 4)), frame(HEARTBEAT)]))
  await pass(9_999)
  // Half a record shows that somebody is there.
  await last().send(Buffer.from('2'))
  await pass(9_999)
  assert.equal(stream.status.state, 'connected')
  await pass(1)
  assert.equal(stream.status.state, 'waiting')
  assert.equal(attempts[0]?.signal.aborted, true)
  assert.equal(stream.status.lastError, '192.0.2.1:5050 has sent nothing for 10 s')
})

test('SUBSCRIBED must be complete in time, however it drips', async (t) => {
  const { stream, last, pass } = setUp(t)
  stream.start()
  await last().send(Buffer.from('1000000\n'))
  for (let i = 0; i < 299; i++) {
    await pass(1_000)
    await last().send(Buffer.from(' '))
  }
  assert.equal(stream.status.state, 'connecting')
  await pass(1_000)
  assert.equal(stream.status.state, 'waiting')
  assert.equal(stream.status.lastError, 'no complete SUBSCRIBED within 300 s')
})

test('that time is over once SUBSCRIBED is complete', async (t) => {
  const { stream, last, pass } = setUp(t)
  stream.start()
  await last().send(GREETING)
  for (let i = 0; i < 40; i++) {
    await pass(15_000)
    await last().send(frame(HEARTBEAT))
  }
  assert.equal(stream.status.state, 'connected')
  assert.equal(stream.status.connects, 1)
})

for (const isWanted of [false, true]) {
  const level = isWanted ? 'warn' : 'info'
  test(`a master without event stream is asked again every ten minutes, at ${level}`, async (t) => {
    const setup = setUp(t, { isWanted })
    const { stream, last, lines } = setup
    stream.start()
    for (let i = 0; i < 3; i++) {
      await last().fail(new EventStreamError('unsupported', 'answered with status 404'))
      assert.equal(stream.status.state, 'unsupported')
      assert.equal(await untilNextAttempt(setup), 600_000)
    }
    assert.deepEqual(
      lines.map((line) => [line.level, line.message]),
      [[level, 'the leading master has no event stream; the state is fetched instead']],
    )
  })
}

test('what begins as no stream is unsupported', async (t) => {
  const { stream, last } = setUp(t)
  stream.start()
  await last().send(Buffer.from('<html>'))
  assert.equal(stream.status.state, 'unsupported')
  assert.match(stream.status.lastError ?? '', /answers SUBSCRIBE with something else than events/)
})

test('garbage in a stream ends it', async (t) => {
  const { stream, last, told } = setUp(t)
  stream.start()
  await last().send(GREETING)
  await last().send(Buffer.from('garbage'))
  assert.equal(stream.status.state, 'waiting')
  assert.match(stream.status.lastError ?? '', /sends a broken stream/)
  assert.equal(told.includes('lost'), true)
})

test('when another master leads it connects anew at once, with short pauses again', async (t) => {
  const setup = setUp(t)
  const { stream, attempts, last, lines } = setup
  stream.start()
  for (let i = 0; i < 5; i++) {
    await last().fail(refused())
    await untilNextAttempt(setup)
  }
  await last().fail(new EventStreamError('unsupported', 'answered with status 404'))
  stream.reconnect()
  await settle()
  assert.equal(attempts.length, 7)
  await last().send(GREETING)
  const logged = lines.length
  stream.reconnect()
  await settle()
  assert.equal(attempts[6]?.signal.aborted, true)
  assert.equal(attempts.length, 8)
  assert.equal(lines.length, logged, 'leaving a stream is no loss')
  await last().fail(refused())
  assert.equal(await untilNextAttempt(setup), 250)
})

test('a stream that was not started is not connected by another leader', async (t) => {
  const { stream, attempts } = setUp(t)
  stream.reconnect()
  await settle()
  assert.equal(attempts.length, 0)
})

for (const when of ['connecting', 'connected', 'waiting', 'unsupported'] as const) {
  test(`stop while ${when} leaves nothing behind`, async (t) => {
    const { stream, attempts, last, pass, lines } = setUp(t)
    stream.start()
    if (when === 'connected') await last().send(GREETING)
    if (when === 'waiting') await last().fail(refused())
    if (when === 'unsupported') await last().fail(new EventStreamError('unsupported', 'no'))
    assert.equal(stream.status.state, when)
    const logged = lines.length
    await stream.stop()
    assert.equal(stream.status.state, 'off')
    assert.equal(last().signal.aborted, when === 'connecting' || when === 'connected')
    await pass(1_000_000)
    stream.start()
    stream.reconnect()
    await pass(1_000_000)
    assert.equal(attempts.length, 1)
    assert.equal(lines.length, logged)
  })
}

test('a fault of ours is told with its stack, and does not end the attempts', async (t) => {
  const setup = setUp(t)
  setup.stream.start()
  await setup.last().fail(new TypeError('broke'))
  assert.match(
    setup.stream.status.lastError ?? '',
    /unexpected fault, please report it: TypeError: broke/,
  )
  assert.equal(await untilNextAttempt(setup), 250)
})
