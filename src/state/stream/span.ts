/**
 * Stands in the outline of a document for a list whose elements were handed on: their positions in the log of the reader
 * that took them, the end not included.
 */
export class Span {
  readonly from: number
  readonly to: number

  constructor(from: number, to: number) {
    this.from = from
    this.to = to
  }
}
