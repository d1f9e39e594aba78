/** FNV-1a, 32 bits. */
export const HASH_SEED = 0x811c9dc5
const HASH_PRIME = 0x01000193

/** Takes one more octet of a lower-cased wire name into the hash. */
export function hashOctet(hash: number, octet: number): number {
  return Math.imul(hash ^ octet, HASH_PRIME)
}

/** Hash of the first `length` octets of a lower-cased wire name, as an unsigned 32-bit number. */
export function hashName(name: Uint8Array, length: number): number {
  let hash = HASH_SEED
  for (let i = 0; i < length; i++) hash = hashOctet(hash, name[i] as number)
  return hash >>> 0
}
