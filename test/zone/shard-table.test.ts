import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Arena } from '../../src/zone/arena.ts'
import { ContributionLog } from '../../src/zone/contribution-log.ts'
import { RRSET, shardIndex } from '../../src/zone/shard.ts'
import { ShardTable } from '../../src/zone/shard-table.ts'
import { nodeLines, nodesOf } from './zone-lines.ts'

const APEX_LENGTH = 'mesos'.length + 2

/** A table that takes one address for each of so many names, or takes them back. */
class Names {
  readonly arena = new Arena()
  readonly table = new ShardTable(this.arena, { apexLength: APEX_LENGTH, defaultTtl: 60 })
  #epoch = 0

  change(sign: 1 | -1, from: number, to: number, address = '10.0.0.1') {
    const log = new ContributionLog()
    for (let i = from; i < to; i++) {
      log.record(sign, log.owner(`task-${i}.mesos.`), 'A', address, 0, 60)
    }
    const merge = this.table.merge(log, () => {})
    this.table.install(merge, ++this.#epoch)
    return merge
  }

  get count(): number {
    return this.table.state.shards.length
  }

  lines(): string[] {
    return this.table.state.shards
      .flatMap(({ shard }) => nodesOf(shard).flatMap((node) => nodeLines(shard, node)))
      .sort()
  }
}

function namesFrom(from: number, to: number): Names {
  const made = new Names()
  made.change(1, from, to)
  return made
}

describe('a table of shards', () => {
  test('makes anew only the shards that a change touches', () => {
    const made = namesFrom(0, 5000)
    const before = [...made.table.state.shards]
    const merge = made.change(1, 7, 8, '10.0.0.2')
    assert.equal(merge.replaced.length, 1)
    assert.deepEqual(
      merge.retired,
      merge.replaced.map((index) => before[index]?.region),
    )
    merge.shards.forEach((shard, index) => {
      assert.equal(shard === before[index], !merge.replaced.includes(index))
    })
    assert.equal(merge.records, 5001)
    assert.equal(merge.names, 5000)
  })

  test('does nothing for what comes to nothing', () => {
    const made = namesFrom(0, 10)
    const log = new ContributionLog()
    const owner = log.owner('task-3.mesos.')
    log.record(-1, owner, 'A', '10.0.0.1', 0, 60)
    log.record(1, owner, 'A', '10.0.0.1', 0, 60)
    const merge = made.table.merge(log, () => assert.fail('no node changes'))
    assert.deepEqual([merge.replaced, merge.retired, merge.changed], [[], [], false])
  })

  test('has about 512 names in a shard, and stays as it is between 128 and 1024', () => {
    const made = namesFrom(0, 4096)
    assert.equal(made.count, 8)
    made.change(1, 4096, 8192)
    assert.equal(made.count, 8)
    made.change(1, 8192, 8193)
    assert.equal(made.count, 32)
    made.change(-1, 4096, 8193)
    made.change(1, 0, 1, '10.0.0.2')
    assert.equal(made.count, 32)
    // What has become too many is seen by the next change.
    made.change(-1, 4000, 4096)
    assert.equal(made.count, 32)
    made.change(1, 1, 2, '10.0.0.2')
    assert.equal(made.count, 8)
    made.change(-1, 2, 4000)
    made.change(1, 2, 3)
    assert.equal(made.count, 1)
  })

  test('has every name where it belongs after its shards were split and joined', () => {
    const made = namesFrom(0, 600)
    const digest = made.table.state.digest.toString()
    const lines = made.lines()
    made.change(1, 600, 20_000)
    assert.ok(made.count > 30)
    for (const [index, { shard }] of made.table.state.shards.entries()) {
      for (const node of nodesOf(shard)) {
        assert.equal(shardIndex(shard.words[node + 4] as number, made.count), index)
      }
    }
    assert.deepEqual(made.lines(), namesFrom(0, 20_000).lines())
    made.change(-1, 600, 20_000)
    made.change(1, 0, 1)
    made.change(-1, 0, 1)
    assert.equal(made.count, 2)
    assert.deepEqual(made.lines(), lines)
    assert.equal(made.table.state.digest.toString(), digest)
    assert.equal(made.table.state.names, 600)
  })

  test('keeps the rotation counters, of names that change as well', () => {
    const made = namesFrom(0, 20)
    const turns = () =>
      Object.fromEntries(
        made.table.state.shards.flatMap(({ shard }) =>
          nodesOf(shard).map((node) => {
            const [name = ''] = nodeLines(shard, node)[0]?.split(' ') ?? []
            return [name, shard.words[shard.rrset(node, 1) + RRSET.ROTATION]]
          }),
        ),
      )
    for (const { shard } of made.table.state.shards) {
      nodesOf(shard).forEach((node, i) => {
        shard.words[shard.rrset(node, 1) + RRSET.ROTATION] = 100 + i
      })
    }
    const before = turns()
    assert.equal(new Set(Object.values(before)).size, 20)
    made.change(1, 5, 6, '10.0.0.2')
    assert.deepEqual(turns(), before)
  })

  test('leaves nothing behind when a merge is abandoned or fails', () => {
    const made = namesFrom(0, 3000)
    const { usedOctets } = made.arena
    const lines = made.lines()
    const log = new ContributionLog()
    for (let i = 0; i < 100; i++) {
      log.record(1, log.owner(`other-${i}.mesos.`), 'A', '10.0.0.1', 0, 60)
    }
    made.table.abandon(made.table.merge(log, () => {}))
    assert.equal(made.arena.usedOctets, usedOctets)
    let nodes = 0
    const fail = () => {
      if (++nodes === 50) throw new Error('observed enough')
    }
    assert.throws(() => made.table.merge(log, fail), /observed enough/)
    assert.equal(made.arena.usedOctets, usedOctets)
    assert.deepEqual(made.lines(), lines)
    assert.equal(made.change(1, 3000, 3001).names, 3001)
  })

  test('takes a set of 70,000 records, of which it shows 65,535', () => {
    const made = new Names()
    const log = new ContributionLog()
    const owner = log.owner('big.mesos.')
    for (let i = 0; i < 70_000; i++) {
      log.record(1, owner, 'SRV', `0 1 ${i & 0xffff} t${i >> 16}.mesos.`, 0, 60)
    }
    assert.equal(made.table.merge(log, () => {}).records, 65_535)
  })

  test('takes back all but one of a big set', () => {
    const made = new Names()
    const fill = (sign: 1 | -1, from: number) => {
      const log = new ContributionLog()
      const owner = log.owner('big.mesos.')
      for (let i = from; i < 5000; i++) log.record(sign, owner, 'SRV', `0 1 ${i} t.mesos.`, 0, 60)
      made.table.install(
        made.table.merge(log, () => {}),
        1,
      )
    }
    fill(1, 0)
    assert.equal(made.table.state.records, 5000)
    fill(-1, 1)
    assert.equal(made.lines().length, 1)
    fill(-1, 0)
    assert.deepEqual(made.lines(), [])
  })
})
