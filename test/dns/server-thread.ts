// A query thread for server-threads.test.ts: answers, and dies when it is told to.
import { parentPort, workerData } from 'node:worker_threads'
import { createCounters, ThreadCounters } from '../../src/counters/index.ts'
import { startQueryService, type ThreadListeners } from '../../src/dns/index.ts'
import { Freshness } from '../../src/freshness.ts'
import { silentLogger } from '../../src/log.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { recordSet } from '../presentation.ts'
import { COOKIE_SECRET, SERIAL } from './question.ts'

const listeners = workerData as ThreadListeners
const config = defaultConfig()
const service = await startQueryService({
  config,
  version: '1.2.3',
  log: silentLogger,
  listeners,
  counters: new ThreadCounters(createCounters()),
  cookieSecret: COOKIE_SECRET,
  forwarder: { forward: async (query) => query, finish: async () => {}, close: async () => {} },
  freshness: new Freshness(),
  addresses: () => [],
})
service.apply(zoneOf(recordSet(['leader.mesos. - A 10.0.0.1']), config, SERIAL))
parentPort?.on('message', (order) => {
  if (order === 'close') service.close().then(() => process.exit(0))
  else throw new Error('as told')
})
parentPort?.postMessage('ready')
