import { contributionKey } from './contribution-log.ts'
import { type ContributionRows, ROW, SOURCE } from './contribution-rows.ts'
import { copyOctets } from './octet-order.ts'
import { targetHash } from './rdata.ts'
import { NODE, type Shard } from './shard.ts'

/**
 * The contributions of a name, in order, where they are not just its records: for each its type, rank,
 * length of rdata, count and TTL, then the rdata.
 */
const ITEM = { TYPE: 0, RANK: 1, LENGTH: 2, COUNT: 4, TTL: 8, OCTETS: 12 } as const

/** Octets of the ledger of these rows. */
export function ledgerOctets(rows: ContributionRows): number {
  let octets = 0
  for (let row = 0; row < rows.length; row += ROW.WORDS) {
    octets += ITEM.OCTETS + (rows.cells[row + ROW.LENGTH] as number)
  }
  return octets
}

/** Writes the rows; returns where the ledger ends. */
export function writeLedger(out: Uint8Array, start: number, rows: ContributionRows): number {
  const { cells } = rows
  let at = start
  for (let row = 0; row < rows.length; row += ROW.WORDS) {
    const key = cells[row + ROW.KEY] as number
    const length = cells[row + ROW.LENGTH] as number
    out[at + ITEM.TYPE] = key >> 8
    out[at + ITEM.RANK] = key
    out[at + ITEM.LENGTH] = length >> 8
    out[at + ITEM.LENGTH + 1] = length
    write32(out, at + ITEM.COUNT, cells[row + ROW.COUNT] as number)
    write32(out, at + ITEM.TTL, cells[row + ROW.TTL] as number)
    at += ITEM.OCTETS
    copyOctets(out, at, rows.octetsOf(row), cells[row + ROW.AT] as number, length)
    at += length
  }
  return at
}

/** Adds the rows of a node's ledger. */
export function readLedger({ words, octets }: Shard, node: number, rows: ContributionRows): void {
  let at = words[node + NODE.LEDGER_AT] as number
  const end = at + (words[node + NODE.LEDGER_LENGTH] as number)
  while (at < end) {
    const type = octets[at + ITEM.TYPE] as number
    const rank = octets[at + ITEM.RANK] as number
    const length =
      ((octets[at + ITEM.LENGTH] as number) << 8) | (octets[at + ITEM.LENGTH + 1] as number)
    const count = read32(octets, at + ITEM.COUNT)
    const ttl = read32(octets, at + ITEM.TTL)
    at += ITEM.OCTETS
    const target = targetHash(type, octets, at, length)
    rows.push(contributionKey(type, rank), ttl, count, at, length, target, SOURCE.SHARD)
    at += length
  }
}

function write32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >> 24
  out[at + 1] = value >> 16
  out[at + 2] = value >> 8
  out[at + 3] = value
}

function read32(octets: Uint8Array, at: number): number {
  return (
    ((octets[at] as number) << 24) |
    ((octets[at + 1] as number) << 16) |
    ((octets[at + 2] as number) << 8) |
    (octets[at + 3] as number)
  )
}
