import { readdirSync } from 'node:fs'
import { openSockets } from '../app/running.ts'

/** What this process, the server, its masters and its clients in one, holds of the system. */
export interface Resources {
  readonly sockets: number
  readonly threads: number
  /** Megabytes of resident memory but for this thread's own heap: the server's other threads, and the zone. */
  readonly othersMb: number
}

export function resources(): Resources {
  const { rss, heapTotal, external } = process.memoryUsage()
  return {
    sockets: openSockets(),
    threads: readdirSync('/proc/self/task').length,
    othersMb: Math.round((rss - heapTotal - external) / 2 ** 20),
  }
}
