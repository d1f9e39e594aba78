import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Config } from '../../src/config/schema.ts'
import { generateRecords } from '../../src/records/generate.ts'
import type { RecordType } from '../../src/records/record-set.ts'
import { Report } from '../../src/report.ts'
import type { ClusterState, Task } from '../../src/state/model.ts'
import type { StateUpdate } from '../../src/state/update.ts'
import { ReaderEpochs } from '../../src/zone/epochs.ts'
import { recordsOf } from '../../src/zone/lookup.ts'
import { type Publication, Publisher } from '../../src/zone/publisher.ts'
import { Zone } from '../../src/zone/zone.ts'
import { ZoneStore } from '../../src/zone/zone-store.ts'
import { defaultConfig } from '../config.ts'

function state(...hosts: readonly string[]): ClusterState {
  const agents = hosts.map(
    (host, i) => [`S${i}`, { id: `S${i}`, pid: { host, port: 5051 } }] as const,
  )
  return { leader: { host: '10.0.0.1', port: 5050 }, agents: new Map(agents), frameworks: [] }
}

/** A state with a framework of each name, all with the same tasks, on one agent. */
function withTasks(names: readonly string[], ...tasks: readonly Task[]): ClusterState {
  const frameworks = names.map((name) => ({ id: name, name, pid: undefined, hostname: '', tasks }))
  return { ...state('10.0.1.1'), frameworks }
}

function task(change: Partial<Task>): Task {
  return {
    id: 't',
    name: 'web',
    agentId: 'S0',
    state: 'TASK_RUNNING',
    ports: [],
    discovery: undefined,
    statuses: [],
    hasHealthCheck: false,
    hasPortMappings: false,
    labels: [],
    ...change,
  }
}

function update(of: ClusterState, receivedAt = 1_700_000_000_000): StateUpdate {
  return {
    state: of,
    masters: [{ host: '10.0.0.1', port: 5050 }],
    report: new Report(),
    receivedAt,
  }
}

/** A store that can be made to fail where its work is nearly done. */
class FragileStore extends ZoneStore {
  fails = false

  override commit(options: { readonly receivedAt: number }): ReturnType<ZoneStore['commit']> {
    if (this.fails) throw new Error('no memory')
    return super.commit(options)
  }
}

interface Setting {
  readonly resolve?: () => Promise<Map<string, string[]>>
  readonly config?: Partial<Config>
}

function publisher({ resolve = async () => new Map(), config: changed }: Setting = {}) {
  const published: Publication[] = []
  const errors: unknown[] = []
  let zone: Zone | undefined
  const config = { ...defaultConfig(), ...changed }
  const epochs = ReaderEpochs.create(1)
  const store = new FragileStore({ config, epochs })
  const made = new Publisher({
    config,
    resolver: { resolve },
    listenerAddresses: () => ['10.0.0.53'],
    nextStore: (config, before) =>
      new FragileStore({ config, epochs, predecessor: before, ...before.present }),
    store,
    onPublish: (publication) => {
      published.push(publication)
      if (publication.update !== undefined) zone = Zone.from(zone, publication.update)
    },
    onError: (error) => errors.push(error),
  })
  const rdata = (type: RecordType, name: string) => zone && recordsOf(zone, type, name)?.rdata
  return { made, store, published, errors, rdata, stateOfZone: () => made.input?.state }
}

const SLAVE = 'slave.mesos.'

describe('the publisher', () => {
  test('makes a zone of a state', async () => {
    const { made, published, rdata } = publisher()
    await made.update(update(state('10.0.1.1')))
    const [first] = published
    assert.equal(first?.changed, true)
    assert.equal(first.serial, 1_700_000_000)
    assert.equal(first.serial, first.update?.serial)
    assert.match(first.digest, /^[0-9a-f]{32}$/)
    assert.equal(first.records, made.input && generateRecords(made.input).count())
    assert.deepEqual(rdata('A', SLAVE), ['10.0.1.1'])
    assert.deepEqual(rdata('A', 'ns1.mesos.'), ['10.0.0.53'])
  })

  test('the same records in another order keep zone and serial, but the age is new', async () => {
    const { made, published } = publisher()
    await made.update(update(state('10.0.1.1', '10.0.1.2')))
    await made.update(update(state('10.0.1.2', '10.0.1.1'), 1_700_000_060_000))
    const [first, second] = published
    assert.equal(second?.changed, false)
    assert.equal(second.serial, 1_700_000_000)
    assert.equal(second.digest, first?.digest)
    assert.equal(second.receivedAt, 1_700_000_060_000)
  })

  test('other records raise the serial, even within a second', async () => {
    const { made, published } = publisher()
    await made.update(update(state('10.0.1.1')))
    await made.update(update(state('10.0.1.2')))
    assert.equal(published[1]?.serial, 1_700_000_001)
    assert.notEqual(published[1].digest, published[0]?.digest)
  })

  test('an update that a newer one overtakes is skipped', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const resolve = async () => {
      await gate
      return new Map()
    }
    const { made, published, rdata } = publisher({ resolve })
    const all = [1, 2, 3].map((n) => made.update(update(state(`10.0.1.${n}`), n)))
    release()
    await Promise.all(all)
    assert.deepEqual(
      published.map(({ receivedAt }) => receivedAt),
      [1, 3],
    )
    assert.deepEqual(rdata('A', SLAVE), ['10.0.1.3'])
  })

  test('an update that comes in the very moment the last one is done is not forgotten', async () => {
    for (let turns = 0; turns < 10; turns++) {
      const { made, published } = publisher()
      let second: Promise<void> | undefined
      const first = made.update(update(state('10.0.1.1')))
      const afterFirst = async () => {
        while (published.length === 0) await undefined
        for (let i = 0; i < turns; i++) await undefined
        second = made.update(update(state('10.0.1.2')))
      }
      await Promise.all([first, afterFirst()])
      await second
      assert.equal(published.length, 2, `after ${turns} turns`)
    }
  })

  test('a failure is reported and the last zone stays', async () => {
    let fail = false
    const resolve = async () => {
      if (fail) throw new Error('no resolver')
      return new Map()
    }
    const { made, errors, published, rdata, stateOfZone } = publisher({ resolve })
    await made.update(update(state('10.0.1.1')))
    fail = true
    await made.update(update(state('10.0.1.2')))
    assert.equal(errors.length, 1)
    assert.equal(published.length, 1)
    assert.deepEqual(stateOfZone(), state('10.0.1.1'))
    fail = false
    await made.update(update(state('10.0.1.3')))
    assert.deepEqual(rdata('A', SLAVE), ['10.0.1.3'])
  })

  test('a failure half way leaves nothing behind, whatever comes next', async () => {
    const { made, store, errors, published, rdata, stateOfZone } = publisher()
    const first = state('10.0.1.1')
    const second = state('10.0.1.1', '10.0.1.2')
    const attempt = async (of: ClusterState, fails: boolean) => {
      store.fails = fails
      await made.update(update(of))
    }
    await attempt(first, true)
    assert.equal(stateOfZone(), undefined)
    await attempt(first, false)
    assert.deepEqual(rdata('A', SLAVE), ['10.0.1.1'])
    await attempt(second, true)
    assert.equal(stateOfZone(), first)
    await attempt(first, false)
    await attempt(second, true)
    await attempt(second, false)
    assert.deepEqual(rdata('A', SLAVE), ['10.0.1.1', '10.0.1.2'])
    assert.equal(errors.length, 3)
    assert.deepEqual(
      published.map(({ changed }) => changed),
      [true, false, true],
    )
  })

  test('host names become the addresses they resolve to', async () => {
    const resolve = async () => new Map([['agent-1', ['10.9.9.9', 'fd00::9']]])
    const { made, rdata } = publisher({ resolve })
    await made.update(update(state('agent-1')))
    assert.deepEqual(rdata('A', SLAVE), ['10.9.9.9'])
    assert.deepEqual(rdata('AAAA', SLAVE), ['fd00::9'])
  })

  test('problems of the state, of its records, and of those that give way', async () => {
    const { made, published } = publisher({
      config: {
        staticRecords: [{ name: SLAVE, type: 'CNAME', ttl: 5, rdata: 'a.example.' }],
      },
    })
    const odd = task({ discovery: { name: 'web', ports: [port(70000)] } })
    const given = update(withTasks(['x', 'x.slave'], odd))
    for (let i = 0; i < 2; i++) given.report.add('task-odd', 'x/?', 'left out')
    await made.update(given)
    assert.deepEqual(published[0]?.problems.map(({ kind, object }) => `${kind} ${object}`).sort(), [
      'name-conflict _web._tcp.x.slave.mesos.',
      'name-conflict web-t56ap-s0.x.slave.mesos.',
      'name-conflict web.x.slave.mesos.',
      'port-out-of-range t',
      `static-conflict ${SLAVE}`,
      'task-odd x/?',
    ])
    const conflict = published[0].problems.find(({ kind }) => kind === 'static-conflict')
    assert.equal(
      conflict?.detail,
      'static CNAME to a.example. left out: the name has other records',
    )
    await made.update(update(withTasks(['x.slave'], odd)))
    assert.deepEqual(
      published[1]?.problems.map(({ kind }) => kind),
      ['port-out-of-range', 'static-conflict'],
    )
  })
})

function port(number: number) {
  return { protocol: 'tcp', number, name: '' }
}
