import { typesOf } from '../../zone/lookup.ts'
import type { Zone } from '../../zone/zone.ts'
import { type Answer, RETRY_LATER } from '../answer.ts'
import { addressesOf, servicesOf } from '../lookup.ts'
import type { Api, Params } from '../route.ts'
import type { CountersV2, HostV2, ServiceV2 } from '../schemas.ts'
import { fullName, isInZone, nameFault } from './name.ts'
import { json, problem } from './problem.ts'

export function host(params: Params, api: Api): Answer {
  return lookUp(params['host'] ?? '', api, (zone, name) => {
    const { canonicalName, ttl, addresses } = addressesOf(zone, name)
    if (ttl === undefined) return undefined
    const { serial } = zone
    return { name, canonicalName, serial, ttl, addresses: [...addresses] } satisfies HostV2
  })
}

export function service(params: Params, api: Api): Answer {
  return lookUp(params['service'] ?? '', api, (zone, name) => {
    const { canonicalName, ttl, services } = servicesOf(zone, name)
    if (ttl === undefined) return undefined
    const { serial } = zone
    const targets = services.map(({ target, port, priority, weight }) => {
      const { addresses } = addressesOf(zone, target)
      return { target, port, priority, weight, addresses: [...addresses] }
    })
    return { name, canonicalName, serial, ttl, targets } satisfies ServiceV2
  })
}

export function counters(_params: Params, api: Api): Answer {
  return json(api.counters() satisfies CountersV2)
}

/** Checks what was asked for, finds it, and says why it is not there if it is not. */
function lookUp(
  asked: string,
  api: Api,
  find: (zone: Zone, name: string) => object | undefined,
): Answer {
  const fault = nameFault(asked)
  if (fault !== undefined) {
    return problem(400, 'invalid-name', `${JSON.stringify(asked)} is no DNS name: ${fault}`)
  }
  const name = fullName(asked)
  const { domain } = api.config
  if (!isInZone(name, domain)) {
    return problem(404, 'outside-zone', `${name} is not in the zone ${domain}.; ask a resolver`)
  }
  const snapshot = api.snapshot()
  if (snapshot === undefined) {
    return problem(503, 'not-ready', 'no state from a Mesos master yet, try again', RETRY_LATER)
  }
  const { zone } = snapshot
  const found = find(zone, name)
  return found === undefined ? missing(zone, name) : ok(found, zone)
}

function ok(body: object, { serial, digest }: Zone): Answer {
  // Both: the serial is in the body, and replicas may reach one serial with different content.
  return json(body, { ETag: `"${serial}-${digest.slice(0, 16)}"` })
}

function missing(zone: Zone, name: string): Answer {
  const types = typesOf(zone, name)
  if (types.length === 0) return problem(404, 'no-such-name', `${name} has no records`)
  const other = types.includes('SRV') ? '/v2/services/' : '/v2/hosts/'
  const hint = types.some((type) => type !== 'TXT' && type !== 'PTR') ? `; see ${other}${name}` : ''
  return problem(404, 'no-such-type', `${name} only has ${types.join(' and ')} records${hint}`)
}
