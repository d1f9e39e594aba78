import { MesosNsError } from '../errors.ts'
import { formatHostPort, type HostPort } from './address.ts'

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it or choose another port',
  EACCES: 'ports below 1024 need CAP_NET_BIND_SERVICE (the systemd unit grants it) or another port',
  EADDRNOTAVAIL: 'the address is not one of this host; correct listener',
  EAFNOSUPPORT: 'the host has no IPv6; use an IPv4 listener',
}

/** A server could not listen where it was told to. */
export class ListenError extends MesosNsError {
  constructor(what: string, where: HostPort, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? ''
    const remedy = REMEDIES[code] ?? 'correct listener and port'
    super(
      'MESOS_NS_LISTEN',
      `cannot listen for ${what} on ${formatHostPort(where)} (${code || cause.message}): ${remedy}`,
      { cause },
    )
  }
}
