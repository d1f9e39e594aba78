import type { ConfigIssue } from '../config/index.ts'
import type { FreshnessLevel } from '../freshness.ts'
import type { FollowStatus } from '../status.ts'

/** How the server fares, as the control thread knows it. Times are milliseconds since the epoch. */
export interface ServerStatus {
  /** What the state thread told last; undefined before it has. */
  readonly follow: FollowStatus | undefined
  readonly freshness: FreshnessLevel
  /** It was told to end, and answers what it has received. */
  readonly draining: boolean
  readonly threads: { readonly state: ThreadsStatus; readonly query: ThreadsStatus }
  readonly reloads: ReloadsStatus
}

/** Threads of one kind. */
export interface ThreadsStatus {
  /** How many there are to be; none of `query` without DNS. */
  readonly count: number
  /** How many do their work: one that is being replaced does not. */
  readonly running: number
  /** How many times one has been replaced since the start. */
  readonly restarts: number
}

/** Reloads of the configuration since the start. */
export interface ReloadsStatus {
  readonly applied: number
  readonly unchanged: number
  readonly failed: number
  readonly last: LastReload | undefined
}

export interface LastReload {
  /** When it ended. */
  readonly at: number
  /** SIGHUP, `POST /v1/reload`, or a file that had changed (`watchSeconds`). */
  readonly trigger: 'signal' | 'http' | 'watch'
  readonly result: ReloadResult
}

/** What became of reading the configuration again. Keys are spelled as in the file. */
export interface ReloadResult {
  /** `failed`: nothing has changed, and `error` says why. */
  readonly status: 'applied' | 'unchanged' | 'failed'
  /** Keys whose values differ from what was in effect and are in effect now. */
  readonly changed: readonly string[]
  /** Keys whose values differ from what is in effect until the process is started anew. */
  readonly needsRestart: readonly string[]
  /** Odd settings of the file that was read. */
  readonly warnings: readonly ConfigIssue[]
  /** A ConfigError if the file is to blame; another MesosNsError if it could not be put into effect. */
  readonly error?: Error
}
