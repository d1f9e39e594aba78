import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { shuffled } from './shuffle.ts'

/**
 * The system's lookup with the addresses in random order. An ensemble is often one name with the
 * addresses of all its servers, and the system sorts them (RFC 6724), so that a whole fleet of clients
 * would come to the same one.
 */
export function shufflingLookup(
  random: () => number,
  lookup: typeof systemLookup = systemLookup,
): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const [first, ...others] = shuffled(addresses ?? [], random)
      if (error !== null || first === undefined) callback(error ?? noAddress(host), '', 0)
      else if (options.all === true) callback(null, [first, ...others])
      else callback(null, first.address, first.family)
    })
  }
}

function noAddress(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
}
