/** FNV-1a, 32 bits. */
export const HASH_SEED = 0x811c9dc5
const HASH_PRIME = 0x01000193

/** Takes one more octet of a lower-cased wire name into the hash. */
export function hashOctet(hash: number, octet: number): number {
  return Math.imul(hash ^ octet, HASH_PRIME)
}

/** Hash of a lower-cased wire name, `length` octets at `at`, as an unsigned 32-bit number. */
export function hashName(name: Uint8Array, length: number, at = 0): number {
  let hash = HASH_SEED
  for (let i = at; i < at + length; i++) hash = hashOctet(hash, name[i] as number)
  return hash >>> 0
}
