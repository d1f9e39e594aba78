/**
 * What one answer costs the query path, without sockets: nanoseconds of CPU per query for each kind of
 * question, counting included, on zones of some numbers of names. Each query is for another name, at
 * random, so that big zones are found in memory and not in the processor's caches; making the query is
 * measured apart and taken off. Run: npm run bench -- answers [names ...]
 */

import { parseConfig } from '../src/config/index.ts'
import { createCounters, ThreadCounters } from '../src/counters/index.ts'
import { createAnswerer } from '../src/dns/create-answerer.ts'
import { Handler } from '../src/dns/handler.ts'
import { RANK } from '../src/records/contribution.ts'
import { ReaderEpochs } from '../src/zone/epochs.ts'
import { ownerToWire } from '../src/zone/owner-name.ts'
import { Zone } from '../src/zone/zone.ts'
import { ZoneStore } from '../src/zone/zone-store.ts'

const ROUNDS = 9
const QUERIES = 400_000
/** Messages that are made and answered in a row, as a batch from a socket is. */
const BATCH = 64
const TYPE = { A: 1, AAAA: 28, SRV: 33 } as const
const DIGITS = 7
const ZERO = 0x30

type Names = 'one' | 'three' | 'srv1' | 'srv10'

/** `one-0000042.marathon.mesos.` and the like, `_srv1-0000042._tcp.marathon.mesos.` */
function nameOf(kind: Names | 'none', i: number): string {
  const number = String(i).padStart(DIGITS, '0')
  return kind.startsWith('srv')
    ? `_${kind}-${number}._tcp.marathon.mesos.`
    : `${kind}-${number}.marathon.mesos.`
}

const { config } = parseConfig('{"masters": ["127.0.0.1:5050"]}')

/** Half of the names have one address and half three; services come on top of them. */
function makeZone(names: number): Zone {
  const store = new ZoneStore({
    config: { ...config, reverseDnsOn: false },
    epochs: ReaderEpochs.create(1),
  })
  const add = (type: 'A' | 'SRV', name: string, rdata: string) =>
    store.record(1, type, name, rdata, RANK.SERVED)
  const half = Math.floor(names / 2)
  for (let i = 0; i < half; i++) {
    const host = `${(i >> 8) & 255}.${i & 255}`
    add('A', nameOf('one', i), `10.0.${host}`)
    for (let k = 1; k <= 3; k++) add('A', nameOf('three', i), `10.${k}.${host}`)
  }
  for (let i = 0; i < services(names); i++) {
    const target = (k: number) => nameOf('one', (i * 97 + k * 31) % half)
    add('SRV', nameOf('srv1', i), `0 1 31000 ${target(0)}`)
    for (let k = 0; k < 10; k++) add('SRV', nameOf('srv10', i), `0 1 31000 ${target(k)}`)
  }
  const { update } = store.commit({ receivedAt: 0 })
  if (update === undefined) throw new RangeError('the first commit makes a zone')
  return Zone.from(undefined, update)
}

function services(names: number): number {
  return Math.ceil(names / 50)
}

/** A query with RD and an OPT of 1232 octets, as stub resolvers send it. */
function query(name: string, type: number): Uint8Array {
  const wire = ownerToWire(name)
  if (wire === undefined) throw new RangeError(name)
  const header = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
  const opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([...header, ...wire, type >> 8, type & 255, 0, 1, ...opt])
}

/** Puts a query for one of `count` names, at random, into the slot. */
function ask(slot: Uint8Array, template: Uint8Array, digitsAt: number, count: number): void {
  slot.set(template)
  let number = Math.floor(Math.random() * count)
  for (let at = digitsAt + DIGITS - 1; number > 0; at--) {
    slot[at] = ZERO + (number % 10)
    number = Math.floor(number / 10)
  }
}

const source = {
  family: 4,
  address: () => '127.0.0.1',
  addressOctets: () => undefined,
  detach: () => {
    throw new Error('nothing is forwarded here')
  },
} as const

function measure(names: number): void {
  const start = process.cpuUsage()
  const answerer = createAnswerer(config, 'bench', new Uint8Array(16))
  answerer.zone = makeZone(names)
  const { user, system } = process.cpuUsage(start)
  const made = Math.round((user + system) / 1000)
  console.log(`\n${answerer.zone.names} names: zone made in ${made} ms of CPU`)

  const fail = () => {
    throw new Error('nothing is forwarded here')
  }
  const counters = new ThreadCounters(createCounters())
  const handler = new Handler(answerer, { forward: fail }, counters, fail)
  const half = Math.floor(names / 2)
  const kinds: readonly [string, Uint8Array, number][] = [
    ['A, 1 record', query(nameOf('one', 0), TYPE.A), half],
    ['A, 3 records, shuffled', query(nameOf('three', 0), TYPE.A), half],
    ['AAAA, NODATA', query(nameOf('one', 0), TYPE.AAAA), half],
    ['A, NXDOMAIN', query(nameOf('none', 0), TYPE.A), half],
    ['SRV, 1 target, glue', query(nameOf('srv1', 0), TYPE.SRV), services(names)],
    ['SRV, 10 targets, glue', query(nameOf('srv10', 0), TYPE.SRV), services(names)],
  ]
  const slots = Array.from({ length: BATCH }, () => new Uint8Array(4096))
  for (const [what, template, count] of kinds) {
    const digitsAt = template.indexOf(0x2d) + 1
    const round = (answers: boolean): number => {
      const before = process.cpuUsage()
      for (let done = 0; done < QUERIES; done += BATCH) {
        for (const slot of slots) ask(slot, template, digitsAt, count)
        if (!answers) continue
        if (process.env.EXPECT) handler.expect(slots, 0, BATCH)
        for (const slot of slots) handler.datagram(slot, template.length, slot, source)
      }
      const used = process.cpuUsage(before)
      return ((used.user + used.system) * 1000) / QUERIES
    }
    const costs: number[] = []
    for (let i = 0; i <= ROUNDS; i++) {
      const asking = round(false)
      const cost = round(true) - asking
      // The first round warms the compiler up.
      if (i > 0) costs.push(cost)
    }
    costs.sort((a, b) => a - b)
    const [least, median] = [costs[0] as number, costs[ROUNDS >> 1] as number]
    console.log(`  ${what.padEnd(24)} ${Math.round(median)} ns (best ${Math.round(least)})`)
  }
}

const sizes = process.argv.slice(2).map(Number)
for (const names of sizes.length > 0 ? sizes : [1_000, 100_000]) measure(names)
