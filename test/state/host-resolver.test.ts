import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createHostResolver,
  hostsToResolve,
  lookupWithSystem,
} from '../../src/state/host-resolver.ts'
import type { ClusterState } from '../../src/state/model.ts'

/** A lookup that answers from a table, refuses what is not in it, and notes what it was asked. */
function tableLookup(table: Record<string, readonly string[]>) {
  const asked: string[] = []
  const lookup = async (name: string) => {
    asked.push(name)
    const addresses = table[name]
    if (addresses === undefined) throw new Error('ENOTFOUND')
    return addresses
  }
  return { lookup, asked, table }
}

const never = () => new Promise<never>(() => {})

test('each name is looked up once while its answer is fresh', async () => {
  let time = 0
  const { lookup, asked } = tableLookup({ a: ['10.0.0.1'], b: ['10.0.0.2', '2001:db8::2'] })
  const resolver = createHostResolver({ lookup, ttlMs: 1000, now: () => time })
  const expected = new Map([
    ['a', ['10.0.0.1']],
    ['b', ['10.0.0.2', '2001:db8::2']],
  ])
  time = 1
  assert.deepEqual(await resolver.resolve(['a', 'b', 'a']), expected)
  time = 900
  assert.deepEqual(await resolver.resolve(['a', 'b']), expected)
  assert.deepEqual(asked, ['a', 'b'])
  time = 1100
  await resolver.resolve(['a'])
  assert.deepEqual(asked, ['a', 'b', 'a'])
})

test('the last good answer stands in when a name is gone', async () => {
  let time = 1
  const { lookup, table } = tableLookup({ a: ['10.0.0.1'] })
  const resolver = createHostResolver({ lookup, ttlMs: 1000, now: () => time })
  await resolver.resolve(['a'])
  delete table.a
  time = 5000
  assert.deepEqual(await resolver.resolve(['a']), new Map([['a', ['10.0.0.1']]]))
  table.a = ['10.0.0.9']
  assert.deepEqual(await resolver.resolve(['a']), new Map([['a', ['10.0.0.9']]]))
})

test('an empty answer does not replace a good one', async () => {
  let time = 1
  const { lookup, table } = tableLookup({ a: ['10.0.0.1'] })
  const resolver = createHostResolver({ lookup, ttlMs: 1000, now: () => time })
  await resolver.resolve(['a'])
  table.a = []
  time = 5000
  assert.deepEqual(await resolver.resolve(['a']), new Map([['a', ['10.0.0.1']]]))
})

test('a name that was never resolved is not in the map, and is asked again', async () => {
  const { lookup, asked } = tableLookup({})
  const resolver = createHostResolver({ lookup })
  assert.deepEqual(await resolver.resolve(['a']), new Map())
  assert.deepEqual(await resolver.resolve(['a']), new Map())
  assert.deepEqual(asked, ['a', 'a'])
})

test('addresses need no lookup', async () => {
  const { lookup, asked } = tableLookup({})
  const resolver = createHostResolver({ lookup })
  const addresses = await resolver.resolve(['10.0.0.1', '2001:db8::1'])
  assert.deepEqual(addresses.get('2001:db8::1'), ['2001:db8::1'])
  assert.deepEqual(asked, [])
})

test('a lookup that hangs is waited for only so long, and not started twice', async () => {
  let calls = 0
  const lookup = (name: string) => {
    if (name !== 'hangs') return Promise.resolve(['10.0.0.1'])
    calls++
    return never()
  }
  const resolver = createHostResolver({ lookup, timeoutMs: 5, concurrency: 1 })
  assert.deepEqual(await resolver.resolve(['hangs', 'a']), new Map([['a', ['10.0.0.1']]]))
  await resolver.resolve(['hangs'])
  assert.equal(calls, 1)
})

test('many hanging names cost one budget, not one timeout each', async () => {
  const asked: string[] = []
  const lookup = (name: string) => {
    asked.push(name)
    return never()
  }
  const resolver = createHostResolver({ lookup, timeoutMs: 60_000, budgetMs: 5, concurrency: 2 })
  const names = Array.from({ length: 50 }, (_, i) => `h${i}`)
  assert.deepEqual(await resolver.resolve(names), new Map())
  assert.deepEqual(asked, ['h0', 'h1'])
})

test('an answer that comes too late is used by the next call', async () => {
  let answer: (addresses: string[]) => void = () => {}
  const lookup = () => new Promise<string[]>((resolve) => (answer = resolve))
  const resolver = createHostResolver({ lookup, timeoutMs: 1 })
  assert.deepEqual(await resolver.resolve(['a']), new Map())
  answer(['10.0.0.1'])
  assert.deepEqual(await resolver.resolve(['a']), new Map([['a', ['10.0.0.1']]]))
})

test('no more lookups run at once than allowed', async () => {
  let running = 0
  let most = 0
  const lookup = async () => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
    return ['10.0.0.1']
  }
  const resolver = createHostResolver({ lookup, concurrency: 3 })
  const found = await resolver.resolve(Array.from({ length: 20 }, (_, i) => `h${i}`))
  assert.equal(found.size, 20)
  assert.equal(most, 3)
})

test('a lookup that throws at once is survived and asked again', async () => {
  let calls = 0
  const lookup = () => {
    calls++
    throw new Error('bad name')
  }
  const resolver = createHostResolver({ lookup })
  await resolver.resolve(['a'])
  await resolver.resolve(['a'])
  assert.equal(calls, 2)
})

test('the system resolver knows localhost', async () => {
  const addresses = await lookupWithSystem('localhost')
  assert.ok(addresses.some((address) => address === '127.0.0.1' || address === '::1'))
})

test('hosts to resolve are the names in pids, of frameworks without one, and of masters', () => {
  const framework = { id: '', name: '', tasks: [] }
  const state: ClusterState = {
    leader: { host: 'leader.example', port: 5050 },
    agents: new Map([
      ['S0', { id: 'S0', pid: { host: '10.0.0.1', port: 5051 } }],
      ['S1', { id: 'S1', pid: { host: 'agent.example', port: 5051 } }],
      ['S2', { id: 'S2', pid: { host: 'agent.example', port: 5052 } }],
    ]),
    frameworks: [
      { ...framework, pid: { host: 'pid.example', port: 1 }, hostname: 'unused.example' },
      { ...framework, pid: undefined, hostname: 'host.example' },
      { ...framework, pid: undefined, hostname: '' },
      { ...framework, pid: undefined, hostname: '2001:db8::1' },
    ],
  }
  const masters = [
    { host: '10.0.0.9', port: 5050 },
    { host: 'master.example', port: 5050 },
  ]
  assert.deepEqual(hostsToResolve(state, masters).sort(), [
    'agent.example',
    'host.example',
    'leader.example',
    'master.example',
    'pid.example',
  ])
})
