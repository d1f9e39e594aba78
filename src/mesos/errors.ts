import { MesosNsError } from '../errors.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import { StateFormatError } from '../state/errors.ts'
import { masterKey } from './identity.ts'

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

/** One error of the family that all of these are of; a StateFetchError where they differ. */
export function errorLike(errors: readonly MesosNsError[], message: string): MesosNsError {
  const families = [AuthError, StateFormatError]
  const Family =
    families.find((family) => errors.every((error) => error instanceof family)) ?? StateFetchError
  return new Family(message, { cause: errors[0] })
}

/** What failed at a master, told of the one that led to it. An AuthError says itself whose it is. */
export function toldOf(first: HostPort, master: HostPort, error: unknown): unknown {
  const isOther = masterKey(first) !== masterKey(master)
  if (!isOther || !(error instanceof MesosNsError) || error instanceof AuthError) return error
  return errorLike([error], `leads to ${formatHostPort(master)}: ${error.message}`)
}

/** A fault of ours, told with its stack: it must neither end the process nor go unseen. */
export function asMesosNsError(cause: unknown): MesosNsError {
  if (cause instanceof MesosNsError) return cause
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return new StateFetchError(`unexpected fault, please report it: ${stack}`, { cause })
}
