import { TYPE } from '../net/dns-numbers.ts'
import { HEADER_LENGTH, type Message } from './message.ts'
import type { Upstream } from './upstream.ts'

/** The upstreams to ask about a query, in order; none means that nobody may be asked. */
export type Router = (query: Message) => readonly Upstream[]

/**
 * Longest matching suffix among `zones` (lower case, no trailing dot), whole labels, whatever the case
 * of the query; `fallback` for all other names.
 */
export function createRouter(
  zones: ReadonlyMap<string, readonly Upstream[]>,
  fallback: () => readonly Upstream[],
): Router {
  const byWireName = new Map([...zones].map(([zone, upstreams]) => [wireName(zone), upstreams]))
  return (query) => {
    const name = lowerCaseName(query)
    // A DS record belongs to the zone above its owner (RFC 4035 §2.4).
    let at = query.type === TYPE.DS ? nextLabel(name, 0) : 0
    for (; at < name.length; at = nextLabel(name, at)) {
      const upstreams = byWireName.get(name.slice(at))
      if (upstreams !== undefined) return upstreams
    }
    return fallback()
  }
}

/**
 * The question's name in wire form, one character per octet. Lower-casing leaves length octets (at most
 * 63) alone, and no octet above 127 becomes an ASCII letter.
 */
function lowerCaseName({ bytes, questionEnd }: Message): string {
  return bytes.toString('latin1', HEADER_LENGTH, questionEnd - 4).toLowerCase()
}

function wireName(zone: string): string {
  const labels = zone.split('.').map((label) => String.fromCharCode(label.length) + label)
  return `${labels.join('')}\0`
}

/** Offset of the label after the one at `at`. */
function nextLabel(name: string, at: number): number {
  return at + 1 + name.charCodeAt(at)
}
