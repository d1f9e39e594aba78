import { EventStreamError } from './errors.ts'

/** Takes records as RecordIO frames them. Octets are the receiver's own only for the time of the call. */
export interface RecordReceiver {
  /** The next octets of the first record, which may be of any size. */
  firstOctets(octets: Uint8Array): void
  /** The first record has come to its end. */
  firstEnd(): void
  /** A later record. */
  record(octets: Uint8Array): void
}

export interface RecordReaderOptions {
  /** Octets of the largest record but the first. */
  readonly maxRecord?: number
  /** Octets of the largest first record. */
  readonly maxFirst?: number
}

/** Many times what an event with all its labels and statuses takes. */
const MAX_RECORD = 16 * 1024 * 1024
/** More than a million tasks; it is decoded as it arrives. */
const MAX_FIRST = 2 * 1024 ** 3
/** As many as the largest length has. */
const MAX_DIGITS = 10

const LF = 0x0a
const ZERO = 0x30
const NOTHING = new Uint8Array(0)

/**
 * Takes RecordIO framing apart (mesos.apache.org/documentation/latest/recordio): the decimal length of a record, LF,
 * its octets, and so on, cut anywhere. The first record, a whole cluster, is handed on in pieces; later ones are
 * collected, unless they lie in one piece anyway.
 */
export class RecordReader {
  readonly #receiver: RecordReceiver
  readonly #maxRecord: number
  readonly #maxFirst: number
  #first = true
  #digits = 0
  #length = 0
  /** Octets that the record still lacks; undefined within a length. */
  #missing: number | undefined
  #collected = NOTHING

  constructor(receiver: RecordReceiver, options: RecordReaderOptions = {}) {
    this.#receiver = receiver
    this.#maxRecord = options.maxRecord ?? MAX_RECORD
    this.#maxFirst = options.maxFirst ?? MAX_FIRST
  }

  /** Whether the octets so far end with a record, so that the stream may end here. */
  get complete(): boolean {
    return this.#missing === undefined && this.#digits === 0
  }

  /** Throws EventStreamError if the octets are no records, and whatever the receiver throws. */
  push(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; ) {
      if (this.#missing === undefined) this.#takeDigit(octets[at++] ?? 0)
      else at += this.#takeContent(octets.subarray(at, at + this.#missing), this.#missing)
      if (this.#missing === 0) this.#end()
    }
  }

  #takeDigit(octet: number): void {
    if (octet === LF && this.#digits > 0) {
      this.#begin()
      return
    }
    const digit = octet - ZERO
    if (!(digit >= 0 && digit <= 9) || this.#digits === MAX_DIGITS) {
      const shown = JSON.stringify(String.fromCharCode(octet))
      throw new EventStreamError(
        'lost',
        `a record's length has ${shown} after ${this.#digits} digits`,
      )
    }
    this.#length = this.#length * 10 + digit
    this.#digits++
  }

  #begin(): void {
    const most = this.#first ? this.#maxFirst : this.#maxRecord
    if (this.#length > most) {
      throw new EventStreamError('lost', `a record of ${this.#length} bytes is larger than ${most}`)
    }
    this.#missing = this.#length
    this.#length = 0
    this.#digits = 0
  }

  /** `content` is a part of what is missing; returns its length. */
  #takeContent(content: Uint8Array, missing: number): number {
    this.#missing = missing - content.length
    if (this.#first) {
      this.#receiver.firstOctets(content)
    } else if (this.#collected.length > 0) {
      this.#collected.set(content, this.#collected.length - missing)
    } else if (this.#missing === 0) {
      this.#receiver.record(content)
      this.#missing = undefined
    } else {
      this.#collected = new Uint8Array(missing)
      this.#collected.set(content)
    }
    return content.length
  }

  #end(): void {
    this.#missing = undefined
    if (this.#first) {
      this.#first = false
      this.#receiver.firstEnd()
      return
    }
    const record = this.#collected
    this.#collected = NOTHING
    this.#receiver.record(record)
  }
}
