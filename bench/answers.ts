/**
 * What one answer costs the query path, without sockets: nanoseconds of CPU per query for each kind of
 * question, on a zone of a given number of names. Run: npm run bench -- answers [names ...]
 */

import { parseConfig } from '../src/config/index.ts'
import { createAnswerer } from '../src/dns/index.ts'
import { RecordSet } from '../src/records/record-set.ts'
import { buildZone } from '../src/zone/build.ts'
import { ownerToWire } from '../src/zone/owner-name.ts'

const ROUNDS = 5
const QUERIES = 400_000
const SERVICES = [1, 10]
const TYPE = { A: 1, AAAA: 28, SRV: 33 } as const

/** A query with RD and an OPT of 1232 octets, as stub resolvers send it. */
function query(name: string, type: number): Uint8Array {
  const wire = ownerToWire(name)
  if (wire === undefined) throw new RangeError(name)
  const header = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1]
  const opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([...header, ...wire, type >> 8, type & 255, 0, 1, ...opt])
}

function zoneRecords(names: number): RecordSet {
  const records = new RecordSet()
  for (let i = 0; i < names; i++) {
    for (let k = 0; k < 3; k++) {
      records.add('A', `app-${i}.marathon.mesos.`, `10.${k}.${(i >> 8) & 255}.${i & 255}`)
    }
  }
  for (const targets of SERVICES) {
    for (let i = 0; i < targets; i++) {
      const target = `svc${targets}-${i}.marathon.mesos.`
      records.add('A', target, `10.9.0.${i}`)
      records.add('SRV', `_svc${targets}._tcp.marathon.mesos.`, `0 1 31000 ${target}`)
    }
  }
  return records
}

function measure(names: number): void {
  const { config } = parseConfig('{"masters": ["127.0.0.1:5050"]}')
  const answerer = createAnswerer(config, 'bench')
  const built = process.cpuUsage()
  answerer.zone = buildZone(zoneRecords(names), config, 1)
  const { user, system } = process.cpuUsage(built)
  console.log(`\n${names} names: zone made in ${Math.round((user + system) / 1000)} ms of CPU`)

  const spread = Array.from({ length: 1024 }, (_, i) => Math.floor((i * names) / 1024))
  const kinds: Record<string, Uint8Array[]> = {
    'A, 3 records, shuffled': spread.map((i) => query(`app-${i}.marathon.mesos.`, TYPE.A)),
    'AAAA, NODATA': spread.map((i) => query(`app-${i}.marathon.mesos.`, TYPE.AAAA)),
    NXDOMAIN: spread.map((i) => query(`nope-${i}.marathon.mesos.`, TYPE.A)),
    'SRV, 1 target, glue': [query('_svc1._tcp.marathon.mesos.', TYPE.SRV)],
    'SRV, 10 targets, glue': [query('_svc10._tcp.marathon.mesos.', TYPE.SRV)],
  }
  const out = new Uint8Array(65535)
  for (const [kind, queries] of Object.entries(kinds)) {
    const costs: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const before = process.cpuUsage()
      for (let i = 0; i < QUERIES; i++) {
        const message = queries[i % queries.length] as Uint8Array
        answerer.answer(message, message.length, out, 'udp')
      }
      const used = process.cpuUsage(before)
      // The first round warms the compiler up.
      if (round > 0) costs.push(((used.user + used.system) * 1000) / QUERIES)
    }
    costs.sort((a, b) => a - b)
    const [min, median] = [costs[0] as number, costs[ROUNDS >> 1] as number]
    console.log(`  ${kind.padEnd(24)} ${Math.round(median)} ns (best ${Math.round(min)})`)
  }
}

const sizes = process.argv.slice(2).map(Number)
for (const names of sizes.length > 0 ? sizes : [1_000, 100_000]) measure(names)
