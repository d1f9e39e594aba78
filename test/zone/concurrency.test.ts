// One thread writes a zone without a pause, others answer from it: every answer is whole and of the generation
// that its reader has come to, while the memory of earlier generations is used again and again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Config } from '../../src/config/index.ts'
import { FIRST_READER, ReaderEpochs } from '../../src/zone/epochs.ts'
import { HEADER } from '../../src/zone/shard.ts'
import { Zone } from '../../src/zone/zone.ts'
import type { ZoneUpdate } from '../../src/zone/zone-update.ts'
import type { ReaderData } from './generations-reader.ts'
import type { WriterData, Written } from './generations-writer.ts'

const QUERIES = 2_000_000
/** Two waves of growing and shrinking, and one more to begin. */
const GENERATIONS = 1100
/** After the first wave there is all the memory that is ever needed. */
const SETTLED = 520
/** When a reader is ended in the midst of its work, and replaced. */
const DEATHS = [200, 700]

/** The slowest reader may be further behind than any was in the first wave. */
const SPARE = 2
/** How many times all of the memory has to have been written over. */
const REUSED = 10

const ORDERINGS: readonly Config['ordering'][] = ['roundrobin', 'random']

/** The control thread's part, and a look at where shards come to lie. */
class Scene {
  readonly epochs = ReaderEpochs.create(1 + ORDERINGS.length)
  readonly stop = new SharedArrayBuffer(4)
  readonly answered = new SharedArrayBuffer(4 * (1 + ORDERINGS.length))
  readonly faults: unknown[] = []
  readonly readers: Worker[] = []
  /** How many shards there were, each number once for each time that it became the number. */
  readonly shardCounts: number[] = []
  /** Most octets that there were, up to generation SETTLED and after it. */
  readonly octets = { before: 0, after: 0 }
  /** Octets of all shards that were written after generation SETTLED. */
  written = 0
  readonly #writer: Worker
  readonly #workers: Worker[] = []
  readonly #ended: Promise<unknown>[] = []
  #zone: Zone | undefined

  constructor() {
    this.epochs.enter(FIRST_READER, 1)
    for (const index of ORDERINGS.keys()) this.#startReader(index)
    const workerData: WriterData = { epochs: this.epochs.buffer, stop: this.stop }
    this.#writer = this.#watch(new Worker(fileOf('writer'), { workerData }))
    this.#writer.on('message', (written: Written) => this.#take(written))
  }

  get generation(): number {
    return this.#zone?.epoch ?? 0
  }

  get queries(): number {
    return new Int32Array(this.answered).reduce((sum, count) => sum + count, 0)
  }

  /** A reader dies between two of its instructions, whatever it is about, and gets a successor. */
  async replaceReader(index: number): Promise<void> {
    await this.readers[index]?.terminate()
    this.epochs.leave(1 + index)
    this.#startReader(index)
  }

  /** Lets all threads end by themselves: one that cannot, because it follows garbage in circles, is a fault. */
  async end(): Promise<void> {
    Atomics.store(new Int32Array(this.stop), 0, 1)
    if (this.faults.length > 0) await Promise.all(this.#workers.map((worker) => worker.terminate()))
    await Promise.all(this.#ended)
  }

  #startReader(index: number): void {
    const slot = 1 + index
    this.epochs.enter(slot, this.#zone?.epoch ?? 1)
    const workerData: ReaderData = {
      slot,
      ordering: ORDERINGS[index] ?? 'fixed',
      epochs: this.epochs.buffer,
      stop: this.stop,
      answered: this.answered,
      zone: this.#zone?.toUpdate(),
    }
    this.readers[index] = this.#watch(new Worker(fileOf('reader'), { workerData }))
  }

  #watch(worker: Worker): Worker {
    this.#workers.push(worker)
    worker.on('error', (error) => this.faults.push(error))
    this.#ended.push(new Promise((resolve) => worker.once('exit', resolve)))
    return worker
  }

  #take({ update, octets }: Written): void {
    this.#zone = Zone.from(this.#zone, update)
    this.epochs.acknowledge(FIRST_READER, update.epoch)
    for (const reader of this.readers) reader.postMessage(update)
    if (update.epoch > SETTLED) this.written += octetsOf(this.#zone, update)
    const { octets: most } = this
    const when = update.epoch > SETTLED ? 'after' : 'before'
    most[when] = Math.max(most[when], octets)
    if (this.shardCounts.at(-1) !== update.forwardShards)
      this.shardCounts.push(update.forwardShards)
  }
}

/** Octets of the shards that an update brought. */
function octetsOf(zone: Zone, { shards }: ZoneUpdate): number {
  const views = new Map(
    zone.toUpdate().segments.map(({ id, buffer }) => [id, new Uint32Array(buffer)]),
  )
  let words = 0
  for (let row = 0; row < shards.length; row += 3) {
    const [, segment = 0, base = 0] = shards.subarray(row, row + 3)
    words += (views.get(segment)?.[base + HEADER.END] ?? base) - base
  }
  return 4 * words
}

function fileOf(role: 'reader' | 'writer'): URL {
  return new URL(`./generations-${role}.ts`, import.meta.url)
}

test('no answer is ever wrong, missing or mixed, whatever is written meanwhile', async (t) => {
  const scene = new Scene()
  t.after(() => scene.end())
  // For as long as it takes: a busy machine is no fault.
  const until = async (holds: () => boolean) => {
    while (!holds() && scene.faults.length === 0) await sleep(10)
  }
  for (const [i, generation] of DEATHS.entries()) {
    await until(() => scene.generation >= generation)
    await scene.replaceReader(i % ORDERINGS.length)
  }
  await until(() => scene.generation >= GENERATIONS && scene.queries >= QUERIES)
  await scene.end()
  assert.deepEqual(scene.faults, [])
  const { queries, generation, shardCounts, octets, written } = scene
  t.diagnostic(`${queries} queries, ${generation} generations, ${shardCounts.join()} shards`)
  t.diagnostic(`${written} octets of shards were written to ${octets.after} of memory`)
  assert.ok(
    shardCounts.some((count, i) => count > (shardCounts[i - 1] ?? count)),
    'shards became more',
  )
  assert.ok(
    shardCounts.some((count, i) => count < (shardCounts[i - 1] ?? count)),
    'shards became fewer',
  )
  assert.ok(octets.after <= SPARE * octets.before, 'memory stays')
  assert.ok(written > REUSED * octets.after, 'memory is used again and again')
})
