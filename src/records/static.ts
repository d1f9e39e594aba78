import type { StaticRecord } from '../config/schema.ts'
import type { Generation } from './generation.ts'

/**
 * Adds the operator's records. They join sets of the same name and type; a CNAME, which allows nothing
 * beside it (RFC 1034 §3.6.2), gives way to whatever is there.
 */
export function addStaticRecords(generation: Generation): void {
  const { staticRecords } = generation.input.config
  for (const record of staticRecords) {
    if (record.type !== 'CNAME') addRecord(record, generation)
  }
  for (const record of staticRecords) {
    if (record.type === 'CNAME') addCname(record, generation)
  }
}

function addRecord({ name, type, rdata, ttl }: StaticRecord, generation: Generation): void {
  if (!generation.fits(name)) return
  const { records, input } = generation
  const set = records.get(type, name)
  const defaultTtl = input.config.ttl
  // A set has one TTL (RFC 2181 §5.2): the lower, or a long one would outlive the tasks in the set.
  const lowest = set && Math.min(set.ttl ?? defaultTtl, ttl ?? defaultTtl)
  records.add(type, name, rdata, lowest ?? ttl)
}

function addCname(record: StaticRecord, generation: Generation): void {
  const isApex = record.name === generation.suffix.slice(1)
  if (isApex || generation.records.has(record.name)) {
    generation.report(
      'static-conflict',
      record.name,
      `static CNAME to ${record.rdata} left out: the name has other records`,
    )
    return
  }
  if (!generation.fits(record.name)) return
  generation.records.add('CNAME', record.name, record.rdata, record.ttl)
}
