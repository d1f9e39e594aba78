import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { RANK } from '../../src/records/contribution.ts'
import { ReaderEpochs } from '../../src/zone/epochs.ts'
import { wireToName } from '../../src/zone/owner-name.ts'
import { Zone } from '../../src/zone/zone.ts'
import { type Commit, ZoneStore, type ZoneStoreOptions } from '../../src/zone/zone-store.ts'
import { defaultConfig } from '../config.ts'
import { zoneLines } from './zone-lines.ts'
import { type Contribution, contribute, modelZone } from './zone-model.ts'

const config = { ...defaultConfig(), reverseDnsOn: true }
const receivedAt = 1_700_000_000_000

/** A store with a reader that follows it. */
class Followed {
  readonly epochs = ReaderEpochs.create(2)
  readonly store: ZoneStore
  zone: Zone | undefined

  constructor(change: Partial<ZoneStoreOptions> = {}) {
    this.epochs.enter(0, change.epoch ?? 0)
    this.store = new ZoneStore({ config, epochs: this.epochs, ...change })
  }

  commit(at = receivedAt): Commit {
    const commit = this.store.commit({ receivedAt: at })
    if (commit.update !== undefined) {
      this.zone = Zone.from(this.zone, commit.update)
      this.epochs.acknowledge(0, this.zone.epoch)
    }
    return commit
  }

  lines(): string[] {
    return this.zone === undefined ? [] : zoneLines(this.zone)
  }
}

function followed(contributions: readonly Contribution[]): Followed {
  const made = new Followed()
  for (const given of contributions) contribute(made.store, 1, given)
  made.commit()
  return made
}

function a(name: string, rdata: string, rank: 0 | 1 | 2 | 3 | 4 = RANK.SERVED): Contribution {
  return { kind: 'record', type: 'A', name, rdata, rank }
}

function srv(name: string, port: number, target: string): Contribution {
  const rdata = `0 1 ${port} ${target}`
  return { kind: 'record', type: 'SRV', name, rdata, rank: RANK.SERVED }
}

/** Names whose 32-bit hashes are the same, apex and all. */
const COLLIDING = ['n162789.mesos.', 'n379192.mesos.'] as const

const names = fc.constantFrom(
  'mesos.',
  'web.marathon.mesos.',
  'marathon.mesos.',
  'x.web.marathon.mesos.',
  ...COLLIDING,
  `deep.${COLLIDING[0]}`,
  `deep.${COLLIDING[1]}`,
  `${'a.'.repeat(123)}mesos.`,
  'Web.marathon.mesos.',
  'elsewhere.',
  'notmesos.',
)
const addresses = fc.constantFrom('10.0.0.1', '10.0.0.2', '127.0.0.1', 'fd00::1', 'fd00::2', '::1')
const ranks = fc.constantFrom(0, 0, 0, 1, 2, 3, 4) as fc.Arbitrary<0 | 1 | 2 | 3 | 4>
const ttls = fc.constantFrom(undefined, undefined, 5, 60, 300)

const contribution: fc.Arbitrary<Contribution> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(names, addresses, ranks, ttls).map(([name, rdata, rank, ttl]) => ({
      kind: 'record' as const,
      type: rdata.includes(':') ? ('AAAA' as const) : ('A' as const),
      name,
      rdata,
      rank,
      ...(ttl === undefined ? {} : { ttl }),
    })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(names, fc.integer({ min: -1, max: 3 }), names, ranks)
      .map(([name, port, target, rank]) => ({
        kind: 'record' as const,
        type: 'SRV' as const,
        name,
        rdata: `0 1 ${port} ${target}`,
        rank,
      })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('1.0.0.10.in-addr.arpa.', '9.0.0.10.in-addr.arpa.', 'web.marathon.mesos.'),
        names,
        fc.constantFrom('PTR', 'CNAME', 'TXT') as fc.Arbitrary<'PTR' | 'CNAME' | 'TXT'>,
      )
      .map(([name, rdata, type]) => ({
        kind: 'record' as const,
        type,
        name,
        rdata,
        rank: type === 'CNAME' ? RANK.ALIAS : RANK.STATIC,
      })),
  },
  { weight: 3, arbitrary: names.map((name) => ({ kind: 'own' as const, name })) },
  { weight: 2, arbitrary: addresses.map((address) => ({ kind: 'agent' as const, address })) },
)

describe('a zone store', () => {
  test('shows what a plain model shows, whatever came and went in whatever order', () => {
    const step = fc.record({
      added: fc.array(contribution, { maxLength: 12 }),
      taken: fc.array(fc.nat(), { maxLength: 12 }),
      discarded: fc.array(contribution, { maxLength: 3 }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const kept: Contribution[] = []
        const made = new Followed()
        let serial = 0
        for (const { added, taken, discarded } of steps) {
          for (const given of discarded) contribute(made.store, 1, given)
          made.store.discard()
          for (const given of added) contribute(made.store, 1, given)
          kept.push(...added)
          for (const pick of taken) {
            const [given] = kept.splice(pick % Math.max(1, kept.length), 1)
            if (given !== undefined) contribute(made.store, -1, given)
          }
          const before = made.lines()
          const commit = made.commit()
          const model = modelZone(kept, config)
          const lines = made.lines()
          assert.deepEqual(lines, model.lines)
          assert.equal(commit.names, new Set(lines.map((line) => line.split(' ')[0])).size)
          assert.equal(commit.records, lines.filter((line) => !line.endsWith(' -')).length)
          assert.deepEqual(Object.fromEntries(made.store.conflicts), model.conflicts)
          assert.equal(commit.changed, before.join() !== lines.join())
          assert.equal(commit.serial > serial, commit.changed)
          serial = commit.serial
          const fresh = followed(kept)
          assert.deepEqual(fresh.lines(), lines)
          assert.equal(fresh.zone?.digest, commit.digest)
          assert.equal(made.zone?.digest, commit.digest)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('takes a static CNAME in only where nothing else is', () => {
    const alias = { kind: 'record', type: 'CNAME', name: 'www.mesos.', rdata: 'a.mesos.' } as const
    const made = followed([{ ...alias, rank: RANK.ALIAS }])
    const before = made.lines()
    contribute(made.store, 1, a('www.mesos.', '10.0.0.1'))
    made.commit()
    assert.deepEqual([...made.store.conflicts], [['www.mesos.', 'static-conflict']])
    contribute(made.store, -1, a('www.mesos.', '10.0.0.1'))
    made.commit()
    assert.deepEqual([...made.store.conflicts], [])
    assert.deepEqual(made.lines(), before)
  })

  test('makes no reverse names where they are off', () => {
    const given = [a('web.marathon.mesos.', '10.0.0.1'), agent('10.0.0.2')]
    const made = new Followed({ config: { ...config, reverseDnsOn: false } })
    for (const each of [...given, own('web.marathon.mesos.')]) contribute(made.store, 1, each)
    made.commit()
    assert.equal(made.zone?.hasReverseNames, false)
  })

  test('has reverse shards only as long as there are reverse names', () => {
    const made = followed([])
    assert.equal(made.zone?.hasReverseNames, false)
    const given = [a('web.marathon.mesos.', '10.0.0.1'), own('web.marathon.mesos.')]
    for (let turn = 0; turn < 2; turn++) {
      for (const each of given) contribute(made.store, 1, each)
      made.commit()
      assert.equal(made.zone?.hasReverseNames, true)
      for (const each of given) contribute(made.store, -1, each)
      made.commit()
      assert.equal(made.zone?.hasReverseNames, false)
    }
  })

  test('what was discarded leaves no trace', () => {
    const made = followed([a('web.mesos.', '10.0.0.1')])
    const { digest } = made.commit()
    for (const each of [a('web.mesos.', '10.0.0.2'), own('web.mesos.'), agent('10.0.0.1')]) {
      contribute(made.store, 1, each)
    }
    made.store.discard()
    const commit = made.commit()
    assert.deepEqual(
      [commit.changed, commit.update, commit.digest, commit.names],
      [false, undefined, digest, 2],
    )
  })

  test('takes nothing back that was not there', () => {
    const made = followed([a('web.mesos.', '10.0.0.1')])
    contribute(made.store, -1, a('web.mesos.', '10.0.0.9'))
    contribute(made.store, -1, a('none.mesos.', '10.0.0.9'))
    contribute(made.store, -1, own('web.mesos.'))
    const commit = made.commit()
    assert.deepEqual([commit.changed, commit.update], [false, undefined])
  })
})

function own(name: string): Contribution {
  return { kind: 'own', name }
}

function agent(address: string): Contribution {
  return { kind: 'agent', address }
}

describe('the serial of a zone store', () => {
  const SECONDS = receivedAt / 1000

  test('is the time of the first zone, even of one without records', () => {
    const commit = new Followed().commit()
    assert.deepEqual([commit.changed, commit.serial, commit.names], [true, SECONDS, 1])
    assert.equal(commit.update?.full, true)
  })

  test('moves with what readers see and not with what they do not', () => {
    const made = followed([a('web.mesos.', '10.0.0.1')])
    contribute(made.store, 1, a('web.mesos.', '10.0.0.2'))
    assert.equal(made.commit().serial, SECONDS + 1)
    const apexShard = made.zone?.toUpdate().apexShard
    contribute(made.store, 1, a('web.mesos.', '10.0.0.2'))
    const hidden = made.commit()
    assert.deepEqual([hidden.changed, hidden.serial], [false, SECONDS + 1])
    assert.notEqual(hidden.update, undefined)
    assert.deepEqual(made.zone?.toUpdate().apexShard, apexShard)
    assert.equal(made.zone?.serial, SECONDS + 1)
    const nothing = made.commit()
    assert.deepEqual([nothing.changed, nothing.update], [false, undefined])
    contribute(made.store, -1, a('web.mesos.', '10.0.0.2'))
    assert.equal(made.commit().changed, false)
    contribute(made.store, -1, a('web.mesos.', '10.0.0.2'))
    assert.equal(made.commit(receivedAt + 60_000).serial, SECONDS + 60)
  })

  test('goes on where the store before this one ended', () => {
    const last = followed([a('web.mesos.', '10.0.0.1')]).commit()
    const options = { serial: last.serial + 100, digest: last.digest, epoch: 41 }

    const same = new Followed(options)
    contribute(same.store, 1, a('web.mesos.', '10.0.0.1'))
    const kept = same.commit()
    assert.deepEqual([kept.changed, kept.serial], [false, last.serial + 100])
    assert.deepEqual([kept.update?.epoch, kept.update?.full], [42, true])
    contribute(same.store, 1, a('web.mesos.', '10.0.0.2'))
    assert.equal(same.commit().serial, last.serial + 101)

    const other = new Followed(options)
    contribute(other.store, 1, a('web.mesos.', '10.0.0.3'))
    const moved = other.commit()
    assert.deepEqual([moved.changed, moved.serial], [true, last.serial + 101])
  })

  test('is in the SOA that answers carry', () => {
    const made = followed([a('web.mesos.', '10.0.0.1')])
    const { apexShard, apexNode, negativeSoa } = made.zone ?? assert.fail('no zone')
    const soa = apexShard.rrset(apexNode, 6)
    const at = apexShard.words[soa + 2] as number
    const octets = Buffer.from(apexShard.octets)
    assert.equal(octets.readUInt32BE(at + (apexShard.words[soa + 3] as number) - 20), SECONDS)
    assert.equal(Buffer.from(negativeSoa).readUInt32BE(negativeSoa.length - 20), SECONDS)
    assert.notEqual(apexShard.rrset(apexNode, 2), 0)
  })
})

describe('the memory of a zone store', () => {
  /** Replaces all of 1,000 names, each with a service. */
  function churn(made: Followed, turn: number): Commit {
    for (let i = 0; i < 1000; i++) {
      for (const [sign, of] of [
        [1, turn],
        [-1, turn - 1],
      ] as const) {
        if (of < 0) continue
        contribute(made.store, sign, a(`t${i}-${of}.mesos.`, `10.0.${of % 250}.1`))
        contribute(made.store, sign, srv(`_t._tcp.${of}.mesos.`, i, `t${i}-${of}.mesos.`))
      }
    }
    return made.commit()
  }

  test('stays flat over many full changes', () => {
    const made = new Followed()
    const sizes: number[] = []
    for (let turn = 0; turn < 40; turn++) {
      assert.equal(churn(made, turn).names, 1004)
      sizes.push(made.store.memory.octets)
    }
    assert.equal(Math.max(...sizes.slice(5)), Math.max(...sizes.slice(0, 5)))
  })

  test('grows only while a reader is behind, who sees his zone until then', () => {
    const made = new Followed()
    for (let turn = 0; turn < 5; turn++) churn(made, turn)
    const { octets, usedOctets } = made.store.memory
    made.epochs.enter(1, made.zone?.epoch ?? 0)
    const old = made.zone
    const lines = made.lines()
    for (let turn = 5; turn < 25; turn++) churn(made, turn)
    assert.ok(made.store.memory.usedOctets > usedOctets * 3)
    assert.deepEqual(old && zoneLines(old), lines)
    made.epochs.leave(1)
    // An arena waits some time before it gives up what it has needed.
    for (let turn = 25; turn < 95; turn++) churn(made, turn)
    assert.ok(made.store.memory.usedOctets < usedOctets * 2)
    assert.equal(made.store.memory.octets, octets)
  })
})

describe('a store that follows another one', () => {
  const web = (domain: string, octet = 1) => a(`web.${domain}.`, `10.0.0.${octet}`)

  /** Names and addresses in a zone. */
  function served(zone: Zone | undefined): string[] {
    const found = zone === undefined ? [] : zoneLines(zone)
    return found.flatMap((line) => {
      const [, name = '', address = ''] = /^(\w+) 60 A (\w+)$/.exec(line) ?? []
      return name === '' ? [] : [`${wireToName(Buffer.from(name, 'hex'), 0)} ${address}`]
    })
  }

  /** A store for a domain after the one before, with the reader that follows that one. */
  function successor(before: Followed, domain: string): ZoneStore {
    const { epochs, store } = before
    const { digest: _, ...present } = store.present ?? {}
    return new ZoneStore({
      config: { ...config, domain },
      epochs,
      ...present,
      predecessor: store,
    })
  }

  test('makes a whole zone in the same memory, with the next epoch and a higher serial', () => {
    const before = followed([web('mesos')])
    const first = before.zone
    const store = successor(before, 'other')
    contribute(store, 1, web('other'))
    const { update, changed } = store.commit({ receivedAt })
    assert.ok(update !== undefined && first !== undefined)
    assert.deepEqual([changed, update.full, update.epoch], [true, true, first.epoch + 1])
    assert.ok(update.serial > first.serial)
    const zone = Zone.from(first, update)
    assert.deepEqual(served(zone), ['web.other. 0a000001'])
    // The one before is read on until everybody has gone on.
    assert.deepEqual(served(first), ['web.mesos. 0a000001'])
  })

  test('again and again takes no more memory than two need', () => {
    let current = followed([web('mesos')])
    const used: number[] = []
    for (let i = 1; i <= 50; i++) {
      const { epochs, zone } = current
      const store = successor(current, `d${i}`)
      const next = Object.assign(Object.create(Followed.prototype), { epochs, store, zone })
      contribute(store, 1, web(`d${i}`))
      next.commit()
      assert.deepEqual(served(next.zone), [`web.d${i}. 0a000001`])
      used.push(store.memory.usedOctets)
      current = next
    }
    assert.equal(Math.max(...used.slice(10)), Math.max(...used.slice(0, 10)))
  })

  test('and is given up leaves it as it was', () => {
    const before = followed([web('mesos')])
    const store = successor(before, 'other')
    contribute(store, 1, web('other'))
    store.discard()
    contribute(before.store, 1, web('mesos', 2))
    before.commit()
    assert.deepEqual(served(before.zone), ['web.mesos. 0a000001', 'web.mesos. 0a000002'])
  })
})
