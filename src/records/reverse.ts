import { ipToBytes } from '../net/address.ts'
import type { RecordSet } from './record-set.ts'

/**
 * Adds PTR records for the addresses of running tasks, so that each leads back to a name that has the
 * address. Several tasks share an agent's address, none of them is its name: then there is no record
 * and the question is forwarded. A container's address gets all its names.
 */
export function addReverse(
  records: RecordSet,
  agentAddresses: ReadonlySet<string>,
  ownNames: ReadonlySet<string>,
): void {
  for (const [address, names] of namesByAddress(records, ownNames)) {
    if (names.length > 1 && agentAddresses.has(address)) continue
    const owner = reverseName(address)
    for (const name of names.sort()) records.add('PTR', owner, name)
  }
}

function namesByAddress(records: RecordSet, ownNames: ReadonlySet<string>): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const name of ownNames) {
    if (hasEmptyLabel(name)) continue
    for (const type of ['A', 'AAAA'] as const) {
      for (const address of records.get(type, name)?.rdata ?? []) {
        if (isEveryones(address)) continue
        const known = names.get(address)
        if (known === undefined) names.set(address, [name])
        else known.push(name)
      }
    }
  }
  return names
}

function hasEmptyLabel(name: string): boolean {
  return name.startsWith('.') || name.includes('..')
}

/** Loopback and unspecified addresses mean another host to everybody who asks. */
function isEveryones(address: string): boolean {
  return address.startsWith('127.') || ['0.0.0.0', '::1', '::'].includes(address)
}

/**
 * The name below `in-addr.arpa.` (RFC 1035 §3.5) or `ip6.arpa.` (RFC 3596 §2.5) that stands for a
 * canonical address.
 */
export function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa.`
  let nibbles = ''
  for (const octet of ipToBytes(address) ?? []) {
    nibbles = `${(octet & 15).toString(16)}.${(octet >> 4).toString(16)}.${nibbles}`
  }
  return `${nibbles}ip6.arpa.`
}
