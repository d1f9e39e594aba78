/**
 * Puts the messages of a TCP stream together from segments cut anywhere, the length prefix included. Holds
 * one message at most.
 */
export class FrameReader {
  readonly #minLength: number
  readonly #prefix = Buffer.alloc(2)
  #prefixFilled = 0
  #message: Buffer | undefined
  #filled = 0

  /** A length below `minLength` breaks the stream. */
  constructor(minLength: number) {
    this.#minLength = minLength
  }

  /**
   * Calls `deliver` with each message that this segment completes, a buffer of its own. False when a
   * length prefix is too small: there is no telling where the next message begins, so stop reading.
   */
  read(segment: Buffer, deliver: (message: Buffer) => void): boolean {
    let at = 0
    while (at < segment.length) {
      if (this.#message === undefined) {
        this.#prefix[this.#prefixFilled++] = segment[at++] ?? 0
        if (this.#prefixFilled === 2 && !this.#begin()) return false
        continue
      }
      const copied = segment.copy(this.#message, this.#filled, at)
      at += copied
      this.#filled += copied
      if (this.#filled === this.#message.length) deliver(this.#end(this.#message))
    }
    return true
  }

  #begin(): boolean {
    const length = this.#prefix.readUInt16BE(0)
    if (length < this.#minLength) return false
    this.#message = Buffer.allocUnsafeSlow(length)
    return true
  }

  #end(message: Buffer): Buffer {
    this.#prefixFilled = 0
    this.#message = undefined
    this.#filled = 0
    return message
  }
}
