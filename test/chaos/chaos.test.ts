// A server in a cluster in which everything breaks: no wrong answer, no crash, no leak.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Random } from '../../src/demo/random.ts'
import { nothingLeft, openSockets, seenWorkers } from '../app/running.ts'
import { needsKoffi } from '../koffi.ts'
import type { LogLine } from '../recording-log.ts'
import { Chaos } from './chaos.ts'
import type { Resources } from './resources.ts'
import { startWorld } from './world.ts'

const SEED = numberFrom('MESOS_NS_CHAOS_SEED') ?? Math.floor(Math.random() * 2 ** 32)
const STEPS = numberFrom('MESOS_NS_CHAOS_STEPS') ?? 3000
/** For more steps, more of it: a step takes some milliseconds, and much longer where others work, too. */
const TIMEOUT_MS = 240_000 + STEPS * 100

/** Sockets of masters and ZooKeeper that are just being opened, or closed. */
const SPARE_SOCKETS = 8
/** Heaps of four threads grow and shrink; a zone that was kept for each of the thousands of changes is more. */
const SPARE_MB = 128

async function chaos(t: TestContext): Promise<void> {
  t.diagnostic(`MESOS_NS_CHAOS_SEED=${SEED} MESOS_NS_CHAOS_STEPS=${STEPS}`)
  const workers = seenWorkers(t)
  const socketsBefore = openSockets()
  const world = await startWorld(SEED)
  t.after(() => world.close())
  const { server, lines } = world
  const chaos = new Chaos(world, SEED, workers)
  t.after(() => chaos.close())
  const random = new Random(SEED)
  while (chaos.tally.steps < STEPS && chaos.wrong.length === 0) {
    const isCalm = random.below(5) === 0
    await chaos.round(40 + random.below(80), {
      faults: isCalm ? 0 : 5 + random.below(20),
      lies: random.below(2) === 0,
      updates: chaos.tally.rounds % 4 === 3 ? 'poll' : 'auto',
    })
  }
  chaos.close()
  const { tally, wrong, killed, held } = chaos
  t.diagnostic(JSON.stringify({ ...tally, killed }))
  t.diagnostic(JSON.stringify(held.at(-1)))
  assert.deepEqual(wrong, [], `MESOS_NS_CHAOS_SEED=${SEED}\n${wrong.join('\n')}`)
  assert.ok(tally.certain > tally.replies / 4, 'it is often known for sure what is right')
  assert.ok(tally.streamed > tally.rounds / 2, 'events are often followed')

  assert.deepEqual(server.restarts(), killed, 'no thread has died but those that were killed')
  const { state, query } = server.status().threads
  assert.deepEqual([state.running, query.running], [state.count, query.count])
  assert.deepEqual(unexpected(lines), [])
  assertNoLeak(held)

  await world.close()
  await nothingLeft(workers, socketsBefore)
}

/** Lines of errors but for those of what was done to it. */
function unexpected(lines: readonly LogLine[]): LogLine[] {
  return lines.filter(({ level, message, fields }) => {
    if (level !== 'error' && level !== 'fatal') return false
    // What terminate() leaves: 0 of a thread that is just being started.
    if (message === 'thread ended') return !/^it ended with status [01]$/.test(`${fields.reason}`)
    // A reload that came while the state thread was being replaced.
    if (message.startsWith('reload failed')) return !`${fields.reason}`.includes('try again')
    return true
  })
}

/** The last half of the rounds holds no more than the first. */
function assertNoLeak(held: readonly Resources[]): void {
  const half = Math.ceil(held.length / 2)
  const most = (key: keyof Resources, of: readonly Resources[]) =>
    Math.max(...of.map((each) => each[key]))
  const spare = { sockets: SPARE_SOCKETS, threads: 1, othersMb: SPARE_MB }
  for (const key of ['sockets', 'threads', 'othersMb'] as const) {
    const [before, after] = [most(key, held.slice(0, half)), most(key, held.slice(half))]
    assert.ok(after <= before + spare[key], `${key}: ${before} at first, ${after} later`)
  }
}

function numberFrom(variable: string): number | undefined {
  const text = process.env[variable]
  return text === undefined ? undefined : Number(text)
}

// Without koffi the sockets of a query thread die with it.
test('everything breaks, and no answer is wrong', { ...needsKoffi(), timeout: TIMEOUT_MS }, chaos)
