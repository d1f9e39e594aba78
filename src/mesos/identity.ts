import { formatHostPort, type HostPort } from '../net/address.ts'
import type { HostResolver } from '../state/host-resolver.ts'

/** One text for a host and port, whatever the case of the name. */
export function masterKey(master: HostPort): string {
  return formatHostPort(master).toLowerCase()
}

/** The distinct masters of a list, in order. */
export function distinct(masters: readonly HostPort[]): HostPort[] {
  return [...new Map(masters.map((master) => [masterKey(master), master])).values()]
}

/**
 * The one of `masters` that a host and port mean: literally, or by an address that both host names
 * have. The port always counts, masters may share a host.
 */
export async function findMaster(
  wanted: HostPort,
  masters: readonly HostPort[],
  resolver: HostResolver,
): Promise<HostPort | undefined> {
  const samePort = masters.filter(({ port }) => port === wanted.port)
  const literal = samePort.find((master) => masterKey(master) === masterKey(wanted))
  if (literal !== undefined || samePort.length === 0) return literal
  const hosts = await resolver.resolve([wanted, ...samePort].map(({ host }) => host))
  const addresses = hosts.get(wanted.host) ?? []
  return samePort.find(({ host }) =>
    (hosts.get(host) ?? []).some((address) => addresses.includes(address)),
  )
}
