import { publicConfig } from '../../config/redact.ts'
import { axfrBody } from '../../records/axfr.ts'
import type { Snapshot } from '../../zone/snapshot.ts'
import { type Answer, RETRY_LATER, text } from '../answer.ts'
import { goJson, goJsonChunks } from '../go-json.ts'
import { addressesOf, servicesOf } from '../lookup.ts'
import type { Api, Params } from '../route.ts'

/** Go's writer sets nothing more specific, and some clients compare. */
const JSON_HEADERS = { 'Content-Type': 'application/json' }

/**
 * `Service` is what scripts test for, and the API is that of Mesos-DNS; who answers, and in which
 * version, the other two say.
 */
export function version(_params: Params, api: Api): Answer {
  return small({ Service: 'Mesos-DNS', URL: '/openapi.json', Version: api.version })
}

export function config(_params: Params, api: Api): Answer {
  return small(publicConfig(api.config, api.snapshot()?.serial))
}

/** A miss is an object of empty strings with status 200: clients have worked around that for years. */
export function hosts(params: Params, api: Api): Answer {
  return withSnapshot(api, ({ records }) => {
    const name = lookupName(params['host'] ?? '')
    const { addresses } = addressesOf(records, name, api.config.ttl)
    return small(
      addresses.length === 0 ? [{ host: '', ip: '' }] : addresses.map((ip) => ({ host: name, ip })),
    )
  })
}

export function ports(): Answer {
  return text(501, 'To be implemented...')
}

/** Per SRV record one address of each family of its target, picked at random. */
export function services(params: Params, api: Api): Answer {
  return withSnapshot(api, ({ records }) => {
    const service = params['service'] ?? ''
    const { ttl } = api.config
    const found = servicesOf(records, lookupName(service), ttl).services.flatMap((record) => {
      const { target, port } = record
      const { addresses } = addressesOf(records, target, ttl)
      const families = [
        addresses.filter((address) => !address.includes(':')),
        addresses.filter((address) => address.includes(':')),
      ]
      return families
        .map((family) => family[Math.floor(api.random() * family.length)])
        .filter((ip) => ip !== undefined)
        .map((ip) => ({ service, host: target, ip, port: String(port) }))
    })
    return small(found.length === 0 ? [{ service: '', host: '', ip: '', port: '' }] : found)
  })
}

export function enumerate(_params: Params, api: Api): Answer {
  return withSnapshot(api, (snapshot) => large(snapshot.enumerate()))
}

export function axfr(_params: Params, api: Api): Answer {
  return withSnapshot(api, ({ records, serial }) => {
    const { ttl, refreshSeconds, soaMname: mname, soaRname: rname, domain } = api.config
    return large(axfrBody(records, { ttl, serial, refreshSeconds, mname, rname, domain }))
  })
}

/** The name a lookup means: wildcard labels dropped, lower case, with one dot at the end. */
function lookupName(text: string): string {
  const name = text.replaceAll('.*', '').toLowerCase()
  return name.endsWith('.') ? name : `${name}.`
}

function withSnapshot(api: Api, answer: (snapshot: Snapshot) => Answer): Answer {
  const snapshot = api.snapshot()
  if (snapshot !== undefined) return answer(snapshot)
  // Mesos-DNS does not even listen at this point; an empty answer would be taken for the truth.
  return text(503, '503: no state from a Mesos master yet, try again', RETRY_LATER)
}

function small(value: unknown): Answer {
  return { status: 200, headers: JSON_HEADERS, body: goJson(value) }
}

function large(value: unknown): Answer {
  return { status: 200, headers: JSON_HEADERS, body: goJsonChunks(value) }
}
