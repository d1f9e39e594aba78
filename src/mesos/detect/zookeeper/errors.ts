import { MesosNsError } from '../../../errors.ts'

/**
 * Why talking to ZooKeeper failed:
 * - `unreachable`: no connection, no answer in time, or the connection broke
 * - `malformed`: what came is not ZooKeeper's protocol
 * - `expired`: the server knows the session no more
 * - `auth`: the credentials were refused
 * - `reply`: a well-formed error reply to one request, its code in `reply`
 * - `stopped`: we closed the connection ourselves
 */
export type ZookeeperFailure =
  | 'unreachable'
  | 'malformed'
  | 'expired'
  | 'auth'
  | 'reply'
  | 'stopped'

/** Leader detection through ZooKeeper failed; `failure` says how. */
export class ZookeeperError extends MesosNsError {
  readonly failure: ZookeeperFailure
  /** Code of an error reply (`ErrorReply`), for `failure: 'reply'` only. */
  readonly reply: number | undefined

  constructor(
    failure: ZookeeperFailure,
    message: string,
    options: ErrorOptions & { reply?: number } = {},
  ) {
    super('MESOS_NS_LEADER', message, options)
    this.failure = failure
    this.reply = options.reply
  }
}

/** One line for what a socket or a lookup reported; an AggregateError has a code but no message. */
export function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return 'code' in error ? String(error.code) : error.name
}
