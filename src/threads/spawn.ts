import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'

export interface SpawnOptions {
  /** Entry of the thread: a file of this folder, without extension. */
  readonly entry: 'query-thread' | 'state-thread'
  /** For debuggers and profiles. */
  readonly name: string
  /** Plain data that the thread finds as its `workerData`. */
  readonly workerData: unknown
  /** Megabytes of V8's young generation: three semi-spaces, of which two are in use at a time. */
  readonly youngGenerationMb: number
  /** Megabytes of the old one; V8's own choice if absent. */
  readonly oldGenerationMb?: number
}

/** Starts a thread. Throws where the system gives none. */
export function spawnThread(options: SpawnOptions): Worker {
  const { entry, name, workerData, youngGenerationMb, oldGenerationMb } = options
  // TypeScript where this is run from source, JavaScript where it was built.
  const file = new URL(`./${entry}${extname(import.meta.url)}`, import.meta.url)
  const resourceLimits = {
    maxYoungGenerationSizeMb: youngGenerationMb,
    ...(oldGenerationMb === undefined ? {} : { maxOldGenerationSizeMb: oldGenerationMb }),
  }
  return new Worker(file, { name, workerData, resourceLimits })
}
