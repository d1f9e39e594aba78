import { GrowingMemory } from './growing-memory.ts'
import { copyOctets } from './octet-order.ts'
import { MAX_NAME_OCTETS, writeOwner } from './owner-name.ts'

const DOT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const UPPER_A = 0x41
const LOWER_A = 0x61

const IPV6_OCTETS = 16

/**
 * Octets that grow at their end. Zones of a million records are written through it, so nothing here
 * allocates for what clusters are made of: names and addresses.
 */
export class OctetWriter {
  readonly #memory = new GrowingMemory()
  /** What has been written are the first `length` octets; the array is replaced as it grows. */
  octets: Uint8Array = this.#memory.octets
  /** The same memory. */
  words: Int32Array = this.#memory.words
  length = 0

  /** Makes room for so many octets more. */
  reserve(count: number): void {
    if (this.length + count <= this.octets.length) return
    this.#memory.grow(this.length + count)
    this.octets = this.#memory.octets
    this.words = this.#memory.words
  }

  /** Begins anew. */
  clear(): void {
    this.#memory.reuse(this.length)
    this.length = 0
    this.octets = this.#memory.octets
    this.words = this.#memory.words
  }

  /** Leaves room for so many words, from the next multiple of 4 octets on; returns the first of them. */
  skipWords(count: number): number {
    this.reserve(count * 4 + 3)
    const word = (this.length + 3) >> 2
    this.length = (word + count) * 4
    return word
  }

  u16(value: number): void {
    this.reserve(2)
    this.octets[this.length++] = value >> 8
    this.octets[this.length++] = value
  }

  u32(value: number): void {
    this.u16(value >>> 16)
    this.u16(value)
  }

  bytes(octets: Uint8Array): void {
    this.copy(octets, 0, octets.length)
  }

  /** Part of other octets, which may be these. */
  copy(from: Uint8Array, at: number, length: number): void {
    this.reserve(length)
    copyOctets(this.octets, this.length, from, at, length)
    this.length += length
  }

  /**
   * The name that starts at a character of the text, in presentation format with a trailing dot; false,
   * and nothing written, if nobody can ask for it.
   */
  name(text: string, from = 0): boolean {
    this.reserve(MAX_NAME_OCTETS)
    const end = writeOwner(this.octets, this.length, text, from)
    if (end === 0) return this.#root(text, from)
    this.length = end
    return true
  }

  /** As the target of an SRV it says that there is no such service (RFC 2782). */
  #root(text: string, from: number): boolean {
    if (text.length !== from + 1 || text.charCodeAt(from) !== DOT) return false
    this.octets[this.length++] = 0
    return true
  }

  /** An address of 4 or 16 octets; false, and nothing written, if the text is none of that size. */
  address(text: string, size: 4 | 16): boolean {
    this.reserve(size)
    const start = this.length
    const isWritten = size === 4 ? this.#ipv4(text, 0) : this.#ipv6(text)
    if (isWritten && this.length === start + size) return true
    this.length = start
    return false
  }

  /** Writes the dotted quad from a character to the end; what was written otherwise is meaningless. */
  #ipv4(text: string, from: number): boolean {
    const end = this.length + 4
    let octet = 0
    let digits = 0
    for (let i = from; i <= text.length; i++) {
      const code = i === text.length ? DOT : text.charCodeAt(i)
      if (code === DOT) {
        if (digits === 0 || octet > 255 || this.length === end) return false
        this.octets[this.length++] = octet
        octet = 0
        digits = 0
      } else {
        if (code < ZERO || code > ZERO + 9 || digits === 3) return false
        octet = octet * 10 + code - ZERO
        digits++
      }
    }
    return this.length === end
  }

  /** RFC 4291 §2.2, all three forms; what was written otherwise is meaningless. */
  #ipv6(text: string): boolean {
    const start = this.length
    const end = start + IPV6_OCTETS
    /** Where the octets start that follow `::`, -1 without one. */
    let tail = -1
    let at = 0
    if (text.startsWith('::')) {
      tail = start
      at = 2
    }
    while (at < text.length) {
      let value = 0
      let stop = at
      for (; stop < text.length; stop++) {
        const digit = hexDigit(text.charCodeAt(stop))
        if (digit < 0) break
        value = (value << 4) | digit
      }
      if (stop === at || stop > at + 4 || this.length > end - 2) return false
      if (text.charCodeAt(stop) === DOT) {
        if (this.length > end - 4 || !this.#ipv4(text, at)) return false
        break
      }
      this.octets[this.length++] = value >> 8
      this.octets[this.length++] = value
      if (stop === text.length) break
      if (text.charCodeAt(stop) !== COLON) return false
      at = stop + 1
      if (text.charCodeAt(at) === COLON) {
        if (tail >= 0) return false
        tail = this.length
        at++
      } else if (at === text.length) return false
    }
    if (this.length < end && tail >= 0) this.#fillIpv6(tail, end)
    else if (tail >= 0) return false
    return this.length === end && !this.#isMapped(start)
  }

  /** Moves what follows `::` to the end and fills the gap. */
  #fillIpv6(tail: number, end: number): void {
    const follows = this.length - tail
    this.octets.copyWithin(end - follows, tail, this.length)
    this.octets.fill(0, tail, end - follows)
    this.length = end
  }

  /** IPv4 in IPv6 (RFC 4291 §2.5.5.2): canonical addresses are IPv4 then. */
  #isMapped(at: number): boolean {
    const { octets } = this
    if (octets[at + 10] !== 0xff || octets[at + 11] !== 0xff) return false
    for (let i = at; i < at + 10; i++) if (octets[i] !== 0) return false
    return true
  }
}

/** Value of a hexadecimal digit, -1 if it is none. */
function hexDigit(code: number): number {
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO
  if (code >= LOWER_A && code < LOWER_A + 6) return code - LOWER_A + 10
  if (code >= UPPER_A && code < UPPER_A + 6) return code - UPPER_A + 10
  return -1
}
