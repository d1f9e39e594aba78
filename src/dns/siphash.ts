const KEY_OCTETS = 16
const BLOCK_OCTETS = 8
const COMPRESSION_ROUNDS = 2
const FINAL_ROUNDS = 4

/**
 * SipHash-2-4 with a result of 64 bits (Aumasson and Bernstein 2012). Each 64-bit word is two 32-bit
 * numbers, since BigInt would allocate at every step, and the rounds are written out over local
 * variables, which keeps them in registers: three times as fast as the same with an array.
 */
export class SipHash {
  /** Both words of the key, the low half of each first. */
  readonly #key: Int32Array

  /** `key` is 16 octets; it is copied. */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_OCTETS) throw new RangeError(`a key has 16 octets, not ${key.length}`)
    this.#key = Int32Array.from([0, 4, 8, 12], (at) => littleEndian(key, at, KEY_OCTETS))
  }

  /** Hashes the first `length` octets of the input; writes the result, 8 octets, to `out`. */
  hash(input: Uint8Array, length: number, out: Uint8Array): void {
    const key = this.#key
    const k0 = key[0] as number
    const k1 = key[1] as number
    const k2 = key[2] as number
    const k3 = key[3] as number
    // The four words of the state, keyed: "somepseudorandomlygeneratedbytes".
    let low0 = k0 ^ 0x70736575
    let high0 = k1 ^ 0x736f6d65
    let low1 = k2 ^ 0x6e646f6d
    let high1 = k3 ^ 0x646f7261
    let low2 = k0 ^ 0x6e657261
    let high2 = k1 ^ 0x6c796765
    let low3 = k2 ^ 0x79746573
    let high3 = k3 ^ 0x74656462
    // The last block is what is left over, be it nothing, and the length as its last octet. A step
    // without a block follows it.
    const last = length - (length % BLOCK_OCTETS)
    for (let at = 0; at <= last + BLOCK_OCTETS; at += BLOCK_OCTETS) {
      const isFinal = at > last
      const low = isFinal ? 0 : littleEndian(input, at, length)
      const high = isFinal
        ? 0
        : littleEndian(input, at + 4, length) | (at === last ? length << 24 : 0)
      low3 ^= low
      high3 ^= high
      if (isFinal) low2 ^= 0xff
      for (let rounds = isFinal ? FINAL_ROUNDS : COMPRESSION_ROUNDS; rounds > 0; rounds--) {
        // v0 += v1; v1 = rotate(v1, 13) ^ v0; v0 = rotate(v0, 32)
        let sum = (low0 >>> 0) + (low1 >>> 0)
        low0 = sum | 0
        high0 = (high0 + high1 + (sum > 0xffffffff ? 1 : 0)) | 0
        let half = (low1 << 13) | (high1 >>> 19)
        high1 = ((high1 << 13) | (low1 >>> 19)) ^ high0
        low1 = half ^ low0
        half = low0
        low0 = high0
        high0 = half
        // v2 += v3; v3 = rotate(v3, 16) ^ v2
        sum = (low2 >>> 0) + (low3 >>> 0)
        low2 = sum | 0
        high2 = (high2 + high3 + (sum > 0xffffffff ? 1 : 0)) | 0
        half = (low3 << 16) | (high3 >>> 16)
        high3 = ((high3 << 16) | (low3 >>> 16)) ^ high2
        low3 = half ^ low2
        // v0 += v3; v3 = rotate(v3, 21) ^ v0
        sum = (low0 >>> 0) + (low3 >>> 0)
        low0 = sum | 0
        high0 = (high0 + high3 + (sum > 0xffffffff ? 1 : 0)) | 0
        half = (low3 << 21) | (high3 >>> 11)
        high3 = ((high3 << 21) | (low3 >>> 11)) ^ high0
        low3 = half ^ low0
        // v2 += v1; v1 = rotate(v1, 17) ^ v2; v2 = rotate(v2, 32)
        sum = (low2 >>> 0) + (low1 >>> 0)
        low2 = sum | 0
        high2 = (high2 + high1 + (sum > 0xffffffff ? 1 : 0)) | 0
        half = (low1 << 17) | (high1 >>> 15)
        high1 = ((high1 << 17) | (low1 >>> 15)) ^ high2
        low1 = half ^ low2
        half = low2
        low2 = high2
        high2 = half
      }
      low0 ^= low
      high0 ^= high
    }
    putLittleEndian(out, 0, low0 ^ low1 ^ low2 ^ low3)
    putLittleEndian(out, 4, high0 ^ high1 ^ high2 ^ high3)
  }
}

/** Four octets as a number, the first one lowest; octets from `end` on count as zero. */
function littleEndian(octets: Uint8Array, at: number, end: number): number {
  let value = 0
  for (let i = 0; i < 4 && at + i < end; i++) value |= (octets[at + i] as number) << (8 * i)
  return value
}

function putLittleEndian(octets: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) octets[at + i] = value >>> (8 * i)
}
