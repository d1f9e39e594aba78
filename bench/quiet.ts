import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSecondsOf } from './process-cpu.ts'

const SAMPLE_MS = 50
/** So long without a tick of CPU is quiet: a tick is 10 ms, and what waits for a timer waits less. */
const QUIET_MS = 400
const LIMIT_MS = 120_000

export interface Quiet {
  /** All that the process had used by then. */
  readonly cpuSeconds: number
  /** When it was last seen to work, as `performance.now()`. */
  readonly since: number
}

/** Resolves when a process does nothing any more. Rejects if it does not come to rest. */
export async function untilQuiet(pid: number): Promise<Quiet> {
  const begun = performance.now()
  let quiet: Quiet = { cpuSeconds: cpuSecondsOf(pid), since: begun }
  for (;;) {
    await sleep(SAMPLE_MS)
    const now = performance.now()
    const cpuSeconds = cpuSecondsOf(pid)
    if (cpuSeconds > quiet.cpuSeconds) quiet = { cpuSeconds, since: now }
    else if (now - quiet.since >= QUIET_MS) return quiet
    if (now - begun > LIMIT_MS) throw new Error(`process ${pid} does not come to rest`)
  }
}
