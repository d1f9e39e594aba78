import { availableParallelism, cpus, release, totalmem } from 'node:os'

/** Where and when something was measured. */
export interface Measured {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryOctets: number
  readonly kernel: string
  readonly node: string
  readonly rounds: number
  readonly seconds: number
}

export function measuredHere(rounds: number, seconds: number): Measured {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryOctets: totalmem(),
    kernel: release(),
    node: process.version,
    rounds,
    seconds,
  }
}
