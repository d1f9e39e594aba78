/**
 * A 64-bit hash of octets, as two 32-bit lanes, that recognizes an element of the last body. Not
 * cryptographic, but seeded: who can choose a task's name can not choose whose hash it has.
 */
export class OctetHash {
  low = 0
  high = 0
  readonly #lowSeed: number
  readonly #highSeed: number
  #octets: Uint8Array = new Uint8Array(0)
  #view: DataView = new DataView(new ArrayBuffer(0))

  constructor(lowSeed: number, highSeed: number) {
    this.#lowSeed = lowSeed | 0
    this.#highSeed = highSeed | 0
  }

  /** Hashes `octets[from..to)` into `low` and `high`, four octets at a time. */
  of(octets: Uint8Array, from: number, to: number): void {
    if (octets !== this.#octets) {
      this.#octets = octets
      this.#view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    }
    const view = this.#view
    let low = this.#lowSeed ^ (to - from)
    let high = this.#highSeed | 0
    let at = from
    for (; at + 4 <= to; at += 4) {
      const word = view.getInt32(at, true)
      low = Math.imul(low ^ word, 0x9e37_79b1)
      high = Math.imul((high + word) | 0, 0x85eb_ca77)
      low ^= low >>> 15
      high ^= high >>> 13
    }
    let rest = 0
    for (; at < to; at++) rest = (rest << 8) | (octets[at] as number)
    this.low = mix(Math.imul(low ^ rest, 0x9e37_79b1))
    this.high = mix(Math.imul((high + rest) | 0, 0x85eb_ca77))
  }
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the result. */
function mix(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35)
  return bits ^ (bits >>> 16)
}
