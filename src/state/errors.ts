import { MesosNsError } from '../errors.ts'

/** A document that is no Mesos state at all, as opposed to a state with odd objects in it. */
export class StateFormatError extends MesosNsError {
  constructor(message: string, options?: ErrorOptions) {
    super('MESOS_NS_STATE_FORMAT', message, options)
  }
}
