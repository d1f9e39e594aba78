import type { Draft, Tell } from './draft.ts'
import { Fault } from './issue.ts'
import { isAtOrBelow } from './names.ts'
import { domainName } from './settings/dns.ts'
import { resolverAddress } from './settings/forward.ts'

type ZoneResolvers = Record<string, readonly string[]>

/** Upstreams in their one text form. */
export interface Upstreams {
  readonly resolvers: readonly string[]
  readonly zoneResolvers: ZoneResolvers
}

/**
 * Validates `resolvers` and `zoneResolvers`. With `externalon: false` neither is used, and as in
 * Mesos-DNS it does not matter what they say.
 */
export function resolveUpstreams(draft: Draft, tell: Tell): Upstreams {
  const { resolvers = [], zoneResolvers = {}, externalOn } = draft
  if (externalOn === false) {
    const listed = resolvers.map(resolverAddress).filter((address) => typeof address === 'string')
    return { resolvers: listed, zoneResolvers: {} }
  }
  return {
    resolvers: addresses(resolvers, ['resolvers'], tell),
    zoneResolvers: zones(zoneResolvers, draft.domain, tell),
  }
}

function addresses(list: readonly string[], path: readonly PropertyKey[], tell: Tell): string[] {
  const seen = new Set<string>()
  for (const [i, text] of list.entries()) {
    const address = resolverAddress(text)
    if (address instanceof Fault) tell([...path, i], address)
    else if (seen.has(address))
      tell([...path, i], new Fault('the same server is given twice', 'remove one'))
    else seen.add(address)
  }
  return [...seen]
}

function zones(
  given: Readonly<Record<string, readonly string[]>>,
  domain: string | undefined,
  tell: Tell,
): ZoneResolvers {
  const found = new Map<string, readonly string[]>()
  for (const [spelled, list] of Object.entries(given)) {
    const path = ['zoneResolvers', spelled]
    const zone = domainName(spelled)
    const servers = addresses(list, path, tell)
    if (list.length === 0) {
      tell(
        path,
        new Fault('has no servers', 'name at least one, such as "10.0.0.53", or remove the zone'),
      )
    }
    if (zone instanceof Fault) {
      tell(path, new Fault(`the zone ${zone.message}`, zone.fix))
      continue
    }
    const overlap = overlapOf(zone, [...found.keys()], domain)
    if (overlap !== undefined) tell(path, overlap)
    found.set(zone, servers)
  }
  return Object.fromEntries(found)
}

/** Zones that lie in one another have no clear owner: Mesos-DNS refuses them, too. */
function overlapOf(
  zone: string,
  others: readonly string[],
  domain: string | undefined,
): Fault | undefined {
  if (zone === domain) return new Fault('is the domain, which is answered here', 'remove it')
  if (others.includes(zone)) return new Fault('the same zone is given twice', 'remove one')
  for (const other of domain === undefined ? others : [...others, domain]) {
    if (isAtOrBelow(zone, other)) return new Fault(`is ambiguous: it lies in ${other}`, 'remove it')
    if (isAtOrBelow(other, zone))
      return new Fault(`is ambiguous: it contains ${other}`, 'remove it')
  }
  return undefined
}
