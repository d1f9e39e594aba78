const C1 = 0x239b961b
const C2 = 0xab0e9789
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93

/**
 * A sum of 128-bit hashes of pieces (MurmurHash3, x86, the last block filled up with zeros): the same in
 * whatever order they were added, and what was added can be taken away. It tells contents apart; it does
 * not withstand somebody who looks for two that agree.
 */
export class Digest {
  readonly #sum = new Int32Array(4)
  readonly #hash = new Int32Array(4)

  /** A copy to go on from. */
  clone(): Digest {
    const copy = new Digest()
    copy.#sum.set(this.#sum)
    return copy
  }

  /** The sum of this one and another. */
  plus(other: Digest): Digest {
    const sum = this.clone()
    for (let i = 0; i < 4; i++) sum.#sum[i] = (sum.#sum[i] as number) + (other.#sum[i] as number)
    return sum
  }

  /** Adds (1) or takes away (-1) the `length` octets from the word `at` on. */
  count(sign: 1 | -1, words: Uint32Array, at: number, length: number): void {
    this.#murmur(words, at, length)
    for (let i = 0; i < 4; i++) {
      this.#sum[i] = (this.#sum[i] as number) + sign * (this.#hash[i] as number)
    }
  }

  #murmur(words: Uint32Array, at: number, length: number): void {
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    const whole = length >> 2
    const rest = length & 3
    const count = rest === 0 ? whole : whole + 1
    for (let i = 0; i < count; i += 4) {
      a = rotate(a ^ first(word(words, at, i, whole, rest)), 19)
      a = (Math.imul(a + b, 5) + 0x561ccd1b) | 0
      b = rotate(b ^ second(word(words, at, i + 1, whole, rest)), 17)
      b = (Math.imul(b + c, 5) + 0x0bcaa747) | 0
      c = rotate(c ^ third(word(words, at, i + 2, whole, rest)), 15)
      c = (Math.imul(c + d, 5) + 0x96cd1c35) | 0
      d = rotate(d ^ fourth(word(words, at, i + 3, whole, rest)), 13)
      d = (Math.imul(d + a, 5) + 0x32ac3b17) | 0
    }
    a ^= length
    b ^= length
    c ^= length
    d ^= length
    a = (a + b + c + d) | 0
    b = (b + a) | 0
    c = (c + a) | 0
    d = (d + a) | 0
    a = mix(a)
    b = mix(b)
    c = mix(c)
    d = mix(d)
    a = (a + b + c + d) | 0
    this.#hash[0] = a
    this.#hash[1] = b + a
    this.#hash[2] = c + a
    this.#hash[3] = d + a
  }

  /** 32 lower-case hex digits. */
  toString(): string {
    return Array.from(this.#sum, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }
}

/** Words past the end are zero, and so are the octets past the end in the last one. */
function word(words: Uint32Array, at: number, i: number, whole: number, rest: number): number {
  if (i < whole) return words[at + i] as number
  if (i > whole || rest === 0) return 0
  return (words[at + i] as number) & ((1 << (rest * 8)) - 1)
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

function first(word: number): number {
  return Math.imul(rotate(Math.imul(word, C1), 15), C2)
}

function second(word: number): number {
  return Math.imul(rotate(Math.imul(word, C2), 16), C3)
}

function third(word: number): number {
  return Math.imul(rotate(Math.imul(word, C3), 17), C4)
}

function fourth(word: number): number {
  return Math.imul(rotate(Math.imul(word, C4), 18), C1)
}

function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
