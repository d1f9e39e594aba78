import { MesosNsError } from '../../errors.ts'

/**
 * What is to be done about a stream that cannot be had or has ended: `unsupported`: that master has none, and will
 * not soon; `not-ready`: it will have one shortly; `lost`: try again.
 */
export type EventStreamFault = 'unsupported' | 'not-ready' | 'lost'

/** The event stream cannot be had, or has ended. */
export class EventStreamError extends MesosNsError {
  readonly fault: EventStreamFault

  constructor(fault: EventStreamFault, message: string, options?: ErrorOptions) {
    super('MESOS_NS_STREAM', message, options)
    this.fault = fault
  }
}
