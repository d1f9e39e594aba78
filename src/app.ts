import type { Trigger } from './app/reloads.ts'
import { Server, type ServerOptions } from './app/server.ts'
import type { CountersSnapshot } from './counters/index.ts'
import type { ReloadResult, ServerStatus } from './http/index.ts'
import type { HostPort } from './net/address.ts'

export type { ServerOptions }

export interface RunningServer {
  /** Where it listens, with the real ports where 0 was configured; the first address of several. */
  readonly addresses: { readonly dns?: HostPort; readonly http?: HostPort }
  /** Resolves when the first state has become the zone that is served. */
  readonly ready: Promise<void>
  /** Resolves when it cannot do what it is configured for (`zkStrict`) and the process should end for it. */
  readonly failed: Promise<Error>
  /** Asks the masters for their state now; resolves when that attempt has ended, and its state is served. */
  refresh(): Promise<void>
  /**
   * Reads the configuration again and puts it into effect, or leaves everything as it is. Resolves when what was
   * published before the switch is no longer answered from, also if it failed.
   */
  reload(trigger: Trigger): Promise<ReloadResult>
  /** What the query threads have counted since the start. */
  counters(): CountersSnapshot
  /** How many times threads have been replaced. */
  restarts(): { readonly state: number; readonly query: number }
  status(): ServerStatus
  /** Says so, stops listening, answers what was received, and frees everything. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts everything the configuration turns on. DNS and HTTP listen when it resolves, whether or not a
 * master can be reached. Rejects with a ListenError or ConfigError, and then nothing is left running.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = new Server(options)
  try {
    await server.start()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}
