import { type Config, parseConfig } from '../../config/index.ts'
import { formatHostPort, type HostPort } from '../../net/address.ts'

export const LOOPBACK = '127.0.0.1'

/** Seconds: the shortest there are, for the moments without an event stream. */
const REFRESH_SECONDS = 1
const TTL = 1

/** The server of the demo: on loopback only, and no name outside the zone is asked for anywhere. */
export function demoConfig(where: {
  readonly masters: readonly HostPort[]
  readonly dnsPort: number
  readonly httpPort: number
}): Config {
  const settings = {
    masters: where.masters.map(formatHostPort),
    updates: 'auto',
    refreshSeconds: REFRESH_SECONDS,
    ttl: TTL,
    domain: 'mesos',
    listener: LOOPBACK,
    port: where.dnsPort,
    httpListener: LOOPBACK,
    httpPort: where.httpPort,
    externalOn: false,
  }
  return parseConfig(JSON.stringify(settings)).config
}
