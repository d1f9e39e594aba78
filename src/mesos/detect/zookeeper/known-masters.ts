import { formatHostPort, type HostPort } from '../../../net/address.ts'
import type { Election } from './read-masters.ts'

/** The leader, if there is one, is among the masters. */
export interface KnownMasters {
  readonly masters: readonly HostPort[]
  readonly leader: HostPort | undefined
}

/**
 * What is known after an election was read. Where it does not tell the leader, the last known one stays
 * rather than that the next in line is taken for it; nobody standing at all changes nothing.
 */
export function learn(known: KnownMasters, { masters, leader }: Election): KnownMasters {
  if (leader === undefined) return known
  if ('info' in leader) return { masters, leader: leader.info.address }
  if (masters.length === 0) return known
  return { masters: withLeader(masters, known.leader), leader: known.leader }
}

function withLeader(masters: readonly HostPort[], leader: HostPort | undefined) {
  if (leader === undefined || masters.some((each) => sameAddress(each, leader))) return masters
  return [leader, ...masters]
}

export function sameMasters(a: KnownMasters, b: KnownMasters): boolean {
  return describe(a) === describe(b)
}

export function sameAddress(a: HostPort | undefined, b: HostPort | undefined): boolean {
  return a?.host === b?.host && a?.port === b?.port
}

function describe({ masters, leader }: KnownMasters): string {
  return [leader, ...masters].map((each) => (each ? formatHostPort(each) : '-')).join()
}

/** So many odd znodes are named, the others counted. */
const MAX_NAMED = 3

/** One line for what is wrong with an election that was read; undefined if all is well. */
export function shortcomingOf({ leader, odd }: Election, path: string): string | undefined {
  if (leader === undefined) return `no master stands for election at ${path}`
  const named = odd.slice(0, MAX_NAMED).map(({ znode, reason }) => `${znode} (${reason})`)
  const more = odd.length - named.length
  const list = named.join(', ') + (more > 0 ? ` and ${more} more` : '')
  if ('reason' in leader) return `cannot tell the leader at ${path}, its znode is odd: ${list}`
  return odd.length === 0 ? undefined : `left out odd znodes at ${path}: ${list}`
}
