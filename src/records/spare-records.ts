import type { Task } from '../state/model.ts'
import type { RecordSet, RecordType } from './record-set.ts'

/** A task's record that is made only where nothing better is. */
export interface SpareRecord {
  readonly task: Task
  readonly type: RecordType
  readonly name: string
  readonly rdata: string
}

/**
 * Records held back until all others are there: those of unhealthy tasks, which keep a set from
 * becoming empty, and those whose owner's name belongs to somebody else if they want it.
 */
export class SpareRecords {
  readonly #unhealthy: SpareRecord[] = []
  readonly #shadowed: SpareRecord[] = []

  /** Holds back a record of an unhealthy task. */
  unhealthy(record: SpareRecord): void {
    this.#unhealthy.push(record)
  }

  /** Holds back a record below another's name. */
  shadowed(record: SpareRecord): void {
    this.#shadowed.push(record)
  }

  /** Gives out all that are needed, and those that are not to `conflict` if their name was taken. */
  release(
    records: RecordSet,
    use: (record: SpareRecord) => void,
    conflict: (record: SpareRecord) => void,
  ): void {
    // Decided for all before the first is used: it would make the set of the others.
    const needed = this.#unhealthy.filter(({ type, name }) => records.get(type, name) === undefined)
    needed.forEach(use)
    const isTaken = this.#shadowed.map(({ name }) => records.has(name))
    this.#shadowed.forEach((record, i) => {
      if (isTaken[i]) conflict(record)
      else use(record)
    })
  }
}
