import type { Worker } from 'node:worker_threads'
import type { RunningServer } from '../../src/app.ts'
import type { Random } from '../../src/demo/random.ts'
import { eventually } from '../eventually.ts'

/** As in src/threads/query-threads.ts. */
const YOUNG_OF_QUERY_MB = 4
/** As src/threads/backoff.ts has it, and a little more. */
const RIPE_MS = 11_000

/** Kills threads of a server. */
export class Threads {
  readonly #server: RunningServer
  /** In the order of their starts; the first one was a state thread. */
  readonly #workers: readonly Worker[]
  readonly #killed = { state: 0, query: 0 }
  /** When each was seen first. */
  readonly #seen = new WeakMap<Worker, number>()

  constructor(server: RunningServer, workers: readonly Worker[]) {
    this.#server = server
    this.#workers = workers
    this.#look()
  }

  /** How many were killed. */
  get killed(): { readonly state: number; readonly query: number } {
    return { ...this.#killed }
  }

  get #alive(): Worker[] {
    return this.#workers.filter(({ threadId }) => threadId !== -1)
  }

  /** False if there is none that may be killed now. */
  killState(): Promise<boolean> {
    return this.#kill(this.#ripe.find(isState), 'state')
  }

  killQuery(random: Random): Promise<boolean> {
    return this.#kill(random.pick(this.#ripe.filter((each) => !isState(each))), 'query')
  }

  async #kill(worker: Worker | undefined, kind: 'state' | 'query'): Promise<boolean> {
    if (worker === undefined) return false
    this.#killed[kind]++
    await worker.terminate()
    return true
  }

  /** One that dies young is replaced later and later, and that is not what is tested here. */
  get #ripe(): Worker[] {
    this.#look()
    const now = performance.now()
    return this.#alive.filter((worker) => now - (this.#seen.get(worker) ?? now) > RIPE_MS)
  }

  #look(): void {
    const now = performance.now()
    for (const worker of this.#alive) if (!this.#seen.has(worker)) this.#seen.set(worker, now)
  }

  /** Resolves when all threads that died have been replaced. */
  async allThere(): Promise<void> {
    await eventually('all threads are there', () => {
      const { state, query } = this.#server.status().threads
      return state.running === state.count && query.running === query.count
    })
    this.#look()
  }
}

/** State threads have more room for young objects. */
function isState({ resourceLimits }: Worker): boolean {
  return (resourceLimits?.maxYoungGenerationSizeMb ?? 0) > YOUNG_OF_QUERY_MB
}
