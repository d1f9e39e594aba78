import { RANK } from '../records/contribution.ts'
import type { NodeContent } from './block-writer.ts'
import { type ContributionLog, contributionKey, ENTRY, OWNER, RDATA } from './contribution-log.ts'
import { ContributionRows, ROW, SHOWN, SOURCE } from './contribution-rows.ts'
import { readLedger } from './ledger.ts'
import { NODE, NODE_FLAG, RECORD_FIXED_OCTETS, RRSET, type Shard, TABLE_ROW } from './shard.ts'
import { markShown } from './visibility.ts'

/** The kind of names that nodes stand for. */
export interface NodeRules {
  /** Octets of the domain's wire name; undefined for names outside the domain, which are all reverse names. */
  readonly apexLength: number | undefined
  /** Seconds. */
  readonly defaultTtl: number
}

const NO_OCTETS = new Uint8Array(0)

/** Puts together what a name had and what a log has for it; one node at a time. */
export class NodeMerge implements NodeContent {
  /** The contributions that the name had; not marked. */
  readonly before = new ContributionRows()
  readonly rows = new ContributionRows()
  hash = 0
  octets: Uint8Array = NO_OCTETS
  nameAt = 0
  nameLength = 0
  flags = 0
  children = 0
  holders = 0
  holdersBefore = 0
  #shard: Shard | undefined
  #node = 0
  #isApex = false
  readonly #pending = new ContributionRows()
  readonly #rules: NodeRules

  constructor(rules: NodeRules) {
    this.#rules = rules
  }

  /**
   * Merges the node of the owner in `shard`, 0 or no shard if there is none, with what the log has for
   * the owner. False if the node stays as it is.
   */
  merge(shard: Shard | undefined, node: number, log: ContributionLog, owner: number): boolean {
    this.#shard = shard
    this.#node = node
    const { words, octets } = log.names
    this.hash = words[owner + OWNER.HASH] as number
    this.octets = octets
    this.nameAt = (owner + OWNER.NAME) * 4
    this.nameLength = words[owner + OWNER.NAME_LENGTH] as number
    this.#isApex = this.nameLength === this.#rules.apexLength
    this.#readBefore(log)
    this.#readPending(log, owner)
    const children = words[owner + OWNER.CHILDREN] as number
    const holders = words[owner + OWNER.HOLDERS] as number
    const known = node === 0 || shard === undefined ? undefined : shard.words
    const childrenBefore = known?.[node + NODE.CHILDREN] ?? 0
    this.holdersBefore = known?.[node + NODE.HOLDERS] ?? 0
    this.children = Math.max(0, childrenBefore + children)
    this.holders = Math.max(0, this.holdersBefore + holders)
    this.rows.sum(this.before, this.#pending)
    const isMade = this.#isApex && known === undefined
    const isSame =
      this.children === childrenBefore &&
      this.holders === this.holdersBefore &&
      this.rows.equals(this.before)
    if (isSame && !isMade) return false
    this.#mark(this.rows, this.holders)
    this.#setFlags()
    return true
  }

  /** Whether there is anything to keep a node for. */
  get exists(): boolean {
    return this.rows.length > 0 || this.children > 0 || this.holders > 0 || this.#isApex
  }

  get isHidden(): boolean {
    return (this.flags & NODE_FLAG.HIDDEN) !== 0
  }

  /** Marks what readers saw of the name before. */
  markBefore(): void {
    this.#mark(this.before, this.holdersBefore)
  }

  rotation(type: number): number {
    if (this.#shard === undefined || this.#node === 0) return 0
    const rrset = this.#shard.rrset(this.#node, type)
    return rrset === 0 ? 0 : (this.#shard.words[rrset + RRSET.ROTATION] as number)
  }

  #mark(rows: ContributionRows, holders: number): void {
    const isReverse = this.#rules.apexLength === undefined
    markShown(rows, { isApex: this.#isApex, isAgents: isReverse && holders > 0 })
  }

  #setFlags(): void {
    // Each reverse name is a zone of its own: what lies around it is not ours to deny.
    const isReverse = this.#rules.apexLength === undefined
    const isSeen = this.#isApex || (!isReverse && this.children > 0) || this.#hasShown()
    this.flags = (isReverse || this.#isApex ? NODE_FLAG.APEX : 0) | (isSeen ? 0 : NODE_FLAG.HIDDEN)
  }

  #hasShown(): boolean {
    const { cells, length } = this.rows
    for (let row = 0; row < length; row += ROW.WORDS) {
      if (cells[row + ROW.SHOWN] !== SHOWN.NO) return true
    }
    return false
  }

  #readBefore(log: ContributionLog): void {
    const shard = this.#shard
    const node = this.#node
    const { before } = this
    before.clear(shard?.octets ?? NO_OCTETS, log.rdata.octets)
    if (shard === undefined || node === 0) return
    if ((shard.words[node + NODE.LEDGER_LENGTH] as number) > 0) readLedger(shard, node, before)
    else readRecords(shard, node, this.#rules.defaultTtl, before)
  }

  #readPending(log: ContributionLog, owner: number): void {
    const pending = this.#pending
    const entries = log.entries.cells
    const rdata = log.rdata.words
    pending.clear(NO_OCTETS, log.rdata.octets)
    let entry = log.names.words[owner + OWNER.FIRST] as number
    for (; entry !== 0; entry = entries[entry + ENTRY.NEXT] as number) {
      const row = entries[entry + ENTRY.RDATA] as number
      pending.push(
        entries[entry + ENTRY.KEY] as number,
        entries[entry + ENTRY.TTL] as number,
        entries[entry + ENTRY.SIGN] as number,
        (row + RDATA.OCTETS) * 4,
        rdata[row + RDATA.LENGTH] as number,
        rdata[row + RDATA.TARGET_HASH] as number,
        SOURCE.LOG,
      )
    }
  }
}

/** The contributions of a node without a ledger: its records. */
function readRecords(shard: Shard, node: number, ttl: number, rows: ContributionRows): void {
  const { words } = shard
  let rrset = node + NODE.WORDS
  for (let left = words[node + NODE.RRSETS] as number; left > 0; left--) {
    const key = contributionKey(words[rrset + RRSET.TYPE] as number, RANK.SERVED)
    const count = words[rrset + RRSET.COUNT] as number
    const table = words[rrset + RRSET.TABLE] as number
    let at = words[rrset + RRSET.AT] as number
    let length = words[rrset + RRSET.RECORD_LENGTH] as number
    let target = 0
    for (let record = 0; record < count; record++) {
      if (table !== 0) {
        const row = table + record * TABLE_ROW.WORDS
        length = words[row + TABLE_ROW.LENGTH] as number
        target = words[row + TABLE_ROW.TARGET_HASH] as number
      }
      const octets = length - RECORD_FIXED_OCTETS
      rows.push(key, ttl, 1, at + RECORD_FIXED_OCTETS, octets, target, SOURCE.SHARD)
      at += length
    }
    rrset += RRSET.WORDS
  }
}
