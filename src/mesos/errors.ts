import { MesosNsError } from '../errors.ts'

/** No state could be had: a master could not be reached, or answered with something else. */
export class StateFetchError extends MesosNsError {
  constructor(message: string, options?: ErrorOptions) {
    super('MESOS_NS_STATE_FETCH', message, options)
  }
}

/** A master or the login endpoint refused the credentials, or asked for some where none are set. */
export class AuthError extends MesosNsError {
  constructor(message: string, options?: ErrorOptions) {
    super('MESOS_NS_MASTER_AUTH', message, options)
  }
}
