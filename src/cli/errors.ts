import { MesosNsError } from '../errors.ts'

/** The command line cannot be understood. */
export class UsageError extends MesosNsError {
  constructor(message: string, options?: ErrorOptions) {
    super('MESOS_NS_USAGE', message, options)
  }
}

/** The server asked by `lookup` gave no answer that could be used. */
export class LookupError extends MesosNsError {
  constructor(message: string, options?: ErrorOptions) {
    super('MESOS_NS_LOOKUP', message, options)
  }
}
