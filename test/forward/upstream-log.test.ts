import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Upstream } from '../../src/forward/upstream.ts'
import { UpstreamLog } from '../../src/forward/upstream-log.ts'
import { recordingLog } from '../recording-log.ts'

const upstream = (name: string): Upstream => ({
  name,
  ask: () => Promise.reject(new Error('not asked here')),
})
const SILENT = { kind: 'timeout', detail: 'no reply in 5 s' } as const

/** Events at seconds: `-` fails, `+` answers. */
function lines(events: [at: number, what: '-' | '+', name?: string][]): string[] {
  const { log, lines } = recordingLog()
  const known = new Map<string, Upstream>()
  let now = 0
  const upstreamLog = new UpstreamLog(log, () => now)
  for (const [at, what, name = 'u'] of events) {
    now = at * 1000
    const one = known.get(name) ?? upstream(name)
    known.set(name, one)
    if (what === '-') upstreamLog.failed(one, SILENT)
    else upstreamLog.answered(one)
  }
  return lines.map(({ level, fields, message: text }) => {
    assert.match(text, /^[a-z]/)
    return `${level} ${fields['upstream']} ${fields['failures']} ${text}`
  })
}

test('an upstream that answers is not mentioned', () => {
  assert.deepEqual(
    lines([
      [0, '+'],
      [1, '+'],
    ]),
    [],
  )
})

test('the first failure is said at once, the rest once a minute with a count', () => {
  const events: [number, '-'][] = []
  for (let at = 0; at <= 125; at++) events.push([at, '-'])
  assert.deepEqual(lines(events), [
    'warn u 1 upstream fails',
    'warn u 60 upstream still fails',
    'warn u 60 upstream still fails',
  ])
})

test('the recovery is said once, with what was not counted yet', () => {
  assert.deepEqual(
    lines([
      [0, '-'],
      [1, '-'],
      [2, '-'],
      [3, '+'],
      [4, '+'],
    ]),
    ['warn u 1 upstream fails', 'info u 2 upstream answers again'],
  )
})

test('one that flaps gets one warning and one recovery a minute', () => {
  const events: [number, '-' | '+'][] = []
  for (let at = 0; at < 120; at++) events.push([at, at % 2 === 0 ? '-' : '+'])
  assert.deepEqual(lines(events), [
    'warn u 1 upstream fails',
    'info u 0 upstream answers again',
    'warn u 30 upstream fails',
    'info u 0 upstream answers again',
  ])
})

test('each upstream has a count of its own', () => {
  assert.deepEqual(
    lines([
      [0, '-', 'a'],
      [0, '-', 'b'],
      [1, '-', 'a'],
      [2, '+', 'b'],
    ]),
    ['warn a 1 upstream fails', 'warn b 1 upstream fails', 'info b 0 upstream answers again'],
  )
})

test('why it fails is in the line', () => {
  const { log, lines } = recordingLog()
  new UpstreamLog(log, () => 0).failed(upstream('192.0.2.1:53'), SILENT)
  assert.deepEqual(lines[0]?.fields, {
    upstream: '192.0.2.1:53',
    failure: 'timeout',
    detail: 'no reply in 5 s',
    failures: 1,
  })
})
