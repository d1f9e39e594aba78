// The thread of concurrency.test.ts that writes: it commits one generation after the other, as fast as readers
// let it.
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { RANK, type Sign } from '../../src/records/contribution.ts'
import { ReaderEpochs } from '../../src/zone/epochs.ts'
import { ZoneStore } from '../../src/zone/zone-store.ts'
import type { ZoneUpdate } from '../../src/zone/zone-update.ts'
import { defaultConfig } from '../config.ts'
import {
  addressOf,
  dotted,
  HOSTS,
  hostChangedAt,
  hostName,
  hostSize,
  isOwn,
  MAX_GENERATIONS,
  SERVICES,
  serialOf,
  serviceChangedAt,
  serviceName,
  serviceSize,
  targetOf,
} from './generations.ts'

/** Generations that the slowest reader may be behind. */
const LAG = 16

export interface WriterData {
  readonly epochs: SharedArrayBuffer
  /** One word, not 0 when it is time to end. */
  readonly stop: SharedArrayBuffer
}

export interface Written {
  readonly update: ZoneUpdate
  /** Octets of all segments. */
  readonly octets: number
}

const data = workerData as WriterData
const epochs = new ReaderEpochs(data.epochs)
const stop = new Int32Array(data.stop)
const store = new ZoneStore({ config: { ...defaultConfig(), reverseDnsOn: true }, epochs })

function contributeHost(sign: Sign, host: number, changed: number): void {
  const size = hostSize(host, changed)
  const name = hostName(host)
  for (let i = 0; i < size; i++) {
    store.record(sign, 'A', name, dotted(addressOf(host, changed, i)), RANK.SERVED)
  }
  if (size > 0 && isOwn(host)) store.ownName(sign, name)
}

function contributeService(sign: Sign, service: number, changed: number): void {
  const size = serviceSize(service, changed)
  const name = serviceName(service)
  for (let i = 0; i < size; i++) {
    const target = hostName(targetOf(service, changed, i))
    store.record(sign, 'SRV', name, `0 ${changed} ${(service << 5) | i} ${target}`, RANK.SERVED)
  }
}

/** Contributes what differs from the generation before, and one record that always does. */
function contribute(generation: number): void {
  const before = generation - 1
  for (let host = 0; host < HOSTS; host++) {
    const changed = hostChangedAt(host, generation)
    if (changed !== generation) continue
    if (before > 0) contributeHost(-1, host, hostChangedAt(host, before))
    contributeHost(1, host, changed)
  }
  for (let service = 0; service < SERVICES; service++) {
    const changed = serviceChangedAt(service, generation)
    if (changed !== generation) continue
    if (before > 0) contributeService(-1, service, serviceChangedAt(service, before))
    contributeService(1, service, changed)
  }
  if (before > 0) store.record(-1, 'TXT', 'generation.mesos.', String(before), RANK.STATIC)
  store.record(1, 'TXT', 'generation.mesos.', String(generation), RANK.STATIC)
}

for (let generation = 1; Atomics.load(stop, 0) === 0; generation++) {
  if (generation === MAX_GENERATIONS) throw new RangeError('there are no more addresses')
  contribute(generation)
  const { update } = store.commit({ receivedAt: 1000 * serialOf(generation) })
  if (update?.epoch !== generation) throw new Error(`epoch ${update?.epoch} of ${generation}`)
  parentPort?.postMessage({ update, octets: store.memory.octets } satisfies Written)
  while (generation - epochs.oldest() >= LAG && Atomics.load(stop, 0) === 0) await sleep(1)
}
