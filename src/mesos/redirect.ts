import type { HostPort } from '../net/address.ts'
import { StateFetchError } from './errors.ts'

/** Where a 3xx answer points. */
export interface RedirectTarget {
  readonly url: URL
  readonly master: HostPort
}

/**
 * Takes the Location of a redirect apart; Mesos sends protocol-relative ones
 * (`//host:5050/master/state`), which keep the scheme. Throws StateFetchError if it leads nowhere.
 */
export function readRedirect(location: string, from: URL): RedirectTarget {
  const shown = JSON.stringify(location.slice(0, 200))
  if (location === '') throw new StateFetchError('redirects without saying where to')
  if (!URL.canParse(location, from.href)) throw new StateFetchError(`redirects to ${shown}, no URL`)
  const url = new URL(location, from.href)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new StateFetchError(`redirects to ${shown}, neither http nor https`)
  }
  url.username = ''
  url.password = ''
  url.hash = ''
  return { url, master: masterOf(url) }
}

/** Host (IPv6 without brackets) and port of a URL. */
export function masterOf(url: URL): HostPort {
  const defaultPort = url.protocol === 'https:' ? 443 : 80
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  }
}
