import type { ProgramName } from '../programs.ts'

/** What a server is started with: the same zone for all. */
export interface ServerContext {
  /** Empty folder for its own files. */
  readonly folder: string
  readonly domain: string
  /** The zone as a master file. */
  readonly zoneFile: string
  /** `host:port` of the simulated master whose state the zone is made from. */
  readonly master: string
  /** Port of a server of this host that has the zone, for caches. */
  readonly upstream: number
  /** The program of mesos-ns, JavaScript. */
  readonly main: string
}

export interface RunningServer {
  /** Its children count as well. */
  readonly pid: number
  /** UDP, on 127.0.0.1. */
  readonly port: number
  stop(): Promise<void>
}

/** A name server that is measured. */
export interface ServerKind {
  readonly id: string
  readonly title: string
  /** What it does: `floor` answers anything alike, `cache` asks another server at first. */
  readonly role: 'floor' | 'authoritative' | 'cache'
  /** What must be installed. */
  readonly programs: readonly ProgramName[]
  /** Asked of the program; empty if it has none. */
  version(main: string): string
  /** Resolves when it answers for the zone. */
  start(context: ServerContext): Promise<RunningServer>
}

/** A million names take the slowest about half a minute. */
export const START_MS = 180_000
