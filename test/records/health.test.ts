import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from '../../src/config/schema.ts'
import { judge } from '../../src/records/health.ts'
import type { Task, TaskStatus } from '../../src/state/model.ts'
import { framework, generate, state, status, table, task } from './cluster.ts'

const at = (timestamp: number, healthy?: boolean): TaskStatus => status({ timestamp, healthy })

/** Task `web` number n on agent n: `10.1.0.n`, port 3100n. */
function web(n: 0 | 1, ...statuses: TaskStatus[]): Task {
  return task({
    id: `web.${n}`,
    agentId: `a-S${n}`,
    ports: [31000 + n],
    hasHealthCheck: true,
    statuses: [status({ timestamp: 0, networkAddresses: [`10.1.0.${n}`] }), ...statuses],
  })
}

test('what the statuses of a task mean under each policy', () => {
  const cases: [statuses: TaskStatus[], exclude: string, require: string][] = [
    [[at(1)], 'serve', 'omit'],
    [[at(1, true)], 'serve', 'serve'],
    [[at(1, false)], 'spare', 'omit'],
    [[at(1, false), at(2, true)], 'serve', 'serve'],
    [[at(2, true), at(1, false)], 'serve', 'serve'],
    [[at(1, true), at(2, false)], 'spare', 'omit'],
    // An update that says nothing about health changes nothing.
    [[at(1, false), at(2)], 'spare', 'omit'],
    [[at(1, true), at(2)], 'serve', 'serve'],
    [[at(1, true), at(1, false)], 'spare', 'omit'],
    [[], 'serve', 'omit'],
  ]
  for (const [statuses, exclude, require] of cases) {
    const checked = task({ statuses, hasHealthCheck: true })
    const text = JSON.stringify(statuses)
    assert.equal(judge(checked, 'include'), 'serve', text)
    assert.equal(judge(checked, 'exclude'), exclude, text)
    assert.equal(judge(checked, 'require'), require, text)
    assert.equal(judge({ ...checked, hasHealthCheck: false }, 'require'), 'serve', text)
  }
})

function answers(health: Config['health'], ...tasks: Task[]): string[] {
  const zone = generate(state([framework('m', ...tasks)]), { config: { health } })
  return zone.of('web.m.mesos.', 'web.m.slave.mesos.', '_web._tcp.m.mesos.')
}

test('include serves all', () => {
  assert.deepEqual(
    answers('include', web(0, at(1, false)), web(1, at(1, true))),
    table(`
      web.m.mesos.        60 A   10.1.0.0
      web.m.mesos.        60 A   10.1.0.1
      web.m.slave.mesos.  60 A   10.0.0.10
      web.m.slave.mesos.  60 A   10.0.0.11
      _web._tcp.m.mesos.  60 SRV 0 1 31000 web-q9rt1-s0.m.slave.mesos.
      _web._tcp.m.mesos.  60 SRV 0 1 31001 web-e844k-s1.m.slave.mesos.
    `),
  )
})

const healthyOnly = table(`
  web.m.mesos.        60 A   10.1.0.1
  web.m.slave.mesos.  60 A   10.0.0.11
  _web._tcp.m.mesos.  60 SRV 0 1 31001 web-e844k-s1.m.slave.mesos.
`)

test('exclude leaves an unhealthy task out of what it shares with a healthy one', () => {
  assert.deepEqual(answers('exclude', web(0, at(1, false)), web(1, at(1, true))), healthyOnly)
  assert.deepEqual(answers('exclude', web(1, at(1, true)), web(0, at(1, false))), healthyOnly)
})

test('exclude keeps all where all are unhealthy', () => {
  const tasks = [web(0, at(1, false)), web(1, at(1, false))]
  assert.deepEqual(answers('exclude', ...tasks), answers('include', ...tasks))
})

test('exclude keeps the name that is a task of its own', () => {
  const tasks = [web(0, at(1, false)), web(1, at(1, true))]
  const zone = generate(state([framework('m', ...tasks)]), { config: { health: 'exclude' } })
  assert.deepEqual(zone.of('web-q9rt1-s0.m.mesos.'), ['web-q9rt1-s0.m.mesos. 60 A 10.1.0.0'])
})

test('exclude decides for each type: the last AAAA stays beside healthy A', () => {
  const six = web(0, at(1, false))
  const tasks = [
    {
      ...six,
      statuses: [...six.statuses, status({ timestamp: 3, networkAddresses: ['2001:db8::1'] })],
    },
    web(1, at(1, true)),
  ]
  const zone = generate(state([framework('m', ...tasks)]), { config: { health: 'exclude' } })
  assert.deepEqual(
    zone.of('web.m.mesos.'),
    table(`
      web.m.mesos. 60 A    10.1.0.1
      web.m.mesos. 60 AAAA 2001:db8::1
    `),
  )
})

test('require leaves out what has not passed its check, and may leave nothing', () => {
  assert.deepEqual(answers('require', web(0), web(1, at(1, true))), healthyOnly)
  assert.deepEqual(answers('require', web(0), web(1, at(1, false))), [])
})

test('whatever the health, exclude makes the same sets as include, each with a part of its records', () => {
  const sets = (lines: string[]) => new Set(lines.map((line) => line.split(' ', 3).join(' ')))
  for (let mask = 0; mask < 27; mask++) {
    const health = [0, 1, 2].map((i) => [undefined, true, false][Math.floor(mask / 3 ** i) % 3])
    const tasks = health.map((healthy, i) =>
      task({
        id: `web.${i}`,
        ports: [31000 + i],
        statuses: [
          status({ healthy, networkAddresses: [i === 2 ? '2001:db8::2' : `10.1.0.${i}`] }),
        ],
      }),
    )
    const given = state([framework('m', ...tasks)])
    const all = generate(given, { config: { health: 'include' } }).lines
    const some = generate(given, { config: { health: 'exclude' } }).lines
    assert.deepEqual(sets(some), sets(all))
    for (const line of some) assert.ok(all.includes(line), line)
  }
})
