import { canonicalIp } from '../net/address.ts'
import { validAddresses } from './ip-sources.ts'

/** Addresses of host names as they were resolved, in any text form. */
export type Hosts = ReadonlyMap<string, readonly string[]>

/** Canonical addresses of a host given as an address or a name; empty if it could not be resolved. */
export function addressesOfHost(host: string, hosts: Hosts): readonly string[] {
  const literal = canonicalIp(host)
  return literal === undefined ? validAddresses(hosts.get(host) ?? []) : [literal]
}

/** Whether two lists of addresses are the same, order included. */
export function areSameAddresses(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((address, i) => address === b[i]))
}
