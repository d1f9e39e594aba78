import type { StaticRecord } from '../config/schema.ts'
import type { Problem } from '../report.ts'

/**
 * Why records that were contributed are not in the zone: SHADOWED ones at a name that others have
 * (`name-conflict`), or an ALIAS beside other records (`static-conflict`).
 */
export type ConflictKind = 'name-conflict' | 'static-conflict'

/** What is said about a conflict at a name; `staticRecords` are the operator's. */
export function conflictProblem(
  kind: ConflictKind,
  name: string,
  staticRecords: readonly StaticRecord[],
): Problem {
  if (kind === 'name-conflict') {
    const detail =
      'belongs to the agents of a framework without .slave in its name, left out for the other'
    return { kind, object: name, detail }
  }
  const alias = staticRecords.find((record) => record.type === 'CNAME' && record.name === name)
  return aliasConflict(name, alias?.rdata ?? '')
}

/** What is said about a static CNAME that cannot stand where it is. */
export function aliasConflict(name: string, target: string): Problem {
  return {
    kind: 'static-conflict',
    object: name,
    detail: `static CNAME to ${target} left out: the name has other records`,
  }
}
