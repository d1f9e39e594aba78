import { canonicalIp } from '../net/address.ts'
import type { Caller } from './route.ts'

/**
 * Why a request may not do what only somebody on this machine may do, or undefined. What lets it in is the
 * address at the other end of the connection, which cannot be forged; headers only ever keep it out:
 *
 * - A page in a browser on this machine can make it send requests here. Browsers add `Origin` to every
 *   POST, and programs that are meant do not.
 * - A page whose name has been made to point here (DNS rebinding) is of the same origin, but `Host` has
 *   its name.
 * - A proxy on this machine that others reach has a loopback address, too. Most add one of the headers
 *   below, or pass on the `Host` they were asked for. One that does neither must not let this path through.
 */
export function refusalOf({ address, headers, target }: Caller): string | undefined {
  if (address === undefined || !isLoopback(address))
    return 'only clients on this machine may do this'
  if (!target.startsWith('/')) return 'not through a proxy'
  const host = hostOf(headers.host ?? '')
  if (host !== 'localhost' && !isLoopback(host)) {
    return 'Host is not a loopback address: ask 127.0.0.1, [::1] or localhost directly'
  }
  const foreign = Object.keys(headers).find((name) => FOREIGN.test(name))
  if (foreign !== undefined) return `not from a browser or through a proxy: ${foreign} is set`
  return undefined
}

/** Names of headers of requests that others than a program on this machine may have caused. */
const FOREIGN =
  /^(?:origin|referer|sec-fetch-.*|via|forwarded|x-forwarded(?:-.*)?|x-real-ip|x-client-ip|true-client-ip)$/

/** 127.0.0.0/8 and ::1; also as IPv4-mapped addresses, as sockets that listen on :: show them. */
function isLoopback(host: string): boolean {
  const address = canonicalIp(host)
  return address === '::1' || address?.startsWith('127.') === true
}

/** Without port and brackets, in lower case; empty if it is none. */
function hostOf(header: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? []
  return (bracketed ?? plain ?? '').toLowerCase()
}
