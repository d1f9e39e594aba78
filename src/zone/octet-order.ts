/** Up to this many octets a loop is faster than a call. */
const SHORT = 96

/**
 * Order of two octet strings: left-justified, a missing octet before any other, which is the canonical
 * order of rdata (RFC 4034 §6.3). Negative, zero or positive.
 */
export function compareOctets(
  a: Uint8Array,
  aAt: number,
  aLength: number,
  b: Uint8Array,
  bAt: number,
  bLength: number,
): number {
  const length = Math.min(aLength, bLength)
  for (let i = 0; i < length; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number)
    if (difference !== 0) return difference
  }
  return aLength - bLength
}

/** Whether two stretches of `length` octets are the same. */
export function equalOctets(
  a: Uint8Array,
  aAt: number,
  b: Uint8Array,
  bAt: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) {
    if (a[aAt + i] !== b[bAt + i]) return false
  }
  return true
}

/** Copies `length` octets. */
export function copyOctets(
  to: Uint8Array,
  toAt: number,
  from: Uint8Array,
  fromAt: number,
  length: number,
): void {
  if (length > SHORT) {
    to.set(from.subarray(fromAt, fromAt + length), toAt)
    return
  }
  for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i] as number
}
