import type { Worker } from 'node:worker_threads'
import type { RunningServer } from '../../src/app.ts'
import type { Random } from '../../src/demo/random.ts'
import { eventually } from '../eventually.ts'

/** As in src/threads/query-threads.ts. */
const YOUNG_OF_QUERY_MB = 4

/** Kills threads of a server. */
export class Threads {
  readonly #server: RunningServer
  /** In the order of their starts; the first one was a state thread. */
  readonly #workers: readonly Worker[]
  readonly #killed = { state: 0, query: 0 }

  constructor(server: RunningServer, workers: readonly Worker[]) {
    this.#server = server
    this.#workers = workers
  }

  /** How many were killed. */
  get killed(): { readonly state: number; readonly query: number } {
    return { ...this.#killed }
  }

  get #alive(): Worker[] {
    return this.#workers.filter(({ threadId }) => threadId !== -1)
  }

  async killState(): Promise<void> {
    const worker = this.#alive.find(isState)
    if (worker !== undefined) await this.#kill(worker, 'state')
  }

  async killQuery(random: Random): Promise<void> {
    const worker = random.pick(this.#alive.filter((each) => !isState(each)))
    if (worker !== undefined) await this.#kill(worker, 'query')
  }

  async #kill(worker: Worker, kind: 'state' | 'query'): Promise<void> {
    this.#killed[kind]++
    await worker.terminate()
  }

  /** Resolves when all threads that died have been replaced. */
  allThere(): Promise<void> {
    return eventually('all threads are there', () => {
      const { state, query } = this.#server.status().threads
      return state.running === state.count && query.running === query.count
    })
  }
}

/** State threads have more room for young objects. */
function isState({ resourceLimits }: Worker): boolean {
  return (resourceLimits?.maxYoungGenerationSizeMb ?? 0) > YOUNG_OF_QUERY_MB
}
