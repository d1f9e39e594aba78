import { publicConfig } from '../../config/redact.ts'
import { goJson } from '../../go-json.ts'
import type { ListingKind } from '../../records/listing.ts'
import type { Zone } from '../../zone/zone.ts'
import { type Answer, RETRY_LATER, text } from '../answer.ts'
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
  return small(publicConfig(api.config, api.snapshot()?.zone.serial))
}

/** A miss is an object of empty strings with status 200: clients have worked around that for years. */
export function hosts(params: Params, api: Api): Answer {
  return withZone(api, (zone) => {
    const name = lookupName(params['host'] ?? '')
    const { addresses } = addressesOf(zone, name)
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
  return withZone(api, (zone) => {
    const service = params['service'] ?? ''
    const found = servicesOf(zone, lookupName(service)).services.flatMap(({ target, port }) => {
      const { addresses } = addressesOf(zone, target)
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

export function enumerate(_params: Params, api: Api): Promise<Answer> {
  return listing('enumerate', api)
}

export function axfr(_params: Params, api: Api): Promise<Answer> {
  return listing('axfr', api)
}

async function listing(kind: ListingKind, api: Api): Promise<Answer> {
  const snapshot = api.snapshot()
  if (snapshot === undefined) return NOT_READY
  try {
    return { status: 200, headers: JSON_HEADERS, body: await snapshot.listing(kind) }
  } catch (cause) {
    const failure = new Error(`the list for /v1/${kind} could not be made`, { cause })
    return { ...text(503, '503: the list could not be made, try again', RETRY_LATER), failure }
  }
}

/** The name a lookup means: wildcard labels dropped, lower case, with one dot at the end. */
function lookupName(text: string): string {
  const name = text.replaceAll('.*', '').toLowerCase()
  return name.endsWith('.') ? name : `${name}.`
}

/** Mesos-DNS does not even listen at this point; an empty answer would be taken for the truth. */
const NOT_READY = text(503, '503: no state from a Mesos master yet, try again', RETRY_LATER)

function withZone(api: Api, answer: (zone: Zone) => Answer): Answer {
  const snapshot = api.snapshot()
  return snapshot === undefined ? NOT_READY : answer(snapshot.zone)
}

function small(value: unknown): Answer {
  return { status: 200, headers: JSON_HEADERS, body: goJson(value) }
}
