import { Fault } from './issue.ts'
import { isAtOrBelow, nameProblem } from './names.ts'
import type { StaticRecord } from './schema.ts'
import type { StaticRecordEntry } from './settings/records.ts'

/** Underscores begin the labels of services (RFC 2782); other names have none, but harm nobody. */
const LABELS = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/
/** Octets; longer texts would not fit into a UDP answer of the size that is safe everywhere. */
const LONGEST_TEXT = 1024

export interface Zone {
  /** Without a trailing dot. */
  readonly domain: string
  /** Weight of SRV records that give none. */
  readonly weight: number
}

/** A fault and the member of the entry that it is in. */
interface MemberFault {
  readonly member: string
  readonly fault: Fault
}

export interface EntryFault extends MemberFault {
  readonly index: number
}

/**
 * Turns entries of `staticRecords` into records of the zone; reports all that are not right. Entries
 * that are undefined are passed over.
 */
export function resolveStaticRecords(
  entries: readonly (StaticRecordEntry | undefined)[],
  zone: Zone,
): { records: StaticRecord[]; faults: EntryFault[] } {
  const faults: EntryFault[] = []
  const resolved: (StaticRecord & { index: number })[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry === undefined) continue
    const parts = { name: ownerOf(entry, zone), rdata: rdataOf(entry, zone) }
    const wrong = Object.values(parts).filter((part) => typeof part !== 'string')
    faults.push(...wrong.map((fault) => ({ ...fault, index })))
    if (typeof parts.name === 'string' && typeof parts.rdata === 'string') {
      const { name, rdata } = parts
      resolved.push({ index, name, type: entry.type, ttl: entry.ttl, rdata })
    }
  }
  faults.push(...conflicts(resolved))
  return { records: resolved.map(({ index: _, ...record }) => record), faults }
}

function ownerOf({ name, type }: StaticRecordEntry, { domain }: Zone): string | MemberFault {
  const member = 'name'
  const apex = `${domain}.`
  if (name === '@' || name.toLowerCase() === apex) {
    if (type === 'A' || type === 'AAAA' || type === 'TXT') return apex
    return {
      member,
      fault: new Fault(`is the domain itself, where no ${type} may stand`, 'use a name below it'),
    }
  }
  const absolute = absoluteName(name, domain)
  if (absolute instanceof Fault) return { member, fault: absolute }
  if (isAtOrBelow(absolute, apex)) return absolute
  return {
    member,
    fault: new Fault(
      `is outside the domain ${domain}`,
      'leave the last dot out for a name in the domain',
    ),
  }
}

/** Lower case, with a trailing dot; relative names get the domain. */
function absoluteName(name: string, domain: string): string | Fault {
  const lower = name.toLowerCase()
  const full = lower.endsWith('.') ? lower.slice(0, -1) : `${lower}.${domain}`
  const fix = `use letters, digits, hyphens and underscores: db is db.${domain}., db.example. stays as it is`
  if (lower === '' || lower === '.') return new Fault('is empty', fix)
  if (lower.includes('*')) return new Fault('has a wildcard', 'give each name a record of its own')
  const problem = nameProblem(full)
  if (problem !== undefined) return new Fault(problem, fix)
  return LABELS.test(full) ? `${full}.` : new Fault('is not a domain name', fix)
}

/** A target may also be the domain itself (`@`), or nothing at all (`.`, RFC 2782). */
function targetOf(target: string, domain: string): string | MemberFault {
  if (target === '@') return `${domain}.`
  if (target === '.') return target
  const name = absoluteName(target, domain)
  return name instanceof Fault ? { member: 'target', fault: name } : name
}

function rdataOf(entry: StaticRecordEntry, { domain, weight }: Zone): string | MemberFault {
  switch (entry.type) {
    case 'A':
    case 'AAAA':
      return entry.address
    case 'SRV': {
      const target = targetOf(entry.target, domain)
      if (typeof target !== 'string') return target
      return `${entry.priority} ${entry.weight ?? weight} ${entry.port} ${target}`
    }
    case 'CNAME':
      if (entry.target === '.') {
        return { member: 'target', fault: new Fault('is the root', 'write the name it stands for') }
      }
      return targetOf(entry.target, domain)
    case 'TXT':
      if (Buffer.byteLength(entry.text) <= LONGEST_TEXT) return entry.text
      return {
        member: 'text',
        fault: new Fault(
          `is longer than ${LONGEST_TEXT} octets`,
          'shorten it, or split it in two records',
        ),
      }
  }
}

/** Records that say the same, and those beside a CNAME, which allows no others (RFC 1034 §3.6.2). */
function conflicts(records: readonly (StaticRecord & { index: number })[]): EntryFault[] {
  const aliases = new Map<string, number>()
  const targets = new Map<string, string>()
  for (const { type, name, rdata, index } of records) {
    if (type !== 'CNAME' || aliases.has(name)) continue
    aliases.set(name, index)
    targets.set(name, rdata)
  }
  const seen = new Set<string>()
  const faults: EntryFault[] = []
  for (const { name, type, rdata, index } of records) {
    const alias = aliases.get(name)
    const id = JSON.stringify([name, type, rdata])
    if (alias !== undefined && alias !== index) {
      const message = `shares its name with the CNAME in staticRecords[${alias}]`
      faults.push({
        index,
        member: 'name',
        fault: new Fault(message, 'a CNAME must be alone: remove one'),
      })
    } else if (type === 'CNAME' && rdata === name) {
      faults.push({
        index,
        member: 'target',
        fault: new Fault('is the name itself', 'write the name it stands for'),
      })
    } else if (type === 'CNAME' && leadsBack(name, targets)) {
      faults.push({
        index,
        member: 'target',
        fault: new Fault(`leads back to ${name} in a circle`, 'let one of them name a host'),
      })
    } else if (seen.has(id)) {
      faults.push({
        index,
        member: 'name',
        fault: new Fault('the same record is given twice', 'remove one'),
      })
    }
    seen.add(id)
  }
  return faults
}

/** Whether a name is its own alias, by way of others. */
function leadsBack(name: string, targets: ReadonlyMap<string, string>): boolean {
  let at = targets.get(name)
  for (let steps = 0; at !== undefined && at !== name && steps < targets.size; steps++) {
    at = targets.get(at)
  }
  return at === name
}
