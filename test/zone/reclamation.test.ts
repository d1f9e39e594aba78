// Writer and readers together: memory is reused all the time, and no reader ever sees anything but the
// zone it is at, however far it lags behind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RANK } from '../../src/records/contribution.ts'
import { ReaderEpochs } from '../../src/zone/epochs.ts'
import { recordsOf } from '../../src/zone/lookup.ts'
import { Zone } from '../../src/zone/zone.ts'
import { ZoneStore } from '../../src/zone/zone-store.ts'
import type { ZoneUpdate } from '../../src/zone/zone-update.ts'
import { defaultConfig } from '../config.ts'

const NAMES = Array.from({ length: 400 }, (_, i) => `n${i}.mesos.`)

/** Which generation each name's record is of; 0 if it has none. */
type Generations = readonly number[]

/** Slot 0 takes updates first and starts the others with what it has, as the control thread does. */
class Reader {
  readonly slot: number
  readonly #epochs: ReaderEpochs
  readonly #waiting: ZoneUpdate[] = []
  #zone: Zone | undefined

  constructor(slot: number, epochs: ReaderEpochs) {
    this.slot = slot
    this.#epochs = epochs
  }

  get zone(): Zone | undefined {
    return this.#zone
  }

  start(update: ZoneUpdate): void {
    this.#epochs.enter(this.slot, update.epoch)
    this.#waiting.length = 0
    this.#zone = Zone.from(undefined, structuredClone(update))
  }

  send(update: ZoneUpdate): void {
    if (this.#zone !== undefined) this.#waiting.push(structuredClone(update))
  }

  /** Takes the next update; returns it, so that slot 0 can pass it on. */
  switch(): ZoneUpdate | undefined {
    const update = this.#waiting.shift()
    if (update === undefined) return undefined
    this.#zone = Zone.from(this.#zone, update)
    this.#epochs.acknowledge(this.slot, update.epoch)
    return update
  }

  end(): void {
    this.#zone = undefined
    this.#epochs.leave(this.slot)
  }
}

function address(name: number, generation: number): string {
  return `10.${name >> 8}.${name & 255}.${generation % 256}`
}

/** One writer, readers 0 to 3, and what each epoch's zone has to be. */
class Cluster {
  readonly #epochs = ReaderEpochs.create(4)
  readonly #store = new ZoneStore({
    config: { ...defaultConfig(), reverseDnsOn: false },
    epochs: this.#epochs,
  })
  readonly #readers = [0, 1, 2, 3].map((slot) => new Reader(slot, this.#epochs))
  readonly #history = new Map<number, Generations>()
  #now: number[] = NAMES.map(() => 0)
  #epoch = 0

  get octets(): number {
    return this.#store.memory.octets
  }

  commit(names: readonly number[], remove: boolean): void {
    for (const name of new Set(names)) {
      const before = this.#now[name] ?? 0
      const owner = NAMES[name] ?? ''
      if (before > 0) this.#store.record(-1, 'A', owner, address(name, before), RANK.SERVED)
      const after = remove ? 0 : before + 1
      if (after > 0) this.#store.record(1, 'A', owner, address(name, after), RANK.SERVED)
      this.#now[name] = after
    }
    const { update } = this.#store.commit({ receivedAt: 0 })
    if (update === undefined) return
    this.#epoch = update.epoch
    this.#history.set(update.epoch, [...this.#now])
    const [control] = this.#readers
    if (control?.zone === undefined) control?.start(update)
    else control.send(update)
  }

  switch(slot: number): void {
    const update = this.#readers[slot]?.switch()
    if (slot !== 0 || update === undefined) return
    for (const reader of this.#readers.slice(1)) reader.send(update)
  }

  /** The reader ends and another one takes its slot. */
  replace(slot: number): void {
    const zone = this.#readers[0]?.zone
    if (slot === 0 || zone === undefined) return
    this.#readers[slot]?.end()
    this.#readers[slot]?.start(zone.toUpdate())
  }

  check(): void {
    for (const { zone } of this.#readers) {
      if (zone === undefined) continue
      const expected = this.#history.get(zone.epoch) ?? []
      for (const [i, name] of NAMES.entries()) {
        const generation = expected[i] ?? 0
        const found: readonly string[] | undefined = recordsOf(zone, 'A', name)?.rdata
        const wanted = generation === 0 ? undefined : [address(i, generation)]
        assert.deepEqual(found, wanted, `${name} at epoch ${zone.epoch} of ${this.#epoch}`)
      }
    }
  }
}

const someNames = fc.array(fc.nat(NAMES.length - 1), { minLength: 1, maxLength: 40 })
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      names: someNames,
      remove: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      names: fc.constant(NAMES.map((_, i) => i)),
      remove: fc.constant(false),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('switch' as const), slot: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), slot: fc.nat(3) }) },
)

test('every reader sees the zone of its epoch, name by name, while memory is reused', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cluster = new Cluster()
      for (const one of steps) {
        if (one.do === 'commit') cluster.commit(one.names, one.remove)
        else if (one.do === 'switch') cluster.switch(one.slot)
        else cluster.replace(one.slot)
        cluster.check()
      }
    }),
    { numRuns: 40 },
  )
})

test('many full changes need no more memory than a few', () => {
  const cluster = new Cluster()
  const all = NAMES.map((_, i) => i)
  const run = (changes: number) => {
    for (let i = 0; i < changes; i++) {
      cluster.commit(all, false)
      for (const slot of [0, 1, 2, 3]) cluster.switch(slot)
    }
  }
  run(1)
  for (const slot of [1, 2, 3]) cluster.replace(slot)
  run(5)
  const { octets } = cluster
  run(500)
  assert.equal(cluster.octets, octets)
  cluster.check()
})
