import { networkInterfaces } from 'node:os'
import { canonicalIp } from './address.ts'

/**
 * Addresses a server with these listeners is reached at: their own, or for a wildcard, which is alone,
 * those of every interface but the loopback ones, in canonical form. Zone identifiers of link-local
 * addresses are dropped.
 */
export function reachableAddresses(listener: readonly string[]): readonly string[] {
  if (!listener.includes('0.0.0.0')) return listener
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
