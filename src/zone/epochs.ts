/** What a slot without a reader holds; epochs count from 1. */
const NOBODY = 0n

/** Epochs count from one: where a reader without a zone waits. */
export const FIRST_EPOCH = 1

/**
 * Slots for readers beside that one. Fixed, since the writer is handed the memory when it starts: two generations
 * of query threads, one of which takes over from the other, at the most that `workers` allows.
 */
export const READER_SLOTS = 2 * 64

/** Slot of the thread that hands zones on to the others; oldest() relies on its being read first. */
export const FIRST_READER = 0

/**
 * Which epoch of the zone each reader has come to, in shared memory, so that the writer knows what
 * nobody reads any more (epoch-based reclamation). A reader looks things up within one turn of its event
 * loop and never keeps a position for the next, so one that has switched reads nothing older.
 *
 * Whoever starts a reader enters it, before it is sent the zone and while holding that zone in slot
 * FIRST_READER itself; whoever notices its end has it leave.
 */
export class ReaderEpochs {
  readonly buffer: SharedArrayBuffer
  /** 64 bits: at a hundred changes a second 31 bits would last for eight months. */
  readonly #slots: BigInt64Array

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.#slots = new BigInt64Array(buffer)
  }

  /** For so many readers, none of which is there yet. */
  static create(slots: number): ReaderEpochs {
    return new ReaderEpochs(new SharedArrayBuffer(slots * BigInt64Array.BYTES_PER_ELEMENT))
  }

  /** From now on the slot counts: its reader may read the zone of this epoch. */
  enter(slot: number, epoch: number): void {
    this.#store(slot, BigInt(epoch))
  }

  /** The reader of the slot has switched to the zone of this epoch; no effect on a slot that it has left. */
  acknowledge(slot: number, epoch: number): void {
    const before = Atomics.load(this.#slots, this.#checked(slot))
    if (before === NOBODY) return
    // Exchanged, not stored: its starter may have had the slot left, or entered by another, meanwhile.
    Atomics.compareExchange(this.#slots, slot, before, BigInt(epoch))
  }

  /** The slot has no reader any more. */
  leave(slot: number): void {
    this.#store(slot, NOBODY)
  }

  /** The epoch that every reader has come to; Infinity while there are none. */
  oldest(): number {
    let oldest = Number.POSITIVE_INFINITY
    // In this order: who enters another reader holds the same epoch in the first slot until after that.
    for (let slot = FIRST_READER; slot < this.#slots.length; slot++) {
      const epoch = Atomics.load(this.#slots, slot)
      if (epoch !== NOBODY) oldest = Math.min(oldest, Number(epoch))
    }
    return oldest
  }

  #store(slot: number, value: bigint): void {
    Atomics.store(this.#slots, this.#checked(slot), value)
  }

  #checked(slot: number): number {
    if (slot in this.#slots) return slot
    throw new RangeError(`slot ${slot} is none of ${this.#slots.length}`)
  }
}
