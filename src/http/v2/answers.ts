import type { RecordSet } from '../../records/record-set.ts'
import type { Snapshot } from '../../zone/snapshot.ts'
import { type Answer, RETRY_LATER } from '../answer.ts'
import { addressesOf, servicesOf, typesOf } from '../lookup.ts'
import type { Api, Params } from '../route.ts'
import type { HostV2, ServiceV2 } from '../schemas.ts'
import { fullName, isInZone, nameFault } from './name.ts'
import { COMMON_HEADERS, problem } from './problem.ts'

export function host(params: Params, api: Api): Answer {
  return lookUp(params['host'] ?? '', api, ({ records, serial }, name) => {
    const { canonicalName, ttl, addresses } = addressesOf(records, name, api.config.ttl)
    if (ttl === undefined) return undefined
    return { name, canonicalName, serial, ttl, addresses: [...addresses] } satisfies HostV2
  })
}

export function service(params: Params, api: Api): Answer {
  return lookUp(params['service'] ?? '', api, ({ records, serial }, name) => {
    const { canonicalName, ttl, services } = servicesOf(records, name, api.config.ttl)
    if (ttl === undefined) return undefined
    const targets = services.map(({ target, port, priority, weight }) => {
      const { addresses } = addressesOf(records, target, api.config.ttl)
      return { target, port, priority, weight, addresses: [...addresses] }
    })
    return { name, canonicalName, serial, ttl, targets } satisfies ServiceV2
  })
}

/** Checks what was asked for, finds it, and says why it is not there if it is not. */
function lookUp(
  asked: string,
  api: Api,
  find: (snapshot: Snapshot, name: string) => object | undefined,
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
  const found = find(snapshot, name)
  return found === undefined ? missing(snapshot.records, name) : ok(found, snapshot)
}

function ok(body: object, { serial, contentHash }: Snapshot): Answer {
  return {
    status: 200,
    headers: {
      ...COMMON_HEADERS,
      'Content-Type': 'application/json',
      // Both: the serial is in the body, and replicas may reach one serial with different content.
      ETag: `"${serial}-${contentHash.slice(0, 16)}"`,
    },
    body: `${JSON.stringify(body, null, 2)}\n`,
  }
}

function missing(records: RecordSet, name: string): Answer {
  const types = typesOf(records, name)
  if (types.length === 0) return problem(404, 'no-such-name', `${name} has no records`)
  const other = types.includes('SRV') ? '/v2/services/' : '/v2/hosts/'
  const hint = types.some((type) => type !== 'TXT' && type !== 'PTR') ? `; see ${other}${name}` : ''
  return problem(404, 'no-such-type', `${name} only has ${types.join(' and ')} records${hint}`)
}
