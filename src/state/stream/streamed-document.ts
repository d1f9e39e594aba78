import { StateFormatError } from '../errors.ts'
import { DocumentReader } from './document-reader.ts'
import type { ObjectLayout } from './layout.ts'

/** Many times what a task with all its labels and statuses takes. */
export const MAX_VALUE = 16 * 1024 * 1024
/** How much of something that is not JSON is quoted. */
const START_LENGTH = 80

/** A document that streams in, and what is said of it if it is no JSON. */
export class StreamedDocument {
  /** Octets so far. */
  bytes = 0
  readonly #reader: DocumentReader
  #start = Buffer.alloc(0)

  constructor(layout: ObjectLayout, maxValue: number) {
    this.#reader = new DocumentReader(layout, maxValue)
  }

  push(octets: Uint8Array): void {
    this.bytes += octets.length
    if (this.#start.length < START_LENGTH) {
      this.#start = Buffer.concat([this.#start, octets.subarray(0, START_LENGTH)])
    }
    this.#reader.push(octets)
  }

  /** The outline of the whole document. Throws StateFormatError, which begins with `what`, if it is no JSON. */
  end(what: string): unknown {
    const reader = this.#reader
    reader.end()
    if (reader.failure === undefined) return reader.outline
    const start = JSON.stringify(this.#start.toString('utf8', 0, START_LENGTH))
    throw new StateFormatError(
      `${what} that is not JSON, ${this.bytes} bytes beginning with ${start}: ${reader.failure}`,
    )
  }
}
