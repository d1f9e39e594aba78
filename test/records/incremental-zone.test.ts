// Following a cluster with a zone store comes to the zone that its state alone comes to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { generateRecords } from '../../src/records/generate.ts'
import { IncrementalRecords } from '../../src/records/incremental.ts'
import type { Problem } from '../../src/report.ts'
import { ReaderEpochs } from '../../src/zone/epochs.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { Zone } from '../../src/zone/zone.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { ZoneStore } from '../../src/zone/zone-store.ts'
import { defaultConfig } from '../config.ts'
import { inputOf, someConfig, someEdit, someWorld } from './random-cluster.ts'

/**
 * Names that belong to something else, of those a zone can have: neither the name nor, in services of
 * a name that begins with a dot, the target may be one without wire form.
 */
function conflictsIn(problems: readonly Problem[]): string[] {
  const conflicts = problems.filter(({ kind }) => kind.endsWith('-conflict'))
  const names = conflicts.map(({ object }) => object)
  const isInZone = (name: string) => ownerToWire(name) !== undefined && !name.includes('_.')
  return [...new Set(names)].filter(isInZone).sort()
}

test('random clusters and edits, in a zone', () => {
  const someSteps = fc.array(
    fc.record({ edits: fc.array(someEdit, { minLength: 1, maxLength: 4 }), fails: fc.boolean() }),
    { maxLength: 6 },
  )
  fc.assert(
    fc.property(someConfig, someWorld, someSteps, (given, first, steps) => {
      const config = { ...defaultConfig(), ...given }
      const store = new ZoneStore({ config, epochs: ReaderEpochs.create(1) })
      const records = new IncrementalRecords(config, store)
      let zone: Zone | undefined
      let receivedAt = 0
      const follow = (world: typeof first) => {
        records.update(inputOf(world, given))
        receivedAt += 1000
        const { update, changed } = store.commit({ receivedAt })
        records.commit()
        const before = zone?.digest
        if (update !== undefined) zone = Zone.from(zone, update)
        const alone = inputOf(world, given)
        const expected = zoneOf(generateRecords(alone), config, 1)
        assert.equal(zone?.digest, expected.digest)
        assert.equal(zone.names, expected.names)
        assert.equal(zone.records, expected.records)
        assert.equal(changed, before !== expected.digest)
        const owners = [...store.conflicts.keys(), ...conflictsIn(records.problems)]
        assert.deepEqual([...new Set(owners)].sort(), conflictsIn(alone.report.problems))
      }
      let world = first
      follow(world)
      for (const { edits, fails } of steps) {
        world = edits.reduce((edited, edit) => edit(edited), world)
        if (fails) {
          records.update(inputOf(world, given))
          store.discard()
          records.discard()
        }
        follow(world)
      }
    }),
    { numRuns: 100 },
  )
})
