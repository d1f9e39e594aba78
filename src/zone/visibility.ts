import { TYPE } from '../net/dns-numbers.ts'
import { RANK } from '../records/contribution.ts'
import { type ContributionRows, ROW, SHOWN } from './contribution-rows.ts'

/** What the name is, as far as its records depend on it. */
export interface NameKind {
  /** The domain itself, which has an SOA and so can have no CNAME. */
  readonly isApex: boolean
  /** The reverse name of an agent's address. */
  readonly isAgents: boolean
}

const bit = (rank: number): number => 1 << rank
const ONLY_SERVED = bit(RANK.SERVED)
const ONLY_ALIAS = bit(RANK.ALIAS)
const NOT_SHADOWED = bit(RANK.SERVED) | bit(RANK.UNHEALTHY)

/**
 * Marks which of a name's contributions readers see, by the rules of RANK, and which of those are the
 * same record. Rows have to be sorted.
 */
export function markShown(rows: ContributionRows, { isApex, isAgents }: NameKind): void {
  const { cells, length } = rows
  if (rows.ranks === ONLY_SERVED && !isAgents) {
    // TTLs may differ all the same.
    for (let row = 0; row < length; row += ROW.WORDS) mark(rows, row, SHOWN.YES)
    return
  }
  const showsShadowed = (rows.ranks & NOT_SHADOWED) === 0
  const showsAliases = rows.ranks === ONLY_ALIAS && !isApex
  for (let start = 0; start < length; ) {
    const type = (cells[start + ROW.KEY] as number) >> 8
    let end = start
    let isServed = false
    for (; end < length && (cells[end + ROW.KEY] as number) >> 8 === type; end += ROW.WORDS) {
      isServed ||= ((cells[end + ROW.KEY] as number) & 0xff) === RANK.SERVED
    }
    // Several tasks share an agent's address: none of them is its name.
    const isShared = isAgents && type === TYPE.PTR && servedRecords(rows, start, end) > 1
    for (let row = start; row < end; row += ROW.WORDS) {
      const rank = (cells[row + ROW.KEY] as number) & 0xff
      const isShown =
        rank === RANK.STATIC ||
        (rank === RANK.SERVED && !isShared) ||
        (rank === RANK.UNHEALTHY && !isServed) ||
        (rank === RANK.SHADOWED && showsShadowed) ||
        (rank === RANK.ALIAS && showsAliases)
      mark(rows, row, isShown ? SHOWN.YES : SHOWN.NO)
    }
    start = end
  }
}

/** Marks a row, the rows before it being marked. */
function mark(rows: ContributionRows, row: number, shown: number): void {
  const { cells } = rows
  cells[row + ROW.SHOWN] = shown
  if (shown === SHOWN.NO) return
  // Equal rdata is in neighbouring rows, with another rank or TTL.
  for (let before = row - ROW.WORDS; before >= 0; before -= ROW.WORDS) {
    const isSameKind =
      cells[before + ROW.KEY] === cells[row + ROW.KEY] &&
      cells[before + ROW.TTL] === cells[row + ROW.TTL]
    if (isSameKind || !rows.isSameRecord(before, rows, row)) return
    if (cells[before + ROW.SHOWN] === SHOWN.NO) continue
    cells[row + ROW.SHOWN] = SHOWN.AGAIN
    return
  }
}

/** Number of different records of rank SERVED. */
function servedRecords(rows: ContributionRows, start: number, end: number): number {
  let records = 0
  let last = -1
  for (let row = start; row < end; row += ROW.WORDS) {
    if (((rows.cells[row + ROW.KEY] as number) & 0xff) !== RANK.SERVED) continue
    if (last < 0 || !rows.isSameRecord(last, rows, row)) records++
    last = row
  }
  return records
}

/** Whether something that is contributed with a rank is not shown anywhere. */
export function hasHidden(rows: ContributionRows, rank: number): boolean {
  if ((rows.ranks & bit(rank)) === 0) return false
  for (let row = 0; row < rows.length; row += ROW.WORDS) {
    const isRank = ((rows.cells[row + ROW.KEY] as number) & 0xff) === rank
    if (isRank && rows.cells[row + ROW.SHOWN] === SHOWN.NO) return true
  }
  return false
}
