import { canonicalIp } from '../../src/net/address.ts'
import { type ContributionSink, RANK, type Rank } from '../../src/records/contribution.ts'
import type { RecordType } from '../../src/records/record-set.ts'
import { reverseName } from '../../src/records/reverse.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { rdataToWire } from '../../src/zone/rdata.ts'
import { hex } from './zone-lines.ts'

/** Anything that can be contributed. */
export type Contribution =
  | {
      readonly kind: 'record'
      readonly type: RecordType
      readonly name: string
      readonly rdata: string
      readonly rank: Rank
      readonly ttl?: number
    }
  | { readonly kind: 'own'; readonly name: string }
  | { readonly kind: 'agent'; readonly address: string }

export function contribute(sink: ContributionSink, sign: 1 | -1, given: Contribution): void {
  if (given.kind === 'own') sink.ownName(sign, given.name)
  else if (given.kind === 'agent') sink.agentAddress(sign, given.address)
  else sink.record(sign, given.type, given.name, given.rdata, given.rank, given.ttl)
}

interface Item {
  readonly type: RecordType
  /** In hex. */
  readonly rdata: string
  readonly rank: Rank
  readonly ttl: number
}

export interface ModelZone {
  /** As zoneLines() makes them. */
  readonly lines: string[]
  readonly conflicts: Record<string, string>
}

const EVERYONES = /^(127\.|0\.0\.0\.0$|::1?$)/

/** The zone of all these contributions, made the plain way: by the words of RANK and ContributionSink. */
export function modelZone(
  contributions: readonly Contribution[],
  { domain, ttl, reverseDnsOn }: { domain: string; ttl: number; reverseDnsOn: boolean },
): ModelZone {
  const apex = `${domain}.`
  const names = new Map<string, Item[]>([[apex, []]])
  const reverse = new Map<string, Item[]>()
  const isBelow = (name: string) => name === apex || name.endsWith(`.${apex}`)
  const add = (map: Map<string, Item[]>, name: string, item: Item) =>
    map.set(name, [...(map.get(name) ?? []), item])

  for (const given of contributions) {
    if (given.kind !== 'record') continue
    const { type, name, rank } = given
    const wire = rdataToWire(type, given.rdata)
    if (wire === undefined || ownerToWire(name) === undefined) continue
    const item = { type, rdata: hex(wire), rank, ttl: given.ttl ?? ttl }
    if (isBelow(name)) add(names, name, item)
    else if (type === 'PTR') add(reverse, name, item)
  }
  for (const name of [...names.keys()]) {
    for (let above = name; above !== apex; above = above.slice(above.indexOf('.') + 1)) {
      names.set(above, names.get(above) ?? [])
    }
  }

  const conflicts: Record<string, string> = {}
  const shown = new Map<string, Item[]>()
  for (const [name, items] of names) {
    const visible = items.filter((item) => isVisible(item, items, name === apex))
    const hidden = items.filter((item) => !visible.includes(item))
    if (hidden.some(({ rank }) => rank === RANK.ALIAS)) conflicts[name] = 'static-conflict'
    if (hidden.some(({ rank }) => rank === RANK.SHADOWED)) conflicts[name] = 'name-conflict'
    shown.set(name, visible)
  }

  if (reverseDnsOn) {
    const agents = new Set(
      contributions.flatMap((given) => (given.kind === 'agent' ? [given.address] : [])),
    )
    const owners = new Map<string, Set<string>>()
    for (const given of contributions) {
      if (given.kind !== 'own') continue
      for (const record of contributions) {
        if (record.kind !== 'record' || record.name !== given.name) continue
        if (record.type !== 'A' && record.type !== 'AAAA') continue
        const wire = rdataToWire(record.type, record.rdata)
        const address = canonicalIp(record.rdata)
        if (wire === undefined || address === undefined || EVERYONES.test(address)) continue
        const isShown = shown
          .get(given.name)
          ?.some(
            ({ type, rdata, rank }) =>
              type === record.type && rdata === hex(wire) && rank < RANK.STATIC,
          )
        if (isShown === true) {
          owners.set(address, (owners.get(address) ?? new Set()).add(given.name))
        }
      }
    }
    for (const [address, owned] of owners) {
      if (owned.size > 1 && agents.has(address)) continue
      for (const name of owned) {
        const rdata = hex(rdataToWire('PTR', name) ?? new Uint8Array())
        add(reverse, reverseName(address), { type: 'PTR', rdata, rank: RANK.SERVED, ttl })
      }
    }
  }

  const lines = [...shown, ...reverse].flatMap(([name, items]) => linesOf(name, items))
  return { lines: lines.sort(), conflicts }
}

function isVisible({ rank, type }: Item, all: readonly Item[], isApex: boolean): boolean {
  switch (rank) {
    case RANK.UNHEALTHY:
      return !all.some((other) => other.rank === RANK.SERVED && other.type === type)
    case RANK.SHADOWED:
      return !all.some((other) => other.rank === RANK.SERVED || other.rank === RANK.UNHEALTHY)
    case RANK.ALIAS:
      return !isApex && all.every((other) => other.rank === RANK.ALIAS)
    default:
      return true
  }
}

function linesOf(name: string, items: readonly Item[]): string[] {
  const wire = hex(ownerToWire(name) ?? new Uint8Array())
  if (items.length === 0) return [`${wire} -`]
  return Array.from(new Set(items.map(({ type }) => type))).flatMap((type) => {
    const set = items.filter((item) => item.type === type)
    const ttl = Math.min(...set.map((item) => item.ttl))
    const rdata = new Set(set.map((item) => item.rdata))
    return Array.from(rdata, (octets) => `${wire} ${ttl} ${type} ${octets}`)
  })
}
