import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Report } from '../../src/report.ts'
import type { ClusterState } from '../../src/state/model.ts'
import type { StateUpdate } from '../../src/state/update.ts'
import { type Publication, Publisher } from '../../src/zone/publisher.ts'
import { defaultConfig } from '../config.ts'

function state(...hosts: readonly string[]): ClusterState {
  const agents = hosts.map(
    (host, i) => [`S${i}`, { id: `S${i}`, pid: { host, port: 5051 } }] as const,
  )
  return { leader: { host: '10.0.0.1', port: 5050 }, agents: new Map(agents), frameworks: [] }
}

function update(of: ClusterState, receivedAt = 1_700_000_000_000): StateUpdate {
  return {
    state: of,
    masters: [{ host: '10.0.0.1', port: 5050 }],
    report: new Report(),
    receivedAt,
  }
}

function publisher(resolve = async (): Promise<Map<string, string[]>> => new Map()) {
  const published: Publication[] = []
  const errors: unknown[] = []
  const made = new Publisher({
    config: defaultConfig(),
    resolver: { resolve },
    listenerAddresses: () => ['10.0.0.53'],
    onPublish: (publication) => published.push(publication),
    onError: (error) => errors.push(error),
  })
  return { made, published, errors }
}

describe('the publisher', () => {
  test('makes a snapshot of a state', async () => {
    const { made, published } = publisher()
    await made.update(update(state('10.0.1.1')))
    const [first] = published
    assert.equal(first?.changed, true)
    assert.equal(first?.snapshot, made.snapshot)
    assert.equal(made.snapshot?.serial, 1_700_000_000)
    assert.deepEqual(made.snapshot?.records.get('A', 'slave.mesos.')?.rdata, ['10.0.1.1'])
    assert.deepEqual(made.snapshot?.records.get('A', 'ns1.mesos.')?.rdata, ['10.0.0.53'])
  })

  test('the same records in another order keep zone and serial, but the age is new', async () => {
    const { made, published } = publisher()
    await made.update(update(state('10.0.1.1', '10.0.1.2')))
    const zone = made.snapshot?.zone
    await made.update(update(state('10.0.1.2', '10.0.1.1'), 1_700_000_060_000))
    assert.equal(published[1]?.changed, false)
    assert.equal(made.snapshot?.zone, zone)
    assert.equal(made.snapshot?.serial, 1_700_000_000)
    assert.equal(made.snapshot?.receivedAt, 1_700_000_060_000)
  })

  test('other records raise the serial, even within a second', async () => {
    const { made } = publisher()
    await made.update(update(state('10.0.1.1')))
    await made.update(update(state('10.0.1.2')))
    assert.equal(made.snapshot?.serial, 1_700_000_001)
  })

  test('an update that a newer one overtakes is skipped', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { made, published } = publisher(async () => {
      await gate
      return new Map()
    })
    const all = ['10.0.1.1', '10.0.1.2', '10.0.1.3'].map((host) => made.update(update(state(host))))
    release()
    await Promise.all(all)
    const addresses = published.map(
      ({ snapshot }) => snapshot.records.get('A', 'slave.mesos.')?.rdata,
    )
    assert.deepEqual(addresses, [['10.0.1.1'], ['10.0.1.3']])
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

  test('a failure is reported and the last snapshot stays', async () => {
    let fail = false
    const { made, errors } = publisher(async () => {
      if (fail) throw new Error('no resolver')
      return new Map()
    })
    await made.update(update(state('10.0.1.1')))
    const before = made.snapshot
    fail = true
    await made.update(update(state('10.0.1.2')))
    assert.equal(errors.length, 1)
    assert.equal(made.snapshot, before)
    fail = false
    await made.update(update(state('10.0.1.3')))
    assert.notEqual(made.snapshot, before)
  })

  test('host names become the addresses they resolve to', async () => {
    const { made } = publisher(async () => new Map([['agent-1', ['10.9.9.9', 'fd00::9']]]))
    await made.update(update(state('agent-1')))
    assert.deepEqual(made.snapshot?.records.get('A', 'slave.mesos.')?.rdata, ['10.9.9.9'])
    assert.deepEqual(made.snapshot?.records.get('AAAA', 'slave.mesos.')?.rdata, ['fd00::9'])
  })
})
