/**
 * What a refresh costs: CPU and memory of decoding a state, making its records, and making the zone,
 * for clusters of a given number of tasks. Run: npm run bench -- state [tasks ...]
 */

import { parseConfig } from '../src/config/index.ts'
import { largeCluster, stateDocument } from '../src/demo/index.ts'
import { generateRecords } from '../src/records/generate.ts'
import { Report } from '../src/report.ts'
import { decodeState } from '../src/state/decode.ts'
import { buildZone } from '../src/zone/build.ts'
import { contentHash } from '../src/zone/content-hash.ts'

function timed<T>(what: string, work: () => T): T {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  console.log(
    `  ${what.padEnd(12)} ${String(Math.round((user + system) / 1000)).padStart(6)} ms of CPU`,
  )
  return result
}

function measure(tasks: number): void {
  const { config } = parseConfig('{"masters": ["127.0.0.1:5050"]}')
  const cluster = largeCluster({ tasks })
  const [master] = cluster.masters
  if (master === undefined) throw new RangeError('a cluster has a master')
  const body = JSON.stringify(stateDocument(cluster, master))
  console.log(`\n${tasks} tasks: ${(body.length / 1e6).toFixed(1)} MB of state`)
  const json: unknown = timed('parse', () => JSON.parse(body))
  const report = new Report()
  const state = timed('decode', () => decodeState(json, report))
  const records = timed('records', () =>
    generateRecords({
      state,
      masters: [],
      hosts: new Map(),
      listenerAddresses: [],
      config,
      report,
    }),
  )
  timed('hash', () => contentHash(records))
  const zone = timed('zone', () => buildZone(records, config, 1))
  console.log(
    `  ${records.count()} records, ${zone.names} names; resident ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
  )
}

const sizes = process.argv.slice(2).map(Number)
for (const tasks of sizes.length > 0 ? sizes : [1_000, 10_000, 100_000]) measure(tasks)
