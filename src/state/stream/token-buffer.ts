const FIRST_CAPACITY = 64 * 1024

/** Puts together a value that lies in several pieces, up to a size. */
export class TokenBuffer {
  /** Its first `length` octets are the value so far. */
  octets = Buffer.allocUnsafeSlow(FIRST_CAPACITY)
  length = 0
  /** Whether the value was larger; it is then let go of. */
  tooLarge = false
  readonly #maxLength: number

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  get isEmpty(): boolean {
    return this.length === 0 && !this.tooLarge
  }

  append(piece: Buffer, from: number, to: number): void {
    const length = this.length + to - from
    this.tooLarge ||= length > this.#maxLength
    if (this.tooLarge) return
    if (length > this.octets.length) this.#grow(length)
    piece.copy(this.octets, this.length, from, to)
    this.length = length
  }

  /** Forgets the value; memory of a large one is not kept for the next. */
  clear(): void {
    this.length = 0
    this.tooLarge = false
    if (this.octets.length > 16 * FIRST_CAPACITY) {
      this.octets = Buffer.allocUnsafeSlow(FIRST_CAPACITY)
    }
  }

  #grow(length: number): void {
    const octets = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.octets.length))
    this.octets.copy(octets, 0, 0, this.length)
    this.octets = octets
  }
}
