import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Message, scanMessage } from '../../src/forward/message.ts'
import { createRouter } from '../../src/forward/routes.ts'
import type { Upstream } from '../../src/forward/upstream.ts'
import { query } from './messages.ts'

function upstream(name: string): readonly Upstream[] {
  return [{ name, ask: () => Promise.reject(new Error('not asked here')) }]
}

const route = createRouter(
  new Map([
    ['weave', upstream('weave')],
    ['a.example.com', upstream('a.example.com')],
    ['sub.a.example.com', upstream('sub.a.example.com')],
    ['x-1.test', upstream('x-1.test')],
    ['mesos', []],
  ]),
  () => upstream('.'),
)

function routeOf(bytes: Buffer): string {
  const message = scanMessage(bytes) as Message
  return route(message)[0]?.name ?? 'nobody'
}

const cases: [name: string, type: string, upstream: string][] = [
  ['host.weave', 'A', 'weave'],
  ['a.b.c.d.weave', 'A', 'weave'],
  ['weave', 'A', 'weave'],
  ['hostweave', 'A', '.'],
  ['weave.host', 'A', '.'],
  ['weaver', 'A', '.'],
  ['host.weave.example', 'A', '.'],
  ['HOST.Weave', 'A', 'weave'],
  ['wEAVE', 'SOA', 'weave'],
  ['a.example.com', 'A', 'a.example.com'],
  ['x.a.example.com', 'A', 'a.example.com'],
  ['sub.a.example.com', 'A', 'sub.a.example.com'],
  ['x.SUB.a.example.com', 'A', 'sub.a.example.com'],
  ['xsub.a.example.com', 'A', 'a.example.com'],
  ['b.example.com', 'A', '.'],
  ['ba.example.com', 'A', '.'],
  ['example.com', 'A', '.'],
  ['com', 'A', '.'],
  ['.', 'NS', '.'],
  ['h.x-1.test', 'A', 'x-1.test'],
  ['4.3.2.1.in-addr.arpa', 'PTR', '.'],
  ['leader.mesos', 'A', 'nobody'],
  ['mesos', 'SOA', 'nobody'],
  ['LEADER.MESOS', 'A', 'nobody'],
  ['leadermesos', 'A', '.'],
  // DS belongs to the zone above.
  ['host.weave', 'DS', 'weave'],
  ['weave', 'DS', '.'],
  ['WEAVE', 'DS', '.'],
  ['sub.a.example.com', 'DS', 'a.example.com'],
  ['a.example.com', 'DS', '.'],
  ['.', 'DS', '.'],
  ['mesos', 'DS', '.'],
  ['leader.mesos', 'DS', 'nobody'],
]

for (const [name, type, expected] of cases) {
  test(`${name} ${type} goes to ${expected}`, () => {
    assert.equal(routeOf(query({ name, type })), expected)
  })
}

test('octets that only look like a label boundary do not match', () => {
  // One label of 7 octets, "x", 5, "weave": what follows the 5 reads like the zone.
  const bytes = query({ name: 'xxweave' })
  bytes[14] = 5
  assert.equal(routeOf(bytes), '.')
})

test('octets above 127 match nothing and harm nothing', () => {
  const bytes = query({ name: 'wxxve' })
  bytes[14] = 0xe5
  bytes[15] = 0xc1
  assert.equal(routeOf(bytes), '.')
})

test('the fallback is asked each time', () => {
  let current = upstream('first')
  const changing = createRouter(new Map(), () => current)
  const message = scanMessage(query()) as Message
  assert.equal(changing(message)[0]?.name, 'first')
  current = upstream('second')
  assert.equal(changing(message)[0]?.name, 'second')
})
