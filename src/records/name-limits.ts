import { shortHash } from './hash.ts'

/** RFC 1035 §2.3.4: octets of a label, and of a name in wire form. */
export const MAX_LABEL_OCTETS = 63
const MAX_NAME_OCTETS = 255

const HASH_CHARACTERS = 8
const PREFIX_OCTETS = MAX_LABEL_OCTETS - HASH_CHARACTERS - 1

/** A UTF-16 code unit becomes at most three octets of UTF-8. */
const MAX_OCTETS_PER_UNIT = 3

/**
 * The name with every label of more than 63 octets shortened to its first 54, a dash, and eight
 * characters of a hash of the whole label: the same label always gives the same result, and different
 * ones differ. Names without such a label are returned as they are.
 */
export function fitLabels(name: string): string {
  return hasLongLabel(name) ? name.split('.').map(fitLabel).join('.') : name
}

function hasLongLabel(name: string): boolean {
  if (name.length * MAX_OCTETS_PER_UNIT <= MAX_LABEL_OCTETS) return false
  let octets = 0
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code === 0x2e) octets = 0
    else octets += unitOctets(code)
    if (octets > MAX_LABEL_OCTETS) return true
  }
  return false
}

function fitLabel(label: string): string {
  if (Buffer.byteLength(label) <= MAX_LABEL_OCTETS) return label
  let prefix = ''
  let octets = 0
  for (const character of label) {
    octets += Buffer.byteLength(character)
    if (octets > PREFIX_OCTETS) break
    prefix += character
  }
  return `${prefix}-${shortHash(label, HASH_CHARACTERS)}`
}

/** Octets a UTF-16 code unit contributes to UTF-8; each half of a surrogate pair counts two of four. */
function unitOctets(code: number): number {
  if (code < 0x80) return 1
  if (code < 0x800 || (code >= 0xd800 && code <= 0xdfff)) return 2
  return 3
}

/** Whether a name with a trailing dot is longer than the 255 octets its wire form may have. */
export function isNameTooLong(name: string): boolean {
  if (name.length * MAX_OCTETS_PER_UNIT < MAX_NAME_OCTETS) return false
  return Buffer.byteLength(name) + 1 > MAX_NAME_OCTETS
}
