/** The octets JSON is made of (RFC 8259 §2). UTF-8 uses none of them inside other characters. */
export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const BACKSLASH = 0x5c
export const OPEN_LIST = 0x5b
export const CLOSE_LIST = 0x5d
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d

export function isSpace(octet: number): boolean {
  return octet === 0x20 || octet === 0x0a || octet === 0x0d || octet === 0x09
}

/** Whether a value can begin with it: `{ [ " -`, a digit, or the first letter of a literal. */
export function beginsValue(octet: number): boolean {
  if (octet === OPEN_OBJECT || octet === OPEN_LIST || octet === QUOTE) return true
  if (octet >= 0x30 && octet <= 0x39) return true
  return octet === 0x2d || octet === 0x74 || octet === 0x66 || octet === 0x6e
}

/** A view of the same memory with the fast decoders of Buffer. */
export function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets)
    ? octets
    : Buffer.from(octets.buffer, octets.byteOffset, octets.length)
}
