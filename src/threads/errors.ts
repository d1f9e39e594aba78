import { MesosNsError } from '../errors.ts'

/** A thread ended, or could not be started, and with it ended what was asked of it. */
export class ThreadError extends MesosNsError {
  constructor(message: string, options?: ErrorOptions) {
    super('MESOS_NS_THREAD', message, options)
  }
}
