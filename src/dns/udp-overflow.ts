import { readFileSync } from 'node:fs'
import { endianness } from 'node:os'
import type { ThreadCounters } from '../counters/index.ts'
import type { Logger } from '../log.ts'
import { ipToBytes } from '../net/address.ts'

/** How often the system is asked, in milliseconds: for one number per socket, or for a table to be read. */
export const OVERFLOW_MS = { SOCKETS: 1000, TABLES: 10_000 } as const
/** A growing number is logged again after so many milliseconds. */
const QUIET_MS = 60_000

/** What the system has dropped of one socket, or of several, since they were opened. */
export interface OverflowSource {
  /** Throws if it cannot be told. */
  read(): number
  /** A place for what has been counted, which outlives the thread where the socket does. */
  readonly counted: Float64Array
}

/** Counts datagrams that the system dropped because nobody had fetched them in time, and says so. */
export class OverflowWatch {
  readonly #sources = new Set<OverflowSource>()
  readonly #counters: ThreadCounters
  readonly #log: Logger
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  #unsaid = 0
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(
    counters: ThreadCounters,
    log: Logger,
    everyMs: number,
    now: () => number = () => performance.now(),
  ) {
    this.#counters = counters
    this.#log = log
    this.#now = now
    this.#timer = setInterval(() => this.check(), everyMs)
    this.#timer.unref()
  }

  add(source: OverflowSource): void {
    this.#sources.add(source)
  }

  /** Counts for the last time what was lost of it. */
  remove(source: OverflowSource): void {
    this.check()
    this.#sources.delete(source)
  }

  check(): void {
    for (const source of this.#sources) this.#unsaid += this.#grown(source)
    if (this.#unsaid === 0 || this.#now() - this.#saidAt < QUIET_MS) return
    this.#log.warn(
      { dropped: this.#unsaid },
      'queries came faster than they were answered and the system dropped some: raise workers, or ' +
        'net.core.rmem_max and udpReceiveBuffer for short bursts',
    )
    this.#unsaid = 0
    this.#saidAt = this.#now()
  }

  #grown(source: OverflowSource): number {
    let total: number
    try {
      total = source.read()
    } catch {
      return 0
    }
    const grown = total - (source.counted[0] as number)
    // Less than before: the sum of several sockets, one of which is gone.
    source.counted[0] = total
    if (grown <= 0) return 0
    this.#counters.overflow(grown)
    return grown
  }

  stop(): void {
    this.check()
    clearInterval(this.#timer)
  }
}

/** Below `self`: /proc/net is not there under the unit's ProcSubset=pid. */
const TABLES = ['/proc/self/net/udp', '/proc/self/net/udp6'] as const

/** Sockets that are bound to these addresses and that port, in the system's tables. */
export function readTables(
  hosts: () => readonly string[],
  port: number,
  read: (path: string) => string = (path) => readFileSync(path, 'latin1'),
): number {
  const wanted = new Set(hosts().map((host) => hexadecimal(host, port)))
  const rows = TABLES.flatMap((path) => tableRows(path, read))
  return rows
    .filter((row) => wanted.has(row[LOCAL_ADDRESS] ?? ''))
    .reduce((sum, row) => sum + Number(row.at(-1)), 0)
}

const LOCAL_ADDRESS = 1

function tableRows(path: string, read: (path: string) => string): string[][] {
  let table: string
  try {
    table = read(path)
  } catch {
    // Such as without IPv6.
    return []
  }
  const [, ...rows] = table.trimEnd().split('\n')
  return rows.map((row) => row.trim().split(/\s+/))
}

/** `0100007F:0035` for 127.0.0.1:53: the address as 32-bit numbers of the machine. */
export function hexadecimal(host: string, port: number): string {
  const octets = ipToBytes(host) ?? new Uint8Array()
  const word = (at: number) => {
    const octetsOfWord = [...octets.subarray(at, at + 4)]
    return Buffer.from(endianness() === 'LE' ? octetsOfWord.reverse() : octetsOfWord).toString(
      'hex',
    )
  }
  const words = Array.from({ length: octets.length / 4 }, (_, i) => word(i * 4))
  return `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase()
}
