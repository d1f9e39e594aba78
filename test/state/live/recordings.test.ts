// What a real master said over its event stream comes to the zones that its states come to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { generateRecords } from '../../../src/records/generate.ts'
import type { RecordsConfig } from '../../../src/records/input.ts'
import { ClusterStore } from '../../../src/state/live/index.ts'
import type { ClusterState } from '../../../src/state/model.ts'
import { zoneOf } from '../../../src/zone/zone-of.ts'
import { defaultConfig } from '../../config.ts'
import { input, present } from '../../records/cluster.ts'
import { sharedPath } from '../../shared.ts'
import { fullState, type RecordedStream, readStream, v1State } from './recorded-stream.ts'

const folder = sharedPath('mesos')
const NO_RECORDINGS = 'no recordings beside this checkout'

/**
 * When each state was recorded: milliseconds of the stream, a little after what main.scenario.txt
 * says.
 */
const MOMENTS = [
  [50, '0-empty'],
  [14_800, '1-running'],
  [27_000, '3-killed'],
  [40_000, '5-agent2-unreachable'],
  [55_000, '8-agent2-down-removed'],
] as const

/** Settings under which records show all that is known of tasks. */
const SETTINGS: readonly Partial<RecordsConfig>[] = [
  { health: 'include', reverseDnsOn: true },
  { health: 'exclude', ipSources: ['netinfo', 'host'] },
  { health: 'require', ipSources: ['host'] },
]
const hosts = new Map([['fw-a.lab.test', ['10.1.1.1']]])

function recordsOf(state: ClusterState, config: Partial<RecordsConfig>) {
  return generateRecords(input(state, { config, hosts }))
}

function assertSameZone(state: ClusterState | undefined, expected: ClusterState, what: string) {
  assert.ok(state, what)
  for (const config of SETTINGS) {
    const records = recordsOf(state, config)
    const expectedRecords = recordsOf(expected, config)
    assert.deepEqual(present(records), present(expectedRecords), what)
    const [zone, expectedZone] = [records, expectedRecords].map((set) =>
      zoneOf(set, { ...defaultConfig(), ...config }, 1),
    )
    assert.equal(zone?.digest, expectedZone?.digest, what)
  }
}

class Player {
  readonly store = new ClusterStore(defaultConfig(), { now: () => this.ms })
  ms = 0
  readonly #stream: RecordedStream
  #next = 0

  constructor(stream: RecordedStream) {
    this.#stream = stream
    this.store.adopt(stream.subscribed)
  }

  playUntil(ms: number): void {
    const { events } = this.#stream
    for (let item = events[this.#next]; item && item.at <= ms; item = events[++this.#next]) {
      this.ms = item.at
      this.store.apply(item.event)
    }
    this.ms = ms
  }
}

test('at every moment that has a state, events come to the same zone', (t) => {
  if (folder === undefined) return t.skip(NO_RECORDINGS)
  const player = new Player(readStream(`${folder}/stream/main.tcp`))
  const { store } = player
  // The stream does not tell who leads: one state has to.
  store.adopt(fullState(`${folder}/state/0-empty.json`))
  for (const [ms, name] of MOMENTS) {
    player.playUntil(ms)
    assertSameZone(store.state, fullState(`${folder}/state/${name}.json`).state, name)
  }
})

test('audits find nothing that the events had not told, and leave every task as it was', (t) => {
  if (folder === undefined) return t.skip(NO_RECORDINGS)
  const player = new Player(readStream(`${folder}/stream/main.tcp`))
  const { store } = player
  const tasks = () => store.state?.frameworks.flatMap((framework) => framework.tasks)
  for (const [ms, name] of MOMENTS) {
    player.playUntil(ms)
    const before = new Set(tasks())
    const { drift, lost, doubted } = store.adopt(
      fullState(`${folder}/state/${name}.json`),
      store.begin(),
    )
    assert.deepEqual({ drift, lost, doubted }, { drift: 0, lost: 0, doubted: false }, name)
    assert.ok(
      tasks()?.every((task) => before.has(task)),
      name,
    )
  }
})

test('the v1 state of a moment is what events had told', (t) => {
  if (folder === undefined) return t.skip(NO_RECORDINGS)
  const player = new Player(readStream(`${folder}/stream/main.tcp`))
  player.playUntil(14_800)
  const before = player.store.state
  const json: unknown = JSON.parse(readFileSync(`${folder}/state/1-running.v1.json`, 'utf8'))
  assert.equal(player.store.adopt(v1State(json)).changed, false)
  assert.equal(player.store.state, before)
})

test('an agent marked as gone is told by no event: an audit takes its own records, and no others', (t) => {
  if (folder === undefined) return t.skip(NO_RECORDINGS)
  const player = new Player(readStream(`${folder}/stream/main.tcp`))
  const { store } = player
  store.adopt(fullState(`${folder}/state/0-empty.json`))
  player.playUntil(81_600)
  const gone = fullState(`${folder}/state/11-agent2-gone.json`)
  const [known, expected] = [store.state, gone.state].map((state) =>
    present(recordsOf(state as ClusterState, { reverseDnsOn: true })),
  )
  assert.deepEqual(
    known?.filter((line) => !expected?.includes(line)),
    ['_slave._tcp.mesos. 60 SRV 0 1 5052 slave.mesos.', 'slave.mesos. 60 A 127.0.0.2'],
  )
  assert.deepEqual(
    expected?.filter((line) => !known?.includes(line)),
    [],
  )
  const { drift, changed } = store.adopt(gone, store.begin())
  assert.deepEqual({ drift, changed }, { drift: 1, changed: true })
  assertSameZone(store.state, gone.state, 'after the audit')
})

test('what a stream that tells no tasks leaves open, a state brings', (t) => {
  if (folder === undefined) return t.skip(NO_RECORDINGS)
  // The recording ends before the first task.
  const { subscribed, events } = readStream(`${folder}/stream/container-ips.tcp`)
  assert.deepEqual(events, [])
  const { store } = new Player({ subscribed, events })
  const full = fullState(`${folder}/state/container-ips.json`)
  const running = full.state.frameworks.flatMap(({ tasks }) =>
    tasks.filter(({ state }) => state === 'TASK_RUNNING'),
  )
  const { drift } = store.adopt(full, store.begin())
  assert.equal(drift, running.length + full.state.frameworks.length)
  assertSameZone(store.state, full.state, 'container-ips')
})

const running = () => fullState(`${folder}/state/1-running.json`)

test('a new leader that knows nothing yet takes nothing', (t) => {
  if (folder === undefined) return t.skip(NO_RECORDINGS)
  const store = new ClusterStore(defaultConfig(), { now: () => 0 })
  store.adopt(running())
  const before = running().state
  const empty = fullState(`${folder}/state/new-leader-empty.json`)
  for (let polls = 0; polls < 3; polls++) {
    const { doubted, lost } = store.adopt(empty, store.begin())
    assert.deepEqual({ doubted, lost }, { doubted: false, lost: 0 })
    // Only who leads is another one.
    assertSameZone(store.state, { ...before, leader: empty.state.leader }, 'empty')
  }
  const { held, failovers } = store.guard
  assert.deepEqual(
    { held, failovers },
    { held: { agents: 2, frameworks: 4, tasks: 20 }, failovers: 1 },
  )
})

for (const name of ['new-leader-frameworks-gone', 'acl-limited']) {
  test(`${name}: a leader that lists agents, but not what ran on ours, is doubted at first`, (t) => {
    if (folder === undefined) return t.skip(NO_RECORDINGS)
    const store = new ClusterStore(defaultConfig(), { now: () => 0 })
    store.adopt(running())
    const before = running().state
    const other = fullState(`${folder}/state/${name}.json`)
    const { doubted } = store.adopt(other, store.begin())
    assert.equal(doubted, true)
    const known = recordsOf(before, {})
    const kept = present(recordsOf(store.state ?? before, {}))
    // Its own leader and agents are added.
    for (const line of present(known)) {
      if (!line.startsWith('leader.') && !line.startsWith('_leader.'))
        assert.ok(kept.includes(line), line)
    }
    assert.equal(store.adopt(other, store.begin()).doubted, false)
    assert.equal(store.guard.confirmedLosses, 1)
  })
}
