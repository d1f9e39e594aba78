import type { RecordType } from './record-set.ts'

/**
 * When a record that something contributes is part of the zone. A zone is a sum of contributions: what
 * one task, agent or setting gives can be taken away again without knowing the others.
 *
 * - SERVED: always.
 * - UNHEALTHY: while nobody contributes a SERVED record of that name and type.
 * - SHADOWED: while the name has no SERVED or UNHEALTHY record of any type.
 * - STATIC: always; does not count for the two rules above.
 * - ALIAS (a static CNAME): while the name has no record of any other rank (RFC 1034 §3.6.2).
 */
export const RANK = { SERVED: 0, UNHEALTHY: 1, SHADOWED: 2, STATIC: 3, ALIAS: 4 } as const
export type Rank = (typeof RANK)[keyof typeof RANK]

/** How often something is contributed: 1 adds it once more, -1 takes one of those back. */
export type Sign = 1 | -1

/** Takes contributions; what they come to is up to whoever keeps them. */
export interface ContributionSink {
  /** A record. `name` and `rdata` in presentation format as in RRset; `ttl` in seconds, undefined for the default. */
  record(
    sign: Sign,
    type: RecordType,
    name: string,
    rdata: string,
    rank: Rank,
    ttl?: number | undefined,
  ): void
  /** The name is a task's own: reverse names of its addresses lead to it. */
  ownName(sign: Sign, name: string): void
  /** The canonical address is an agent's: several names that have it are none of them its name. */
  agentAddress(sign: Sign, address: string): void
}
