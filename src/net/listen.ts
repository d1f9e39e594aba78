import { MesosNsError } from '../errors.ts'
import { formatHostPort, type HostPort } from './address.ts'

/** What is to listen: its name for people, and the settings that say where. */
export interface Listening {
  readonly what: string
  /** Setting that holds the address. */
  readonly hostKey: string
  /** Setting that holds the port. */
  readonly portKey: string
}

/**
 * A server could not get the address it was configured for. The system's error is the cause; `reason` is
 * for people, and found out from the cause if it is not given.
 */
export class ListenError extends MesosNsError {
  constructor(
    listening: Listening,
    where: HostPort,
    cause: unknown,
    reason = explanation(errorCode(cause), where.port, listening) ?? String(cause),
  ) {
    const message = `cannot listen for ${listening.what} on ${formatHostPort(where)}: ${reason}`
    super('MESOS_NS_LISTEN', message, { cause })
  }
}

/**
 * Binds with `bind`, which rejects with the system's error. `0.0.0.0` means every address of the host,
 * IPv6 included where there is any, as it does in Go. Rejects with a ListenError that says what stands
 * in the way and what to do.
 */
export async function bindAt<T>(
  listening: Listening,
  where: HostPort,
  bind: (where: HostPort) => Promise<T>,
): Promise<T> {
  try {
    if (where.host !== '0.0.0.0') return await bind(where)
    try {
      return await bind({ ...where, host: '::' })
    } catch (error) {
      if (!NO_FAMILY.includes(errorCode(error))) throw error
      return await bind(where)
    }
  } catch (error) {
    throw new ListenError(listening, where, error)
  }
}

/** What a host without an address family answers when asked to bind an address of it. */
export const NO_FAMILY: readonly string[] = ['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']

/** `code` of a system error, empty for others. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function explanation(code: string, port: number, keys: Listening): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `another process has this port (see who: ss -lntup "sport = :${port}"); stop it or set ${keys.portKey}`
    case 'EACCES':
    case 'EPERM':
      return (
        'not permitted; grant CAP_NET_BIND_SERVICE (systemd/mesos-ns.service does), ' +
        `or set ${keys.portKey} to 1024 or more`
      )
    case 'EADDRNOTAVAIL':
      return `no interface of this host has this address; set ${keys.hostKey} to one that has, or to 0.0.0.0`
    case 'EAFNOSUPPORT':
      return `this host has no IPv6; set ${keys.hostKey} to an IPv4 address`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name does not resolve; set ${keys.hostKey} to an IP address`
    default:
      return undefined
  }
}
