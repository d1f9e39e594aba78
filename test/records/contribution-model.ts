// A zone as a sum of contributions, worked out from all of them each time it is asked for.
import {
  type ContributionSink,
  RANK,
  type Rank,
  type Sign,
} from '../../src/records/contribution.ts'
import type { RecordsConfig } from '../../src/records/input.ts'
import type { RecordType } from '../../src/records/record-set.ts'
import { reverseName } from '../../src/records/reverse.ts'

interface Contributed {
  readonly type: RecordType
  readonly name: string
  readonly rdata: string
  readonly rank: Rank
  readonly ttl?: number
}

/** What a zone comes to. */
export interface Outcome {
  /** `owner ttl type rdata`, sorted, as `present` gives them. */
  readonly lines: readonly string[]
  /** `kind name` of what gave way to others, sorted. */
  readonly conflicts: readonly string[]
}

/** How often each text is there. */
class Bag {
  readonly #counts = new Map<string, number>()

  add(sign: Sign, key: string): void {
    const count = (this.#counts.get(key) ?? 0) + sign
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
  }

  /** Throws if any has been taken back more often than it came. */
  keys(): string[] {
    for (const [key, count] of this.#counts) if (count < 0) throw new Error(`${count} × ${key}`)
    return [...this.#counts.keys()]
  }
}

export class ContributionModel implements ContributionSink {
  /** Calls since the last commit. */
  calls = 0

  readonly #config: RecordsConfig
  readonly #records = new Bag()
  readonly #ownNames = new Bag()
  readonly #agentAddresses = new Bag()
  #undo: (() => void)[] = []

  constructor(config: RecordsConfig) {
    this.#config = config
  }

  record(
    sign: Sign,
    type: RecordType,
    name: string,
    rdata: string,
    rank: Rank,
    ttl?: number,
  ): void {
    this.#add(this.#records, sign, JSON.stringify({ type, name, rdata, rank, ttl }))
  }

  ownName(sign: Sign, name: string): void {
    this.#add(this.#ownNames, sign, name)
  }

  agentAddress(sign: Sign, address: string): void {
    this.#add(this.#agentAddresses, sign, address)
  }

  commit(): void {
    this.#undo = []
    this.calls = 0
  }

  discard(): void {
    for (const undo of this.#undo) undo()
    this.commit()
  }

  outcome(): Outcome {
    const all = this.#records.keys().map((key) => JSON.parse(key) as Contributed)
    const byName = groupBy(all, ({ name }) => name)
    const visible: Contributed[] = []
    const conflicts = new Set<string>()
    for (const [name, there] of byName) {
      for (const each of there) {
        if (isVisible(each, there)) visible.push(each)
        else if (each.rank === RANK.SHADOWED) conflicts.add(`name-conflict ${name}`)
        else if (each.rank === RANK.ALIAS) conflicts.add(`static-conflict ${name}`)
      }
    }
    return {
      lines: this.#present([...visible, ...this.#pointers(visible)]),
      conflicts: [...conflicts].sort(),
    }
  }

  #add(bag: Bag, sign: Sign, key: string): void {
    this.calls++
    bag.add(sign, key)
    this.#undo.push(() => bag.add(sign === 1 ? -1 : 1, key))
  }

  /** One for each own name and each of its addresses that is not static, nor everybody's. */
  #pointers(visible: readonly Contributed[]): Contributed[] {
    const ownNames = new Set(this.#ownNames.keys())
    const pointers = new Map<string, Contributed>()
    for (const { type, name, rdata, rank } of visible) {
      if (rank === RANK.STATIC || (type !== 'A' && type !== 'AAAA')) continue
      if (!ownNames.has(name) || /^\.|\.\./.test(name)) continue
      if (/^127\.|^0\.0\.0\.0$|^::1?$/.test(rdata)) continue
      const owner = reverseName(rdata)
      const pointer: Contributed = { type: 'PTR', name: owner, rdata: name, rank: RANK.SERVED }
      pointers.set(`${owner} ${name}`, pointer)
    }
    const agents = new Set(this.#agentAddresses.keys().map(reverseName))
    const byOwner = groupBy(pointers.values(), ({ name }) => name)
    return [...byOwner].flatMap(([owner, names]) =>
      names.length > 1 && agents.has(owner) ? [] : names,
    )
  }

  /** A set has one TTL, the lowest of its records (RFC 2181 §5.2). */
  #present(records: readonly Contributed[]): string[] {
    const lines = new Set<string>()
    for (const set of groupBy(records, ({ type, name }) => `${type} ${name}`).values()) {
      const ttl = Math.min(...set.map((each) => each.ttl ?? this.#config.ttl))
      for (const { type, name, rdata } of set) lines.add(`${name} ${ttl} ${type} ${rdata}`)
    }
    return [...lines].sort()
  }
}

/** The rules of RANK. */
function isVisible({ type, rank }: Contributed, there: readonly Contributed[]): boolean {
  switch (rank) {
    case RANK.SERVED:
    case RANK.STATIC:
      return true
    case RANK.UNHEALTHY:
      return !there.some((other) => other.rank === RANK.SERVED && other.type === type)
    case RANK.SHADOWED:
      return !there.some((other) => other.rank === RANK.SERVED || other.rank === RANK.UNHEALTHY)
    case RANK.ALIAS:
      return there.every((other) => other.rank === RANK.ALIAS)
  }
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}
