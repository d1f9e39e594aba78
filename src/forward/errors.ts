import { MesosNsError } from '../errors.ts'

/** A forwarding setting that cannot be used; thrown when the forwarder is made, never by a query. */
export class ForwardConfigError extends MesosNsError {
  constructor(message: string, options?: ErrorOptions) {
    super('MESOS_NS_CONFIG', message, options)
  }
}
