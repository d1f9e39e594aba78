import { createHash } from 'node:crypto'
import type { RecordSet } from '../records/record-set.ts'

/**
 * Lower-case hex SHA-256 of the records in one canonical order, so that two replicas that know the same
 * have the same hash in whatever order they learned it.
 */
export function contentHash(records: RecordSet): string {
  const lines: string[] = []
  for (const { name, type, ttl, rdata } of records) {
    lines.push(`${name}\t${type}\t${ttl ?? ''}\t${[...rdata].sort().join('\t')}\n`)
  }
  const hash = createHash('sha256')
  for (const line of lines.sort()) hash.update(line)
  return hash.digest('hex')
}
