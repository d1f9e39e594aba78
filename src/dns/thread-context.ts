import type { ThreadCounters } from '../counters/index.ts'
import type { Logger } from '../log.ts'
import type { Activity } from './activity.ts'
import type { Handler } from './handler.ts'

/** What every socket of a query thread works with. */
export interface ThreadContext {
  readonly handler: Handler
  readonly counters: ThreadCounters
  readonly activity: Activity
  readonly log: Logger
}
