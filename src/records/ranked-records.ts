import type { Report } from '../report.ts'
import type { Task } from '../state/model.ts'
import { type ConflictKind, conflictProblem } from './conflicts.ts'
import { type ContributionSink, RANK, type Rank, type Sign } from './contribution.ts'
import type { ProblemSink } from './contributor.ts'
import type { RecordsConfig } from './input.ts'
import type { TaskObserver } from './observer.ts'
import { RecordSet, type RecordType } from './record-set.ts'
import { addReverse } from './reverse.ts'

/** A record held back until all are there that decide whether it is one. */
interface HeldRecord {
  readonly task: Task | undefined
  readonly type: RecordType
  readonly name: string
  readonly rdata: string
  readonly ttl: number | undefined
}

/** Makes a record set of contributions once all are there. It only adds: every sign is 1. */
export class RankedRecords implements ContributionSink, ProblemSink {
  /** Whose records are being contributed, for the observer. */
  task: Task | undefined

  readonly #config: RecordsConfig
  readonly #report: Report
  readonly #observer: TaskObserver | undefined
  readonly #records = new RecordSet()
  readonly #held: Record<Exclude<Rank, typeof RANK.SERVED>, HeldRecord[]> = {
    [RANK.UNHEALTHY]: [],
    [RANK.SHADOWED]: [],
    [RANK.STATIC]: [],
    [RANK.ALIAS]: [],
  }
  readonly #ownNames = new Set<string>()
  readonly #agentAddresses = new Set<string>()
  readonly #reported = new Set<string>()

  constructor(config: RecordsConfig, report: Report, observer?: TaskObserver) {
    this.#config = config
    this.#report = report
    this.#observer = observer
  }

  record(
    _sign: Sign,
    type: RecordType,
    name: string,
    rdata: string,
    rank: Rank,
    ttl?: number,
  ): void {
    const { task } = this
    if (rank === RANK.SERVED) this.#use(task, type, name, rdata, ttl)
    else this.#held[rank].push({ task, type, name, rdata, ttl })
  }

  ownName(_sign: Sign, name: string): void {
    this.#ownNames.add(name)
  }

  agentAddress(_sign: Sign, address: string): void {
    this.#agentAddresses.add(address)
  }

  /** Reports a problem, once for each object. */
  problem(_sign: Sign, kind: string, object: string, detail: string): void {
    const key = `${kind} ${object}`
    if (this.#reported.has(key)) return
    this.#reported.add(key)
    this.#report.add(kind, object, detail)
  }

  /** The records that are in the zone; reports those that give way to others. */
  finish(): RecordSet {
    const records = this.#records
    // Decided for all of a rank before the first is used: it would make the set, or name, of the others.
    const needed = this.#held[RANK.UNHEALTHY].filter(({ type, name }) => !records.get(type, name))
    for (const record of needed) this.#useHeld(record)
    this.#useWhereFree(RANK.SHADOWED, 'name-conflict')
    if (this.#config.reverseDnsOn) addReverse(records, this.#agentAddresses, this.#ownNames)
    for (const record of this.#held[RANK.STATIC]) this.#useStatic(record)
    this.#useWhereFree(RANK.ALIAS, 'static-conflict')
    return records
  }

  #useWhereFree(rank: typeof RANK.SHADOWED | typeof RANK.ALIAS, kind: ConflictKind): void {
    const held = this.#held[rank]
    const isTaken = held.map(({ name }) => this.#records.has(name))
    held.forEach((record, i) => {
      if (isTaken[i]) this.#conflict(kind, record.name)
      else this.#useHeld(record)
    })
  }

  #conflict(kind: ConflictKind, name: string): void {
    const { object, detail } = conflictProblem(kind, name, this.#config.staticRecords)
    this.problem(1, kind, object, detail)
  }

  #useHeld({ task, type, name, rdata, ttl }: HeldRecord): void {
    this.#use(task, type, name, rdata, ttl)
  }

  #use(
    task: Task | undefined,
    type: RecordType,
    name: string,
    rdata: string,
    ttl: number | undefined,
  ): void {
    const isNew = this.#records.add(type, name, rdata, ttl)
    if (isNew && task !== undefined) this.#observer?.record(task, type, name, rdata)
  }

  #useStatic({ type, name, rdata, ttl }: HeldRecord): void {
    const set = this.#records.get(type, name)
    const defaultTtl = this.#config.ttl
    // A set has one TTL (RFC 2181 §5.2): the lower, or a long one would outlive the tasks in the set.
    const lowest = set && Math.min(set.ttl ?? defaultTtl, ttl ?? defaultTtl)
    this.#records.add(type, name, rdata, lowest ?? ttl)
  }
}
