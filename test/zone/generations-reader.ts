// A thread of concurrency.test.ts that reads: it asks and checks without a pause, and takes the next generation
// in when there is one. The generation is the zone's epoch.
import { parentPort, workerData } from 'node:worker_threads'
import type { Config } from '../../src/config/index.ts'
import { FORWARD } from '../../src/dns/answer.ts'
import { createAnswerer } from '../../src/dns/create-answerer.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import { reverseName } from '../../src/records/reverse.ts'
import { ReaderEpochs } from '../../src/zone/epochs.ts'
import { Zone } from '../../src/zone/zone.ts'
import type { ZoneUpdate } from '../../src/zone/zone-update.ts'
import { defaultConfig } from '../config.ts'
import { encode } from '../dns/question.ts'
import {
  addressOf,
  dotted,
  HOSTS,
  hostChangedAt,
  hostName,
  hostSize,
  isOwn,
  SERVICES,
  serialOf,
  serviceChangedAt,
  serviceName,
  serviceSize,
  targetOf,
} from './generations.ts'

/** Queries between two looks at what has been posted, at most. */
const MOST_AT_A_TIME = 3000

/** Octets of a header, and of a record between owner and rdata. */
const HEADER = 12
const FIXED = 10

export interface ReaderData {
  readonly slot: number
  readonly ordering: Config['ordering']
  readonly epochs: SharedArrayBuffer
  /** One word, not 0 when it is time to end. */
  readonly stop: SharedArrayBuffer
  /** A word for each slot: how many queries it has had answered, those of its predecessors included. */
  readonly answered: SharedArrayBuffer
  readonly zone: ZoneUpdate | undefined
}

const data = workerData as ReaderData
const epochs = new ReaderEpochs(data.epochs)
const stop = new Int32Array(data.stop)
const answered = new Int32Array(data.answered)
const config = { ...defaultConfig(), ordering: data.ordering }
const answerer = createAnswerer(config, '1.2.3', new Uint8Array(16))
const out = Buffer.alloc(0xffff)
const client = { addressOctets: () => undefined }

const hostQueries = [TYPE.A, TYPE.AAAA].map((type) =>
  Array.from({ length: HOSTS }, (_, host) => encode({ name: hostName(host), type })),
)
const serviceQueries = Array.from({ length: SERVICES }, (_, service) =>
  encode({ name: serviceName(service), type: TYPE.SRV }),
)

/** The reply to the message is in `out`; returns its length. */
function ask(message: Buffer, transport: 'udp' | 'tcp' = 'udp'): number {
  return answerer.answer(message, message.length, out, transport, client)
}

function expect(holds: boolean, what: () => string): void {
  if (!holds) throw new Error(`generation ${answerer.zone?.epoch}: ${what()}`)
}

/** RCODE and the numbers of records in answer, authority and additional section. */
function expectHeader(
  what: string,
  rcode: number,
  counts: readonly [number, number, number],
): void {
  const found = [(out[3] as number) & 15, ...[6, 8, 10].map((at) => out.readUInt16BE(at))].join()
  const wanted = [rcode, ...counts].join()
  expect(found === wanted, () => `${what}: rcode and counts ${found}, not ${wanted}`)
}

/** No such name, or no such type, said by the SOA of this very generation. */
function expectDenial(what: string, generation: number, exists: boolean, length: number): void {
  expectHeader(what, exists ? RCODE.NOERROR : RCODE.NXDOMAIN, [0, 1, 0])
  const serial = out.readUInt32BE(length - 20)
  expect(serial === serialOf(generation), () => `${what}: serial ${serial}`)
}

/** Marks of the addresses seen, of one host each: bit i for the address of that number. */
let seen = 0

function takeAddress(what: string, at: number, host: number, changed: number, size: number): void {
  const address = out.readUInt32BE(at)
  const index = address & 31
  const isRight = address === addressOf(host, changed, index) && index < size
  expect(isRight, () => {
    const of = `generation ${address >>> 17} of host ${(address >>> 5) & 0xfff}`
    return `${what}: address ${index} is of ${of}, not of ${changed}`
  })
  expect((seen & (1 << index)) === 0, () => `${what}: address ${index} comes twice`)
  seen |= 1 << index
}

function checkHost(host: number, generation: number): void {
  const changed = hostChangedAt(host, generation)
  const size = hostSize(host, changed)
  const message = hostQueries[0]?.[host] as Buffer
  const length = ask(message)
  const what = hostName(host)
  if (size === 0) {
    expectDenial(what, generation, false, length)
    return
  }
  expectHeader(what, RCODE.NOERROR, [size, 0, 0])
  seen = 0
  for (let i = 0; i < size; i++) {
    takeAddress(what, message.length + 16 * i + HEADER, host, changed, size)
  }
  expect(length === message.length + 16 * size, () => `${what}: ${length} octets`)
}

function checkNoAddress6(host: number, generation: number): void {
  const exists = hostSize(host, hostChangedAt(host, generation)) > 0
  const length = ask(hostQueries[1]?.[host] as Buffer)
  expectDenial(`${hostName(host)} AAAA`, generation, exists, length)
}

/** The number of the host whose name, `n` and digits, starts there with its first label. */
function hostAt(at: number): number {
  return Number(out.toString('latin1', at + 2, at + 1 + (out[at] as number)))
}

/** SRV with all addresses of all targets, which lie in other shards. */
function checkService(service: number, generation: number): void {
  const changed = serviceChangedAt(service, generation)
  const size = serviceSize(service, changed)
  const message = serviceQueries[service] as Buffer
  const length = ask(message, 'tcp')
  const what = serviceName(service)
  if (size === 0) {
    expectDenial(what, generation, false, length)
    return
  }
  const glue = new Map<number, number>()
  for (let i = 0; i < size; i++) glue.set(targetOf(service, changed, i), 0)
  let addresses = 0
  for (const host of glue.keys()) addresses += hostSize(host, hostChangedAt(host, generation))
  expectHeader(what, RCODE.NOERROR, [size, 0, addresses])
  let at = message.length
  seen = 0
  for (let i = 0; i < size; i++) {
    const rdata = at + 2 + FIXED
    const index = out.readUInt16BE(rdata + 4) & 31
    const host = hostAt(rdata + 6)
    const isRight =
      out.readUInt16BE(rdata + 2) === changed &&
      out.readUInt16BE(rdata + 4) >> 5 === service &&
      index < size &&
      host === targetOf(service, changed, index)
    expect(isRight, () => `${what}: ${hostName(host)} of ${out.readUInt16BE(rdata + 2)}`)
    expect((seen & (1 << index)) === 0, () => `${what}: record ${index} comes twice`)
    seen |= 1 << index
    at = rdata + out.readUInt16BE(rdata - 2)
  }
  for (let i = 0; i < addresses; i++, at += 16) {
    const host = hostAt(out.readUInt16BE(at) & 0x3fff)
    const has = hostChangedAt(host, generation)
    const before = glue.get(host)
    expect(before !== undefined, () => `${what}: glue of ${hostName(host)}, no target`)
    seen = before ?? 0
    takeAddress(`glue of ${what}`, at + HEADER, host, has, hostSize(host, has))
    glue.set(host, seen)
  }
  expect(length === at, () => `${what}: ${length} octets, not ${at}`)
}

/** An address leads back to its name; the one that the host had before leads nowhere any more. */
function checkReverse(host: number, generation: number): void {
  if (!isOwn(host)) return
  const changed = hostChangedAt(host, generation)
  const size = hostSize(host, changed)
  const name = reverseName(dotted(addressOf(host, changed, Math.max(0, size - 1))))
  const message = encode({ name, type: TYPE.PTR })
  const length = ask(message)
  if (size === 0) {
    expect(length === FORWARD, () => `${name} is answered: ${length}`)
    return
  }
  expect(length > 0, () => `${name} is not answered`)
  expectHeader(name, RCODE.NOERROR, [1, 0, 0])
  expect(hostAt(message.length + 2 + FIXED) === host, () => `${name} is not of ${hostName(host)}`)
  if (changed === 1) return
  const old = encode({
    name: reverseName(dotted(addressOf(host, hostChangedAt(host, changed - 1), 0))),
    type: TYPE.PTR,
  })
  expect(ask(old) === FORWARD, () => `the address before ${name} is still answered`)
}

const generationQuery = encode({ name: 'generation.mesos.', type: TYPE.TXT })

function checkGeneration(generation: number): void {
  const length = ask(generationQuery)
  expectHeader('generation.mesos.', RCODE.NOERROR, [1, 0, 0])
  const text = out.toString('latin1', generationQuery.length + 2 + FIXED + 1, length)
  expect(text === String(generation), () => `the zone's own record says ${text}`)
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit)
}

function askSome(generation: number): void {
  const dice = below(100)
  if (dice < 75) checkHost(below(HOSTS), generation)
  else if (dice < 87) checkNoAddress6(below(HOSTS), generation)
  else if (dice < 95) checkService(below(SERVICES), generation)
  else if (dice < 98) checkReverse(below(HOSTS), generation)
  else checkGeneration(generation)
}

function run(): void {
  if (Atomics.load(stop, 0) !== 0) {
    parentPort?.close()
    return
  }
  const { zone } = answerer
  const count = 1 + below(MOST_AT_A_TIME)
  if (zone !== undefined) {
    for (let i = 0; i < count; i++) askSome(zone.epoch)
    Atomics.add(answered, data.slot, count)
  }
  setImmediate(run)
}

function switchTo(update: ZoneUpdate): void {
  answerer.zone = Zone.from(answerer.zone, update)
  epochs.acknowledge(data.slot, update.epoch)
}

if (data.zone !== undefined) switchTo(data.zone)
parentPort?.on('message', switchTo)
run()
