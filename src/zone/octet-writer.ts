import { ipToBytes } from '../net/address.ts'
import { MAX_NAME_OCTETS, writeOwner } from './owner-name.ts'

const DOT = 0x2e
const ZERO = 0x30

/**
 * Octets that grow at their end. Zones of a million records are written through it, so nothing here
 * allocates for what clusters are made of: names and IPv4 addresses.
 */
export class OctetWriter {
  /** What has been written are the first `length` octets; the array is replaced as it grows. */
  octets = new Uint8Array(1 << 12)
  length = 0

  /** Makes room for so many octets more. */
  reserve(count: number): void {
    if (this.length + count <= this.octets.length) return
    const larger = new Uint8Array(Math.max(this.octets.length * 2, this.length + count))
    larger.set(this.octets.subarray(0, this.length))
    this.octets = larger
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
    this.reserve(octets.length)
    this.octets.set(octets, this.length)
    this.length += octets.length
  }

  /** A name in presentation format with a trailing dot; false, and nothing written, if nobody can ask for it. */
  name(text: string): boolean {
    if (text === '.') return this.#root()
    this.reserve(MAX_NAME_OCTETS)
    const end = writeOwner(this.octets, this.length, text)
    if (end === 0) return false
    this.length = end
    return true
  }

  /** As the target of an SRV it says that there is no such service (RFC 2782). */
  #root(): true {
    this.reserve(1)
    this.octets[this.length++] = 0
    return true
  }

  /** An address of 4 or 16 octets; false, and nothing written, if the text is none of that size. */
  address(text: string, size: 4 | 16): boolean {
    if (size === 4) return this.#ipv4(text)
    const octets = ipToBytes(text)
    if (octets?.length !== size) return false
    this.bytes(octets)
    return true
  }

  #ipv4(text: string): boolean {
    this.reserve(4)
    const start = this.length
    let octet = 0
    let digits = 0
    for (let i = 0; i <= text.length; i++) {
      const code = i === text.length ? DOT : text.charCodeAt(i)
      if (code === DOT) {
        if (digits === 0 || octet > 255 || this.length === start + 4) return this.#rewind(start)
        this.octets[this.length++] = octet
        octet = 0
        digits = 0
      } else {
        if (code < ZERO || code > ZERO + 9 || digits === 3) return this.#rewind(start)
        octet = octet * 10 + code - ZERO
        digits++
      }
    }
    return this.length === start + 4 || this.#rewind(start)
  }

  #rewind(to: number): false {
    this.length = to
    return false
  }
}
