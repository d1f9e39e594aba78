import { networkInterfaces } from 'node:os'
import { canonicalIp } from './address.ts'

/**
 * Addresses a listener is reached at: its own, or for a wildcard those of every interface but the
 * loopback ones, in canonical form. Zone identifiers of link-local addresses are dropped.
 */
export function reachableAddresses(listener: string): string[] {
  if (listener !== '0.0.0.0') return [listener]
  return localAddresses().filter((address) => !isLoopback(address))
}

/** Every address of this host, loopback included. */
export function localAddresses(): string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return interfaces.flatMap(({ address }) => canonicalIp(address.replace(/%.*/, '')) ?? [])
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
