import { TYPE } from '../net/dns-numbers.ts'
import { RANK, type Sign } from '../records/contribution.ts'
import { type ContributionRows, ROW, SHOWN } from './contribution-rows.ts'

/** Takes an address that a name gained (1) or lost (-1), of 4 or 16 octets. */
export type AddressChange = (sign: Sign, octets: Uint8Array, at: number, length: number) => void

/**
 * Tells the difference between the addresses that readers saw and those that they see, the operator's
 * own left out: nobody's reverse name follows from those. Undefined stands for a name that has none.
 */
export function compareAddresses(
  before: ContributionRows | undefined,
  after: ContributionRows | undefined,
  change: AddressChange,
): void {
  let old = nextAddress(before, 0)
  let now = nextAddress(after, 0)
  while (before !== undefined && after !== undefined && old >= 0 && now >= 0) {
    if (before.isSameRecord(old, after, now)) {
      old = nextAddress(before, past(before, old))
      now = nextAddress(after, past(after, now))
    } else if (before.compare(old, after, now) < 0) {
      old = tell(-1, before, old, change)
    } else {
      now = tell(1, after, now, change)
    }
  }
  while (before !== undefined && old >= 0) old = tell(-1, before, old, change)
  while (after !== undefined && now >= 0) now = tell(1, after, now, change)
}

function tell(sign: Sign, rows: ContributionRows, row: number, change: AddressChange): number {
  const { cells } = rows
  change(sign, rows.octetsOf(row), cells[row + ROW.AT] as number, cells[row + ROW.LENGTH] as number)
  return nextAddress(rows, past(rows, row))
}

/** The first row behind those that are the same record. */
function past(rows: ContributionRows, row: number): number {
  let next = row + ROW.WORDS
  while (next < rows.length && rows.isSameRecord(row, rows, next)) next += ROW.WORDS
  return next
}

/** The first row from `row` on that is an address readers see, not of the operator's; -1 if there is none. */
function nextAddress(rows: ContributionRows | undefined, start: number): number {
  if (rows === undefined) return -1
  for (let row = start; row < rows.length; row += ROW.WORDS) {
    const key = rows.cells[row + ROW.KEY] as number
    const type = key >> 8
    if (type !== TYPE.A && type !== TYPE.AAAA) continue
    if ((key & 0xff) >= RANK.STATIC || rows.cells[row + ROW.SHOWN] === SHOWN.NO) continue
    return row
  }
  return -1
}
