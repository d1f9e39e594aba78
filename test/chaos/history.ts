/** A record as it stands in a zone, without its TTL. */
export interface RecordLine {
  /** With a trailing dot. */
  readonly name: string
  readonly type: string
  readonly rdata: string
  /** Undefined: the default of the zone. */
  readonly ttl: number | undefined
}

/** From one moment to another, in milliseconds of one clock. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** That somebody (a task, an agent, …) contributes a record, and for how long. */
export interface Claim extends RecordLine {
  readonly from: number
  /** Infinity while it lasts. */
  to: number
  /** Whether the record may be there but need not: others decide it as well. */
  readonly isOptional: boolean
}

export interface Contribution extends RecordLine {
  readonly isOptional?: boolean
}

const NONE: readonly Claim[] = []

/**
 * What was true when, record by record and contributor by contributor. What a server knows may be of several
 * moments, of one task newer than of another, so a set as a whole need never have been like that; but each record
 * in it must have been true at a moment that counts, and what was true all the time must be in it.
 */
export class History {
  readonly #byOwner = new Map<string, Map<string, Claim>>()
  /** Claims of a name. */
  readonly #at = new Map<string, Claim[]>()
  /** Claims of a name and of all names below it. */
  readonly #under = new Map<string, Claim[]>()

  /** From `at` on, this and nothing else is what somebody contributes. */
  put(owner: string, records: readonly Contribution[], at: number): void {
    const before = this.#byOwner.get(owner) ?? new Map<string, Claim>()
    const after = new Map<string, Claim>()
    for (const record of records) {
      const { name, type, rdata, ttl, isOptional = false } = record
      const key = `${name} ${type} ${rdata} ${ttl} ${isOptional}`
      const claim = before.get(key)
      after.set(key, claim ?? this.#begin({ name, type, rdata, ttl, isOptional, from: at }))
    }
    for (const [key, claim] of before) if (!after.has(key)) claim.to = at
    if (after.size > 0) this.#byOwner.set(owner, after)
    else this.#byOwner.delete(owner)
  }

  claims(name: string, type: string): readonly Claim[] {
    return (this.#at.get(name) ?? NONE).filter((claim) => claim.type === type)
  }

  /** Of a name and all names below it, of every type. */
  under(name: string): readonly Claim[] {
    return this.#under.get(name) ?? NONE
  }

  /** Names with a claim. */
  get names(): string[] {
    return [...this.#at.keys()]
  }

  get size(): number {
    return this.#at.size
  }

  /** Forgets what ended before a moment. */
  prune(before: number): void {
    for (const index of [this.#at, this.#under]) {
      for (const [name, claims] of index) {
        const left = claims.filter(({ to }) => to >= before)
        if (left.length === 0) index.delete(name)
        else if (left.length < claims.length) index.set(name, left)
      }
    }
  }

  #begin(begun: Omit<Claim, 'to'>): Claim {
    const claim: Claim = { ...begun, to: Number.POSITIVE_INFINITY }
    append(this.#at, claim.name, claim)
    for (const name of upwards(claim.name)) append(this.#under, name, claim)
    return claim
  }
}

/** Whether it was so at some moment of a span. */
export function isPossible({ from, to }: Claim, span: Span): boolean {
  return from <= span.to && to >= span.from
}

/** Whether it was so all the time. */
export function isCertain({ from, to, isOptional }: Claim, span: Span): boolean {
  return !isOptional && from <= span.from && to >= span.to
}

function append(index: Map<string, Claim[]>, name: string, claim: Claim): void {
  const claims = index.get(name)
  if (claims === undefined) index.set(name, [claim])
  else claims.push(claim)
}

/** A name, and the names above it but for the root. */
function* upwards(name: string): Generator<string> {
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) yield rest
}
