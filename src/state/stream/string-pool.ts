/** Slots; as many different names of agents, states, labels and so on as a big cluster has, or nearly. */
const SLOTS = 1 << 15
const LONGEST = 256

/**
 * Makes strings of ASCII octets, and of equal octets mostly one string. Every string has one slot that it can be kept
 * in, where the newest drives out the one before, so the pool has a bound without any work for it.
 */
export class StringPool {
  readonly #strings = new Array<string>(SLOTS).fill('')

  /** The string of `octets[from..to)`, whose hash this is. */
  get(octets: Buffer, from: number, to: number, hash: number): string {
    if (to - from > LONGEST) return octets.toString('latin1', from, to)
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const known = this.#strings[slot] as string
    if (isSpelled(known, octets, from, to)) return known
    const text = octets.toString('latin1', from, to)
    this.#strings[slot] = text
    return text
  }
}

function isSpelled(text: string, octets: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== octets[from + i]) return false
  }
  return true
}
