import type { ConflictKind } from '../records/conflicts.ts'
import { RANK } from '../records/contribution.ts'
import type { ContributionRows } from './contribution-rows.ts'
import { hasHidden } from './visibility.ts'

/** What of a name's contributions, which have to be marked, nobody sees although somebody wants it there. */
export function conflictAt(rows: ContributionRows): ConflictKind | undefined {
  if (hasHidden(rows, RANK.SHADOWED)) return 'name-conflict'
  return hasHidden(rows, RANK.ALIAS) ? 'static-conflict' : undefined
}
