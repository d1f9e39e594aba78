/**
 * Stable codes of every error mesos-ns reports to a person. docs/errors.md documents each one and a
 * test keeps the two equal.
 */
export type ErrorCode =
  | 'MESOS_NS_CONFIG'
  | 'MESOS_NS_USAGE'
  | 'MESOS_NS_LISTEN'
  | 'MESOS_NS_STATE_FETCH'
  | 'MESOS_NS_STATE_FORMAT'
  | 'MESOS_NS_MASTER_AUTH'
  | 'MESOS_NS_LEADER'
  | 'MESOS_NS_STREAM'
  | 'MESOS_NS_LOOKUP'
  | 'MESOS_NS_THREAD'

/**
 * An error meant for an operator's eyes: the message says what was wrong, where, and what to do.
 * Each family is a subclass with its own code.
 */
export class MesosNsError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.name = new.target.name
  }
}
