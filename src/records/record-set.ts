/** The record types a zone can hold besides the SOA and NS made for its apex. */
export type RecordType = 'A' | 'AAAA' | 'SRV' | 'PTR' | 'CNAME' | 'TXT'

/** All records of one owner name and type (RFC 2181 §5). */
export interface RRset {
  /**
   * Owner, with a trailing dot. Lower case, except for raw discovery names, which Mesos-DNS lists in
   * its REST API although nobody can ask for them over DNS.
   */
  readonly name: string
  readonly type: RecordType
  /** Seconds; `undefined` means the zone's default. */
  readonly ttl: number | undefined
  /**
   * Distinct rdata in presentation format, in the order they were added:
   * A `10.0.0.1`, AAAA `2001:db8::1` (RFC 5952), SRV `priority weight port target.`, PTR and CNAME
   * `target.`, TXT the text itself, unquoted.
   */
  readonly rdata: readonly string[]
}

interface MutableRRset {
  readonly name: string
  readonly type: RecordType
  ttl: number | undefined
  readonly rdata: string[]
  /** Only for long sets: membership without a scan. */
  index: Set<string> | undefined
}

/** Above this length a set of rdata is indexed; below it, a scan is cheaper in time and memory. */
const INDEX_ABOVE = 8

/** The records of a cluster by type and owner: what the zone, the REST API and transfers are made from. */
export class RecordSet {
  readonly #byType: Record<RecordType, Map<string, MutableRRset>> = {
    A: new Map(),
    AAAA: new Map(),
    SRV: new Map(),
    PTR: new Map(),
    CNAME: new Map(),
    TXT: new Map(),
  }

  /**
   * Adds one record; returns false if it was there already. A `ttl` given for a set that has another
   * one lowers the set's, since a set has one TTL (RFC 2181 §5.2).
   */
  add(type: RecordType, name: string, rdata: string, ttl?: number): boolean {
    const set = this.#byType[type].get(name)
    if (set === undefined) {
      this.#byType[type].set(name, { name, type, ttl, rdata: [rdata], index: undefined })
      return true
    }
    if (ttl !== undefined) set.ttl = Math.min(ttl, set.ttl ?? ttl)
    if (set.rdata.length <= INDEX_ABOVE) {
      if (set.rdata.includes(rdata)) return false
    } else {
      set.index ??= new Set(set.rdata)
      if (set.index.has(rdata)) return false
    }
    set.rdata.push(rdata)
    set.index?.add(rdata)
    return true
  }

  get(type: RecordType, name: string): RRset | undefined {
    return this.#byType[type].get(name)
  }

  /** Whether a name owns a record of any type. */
  has(name: string): boolean {
    for (const sets of Object.values(this.#byType)) if (sets.has(name)) return true
    return false
  }

  /** The sets of one type, in the order their names were first added. */
  ofType(type: RecordType): IterableIterator<RRset> {
    return this.#byType[type].values()
  }

  /** All sets. */
  *[Symbol.iterator](): Generator<RRset> {
    for (const sets of Object.values(this.#byType)) yield* sets.values()
  }

  /** Number of records of a type, or of all. */
  count(type?: RecordType): number {
    let records = 0
    for (const set of type === undefined ? this : this.ofType(type)) records += set.rdata.length
    return records
  }
}
