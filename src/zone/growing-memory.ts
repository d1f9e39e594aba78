const FIRST_OCTETS = 1 << 12

/** From this size on memory grows in place. */
const LARGE_OCTETS = 1 << 20

/** Most that it can grow to; only what is in use takes real memory. */
const MOST_OCTETS = 1 << 30

/** Large memory goes when so many uses in a row have not needed a good part of it. */
const PATIENCE = 2

/** What TypeScript's es2023 does not have yet (ECMAScript 2024, in Node.js since 20). */
interface GrowableBuffer extends SharedArrayBuffer {
  grow(octets: number): void
}
const Growable = SharedArrayBuffer as unknown as new (
  octets: number,
  options: { readonly maxByteLength: number },
) => GrowableBuffer

/**
 * Memory for a lot of small things, off the JavaScript heap. Where it is large it is shared memory,
 * though nobody shares it: that grows without being copied, and V8 does not take its growth as a reason to
 * collect garbage, which with a big cluster's state on the heap would take longer than all the rest.
 */
export class GrowingMemory {
  /** Both are replaced as the memory grows. */
  octets: Uint8Array = new Uint8Array(FIRST_OCTETS)
  words: Int32Array = new Int32Array(this.octets.buffer)
  #growable: GrowableBuffer | undefined
  /** Uses in a row that needed little. */
  #idle = 0

  /**
   * Makes the memory at least so big.
   *
   * @throws RangeError when there is no more
   */
  grow(least: number): void {
    const octets = Math.max(this.octets.length * 2, Math.ceil(least / 4) * 4)
    if (this.#growable !== undefined) {
      this.#growable.grow(Math.max(least, Math.min(octets, MOST_OCTETS)))
      this.#view(this.#growable)
      return
    }
    const before = this.octets
    if (octets >= LARGE_OCTETS) {
      this.#growable = new Growable(octets, { maxByteLength: MOST_OCTETS })
    }
    this.#view(this.#growable ?? new ArrayBuffer(octets))
    this.octets.set(before)
  }

  /**
   * Says how much was needed until now, when all of it may be used anew. Large memory is not given back at
   * once: V8 frees it only with its next full collection, and where every use is a large one, another would
   * grow meanwhile.
   */
  reuse(needed: number): void {
    if (this.#growable === undefined) return
    this.#idle = needed * 4 > this.octets.length ? 0 : this.#idle + 1
    if (this.#idle < PATIENCE) return
    this.#idle = 0
    this.#growable = undefined
    this.#view(new ArrayBuffer(FIRST_OCTETS))
  }

  /** With a fixed length: arrays that follow the length of their buffer are slow. */
  #view(buffer: ArrayBuffer | SharedArrayBuffer): void {
    this.octets = new Uint8Array(buffer, 0, buffer.byteLength)
    this.words = new Int32Array(buffer, 0, buffer.byteLength >> 2)
  }
}
