import { RECORD_FIXED_OCTETS } from './shard.ts'

const POINTER_OCTETS = 2
const RDLENGTH_AT = 10
/** Serial, refresh, retry, expire and minimum. */
const NUMBERS_OCTETS = 20

/**
 * An SOA record for the authority section, and what has to be patched into it: its first two octets are a
 * pointer to its owner. The others say where in the record there are pointers, 0 if there is none.
 */
export interface NegativeSoa {
  readonly record: Uint8Array
  /** A pointer to the owner, in which the name of the primary server ends. */
  readonly mnamePointerAt: number
  /** A pointer in which the name of the mailbox ends. */
  readonly rnamePointerAt: number
  /** Where in the record that one leads; 0 for the owner. */
  readonly rnameTarget: number
}

/** The record as it is. */
export function wholeSoa(record: Uint8Array): NegativeSoa {
  return { record, mnamePointerAt: 0, rnamePointerAt: 0, rnameTarget: 0 }
}

/**
 * Shortens the names in the rdata of an SOA record that is owned by `apex`, a lower-cased wire name: SOA is
 * one of the types whose names may be compressed (RFC 1035 §3.3, RFC 3597 §4). The primary server's ends
 * in the owner where it can; the mailbox's in the primary server's, else in the owner. A record whose
 * rdata is not two names and five numbers stays as it is.
 */
export function compressSoa(record: Uint8Array, apex: Uint8Array): NegativeSoa {
  const rnameAt = nameEnd(record, RECORD_FIXED_OCTETS)
  const numbersAt = nameEnd(record, rnameAt)
  if (numbersAt + NUMBERS_OCTETS !== record.length) return wholeSoa(record)
  const mname = record.subarray(RECORD_FIXED_OCTETS, rnameAt)
  const rname = record.subarray(rnameAt, numbersAt)

  const mnameTail = suffixStart(mname, apex, 0)
  const shortMname = mnameTail === undefined ? mname : withPointer(mname.subarray(0, mnameTail))
  const ofMname = commonSuffix(rname, mname, mnameTail ?? mname.length)
  const rnameTail = ofMname?.start ?? suffixStart(rname, apex, 0)
  const shortRname = rnameTail === undefined ? rname : withPointer(rname.subarray(0, rnameTail))

  const numbers = record.subarray(numbersAt)
  const fixed = record.slice(0, RECORD_FIXED_OCTETS)
  const rdlength = shortMname.length + shortRname.length + NUMBERS_OCTETS
  new DataView(fixed.buffer).setUint16(RDLENGTH_AT, rdlength)
  const mnameEnd = RECORD_FIXED_OCTETS + shortMname.length
  return {
    record: Uint8Array.from([...fixed, ...shortMname, ...shortRname, ...numbers]),
    mnamePointerAt: mnameTail === undefined ? 0 : mnameEnd - POINTER_OCTETS,
    rnamePointerAt: rnameTail === undefined ? 0 : mnameEnd + shortRname.length - POINTER_OCTETS,
    rnameTarget: ofMname === undefined ? 0 : RECORD_FIXED_OCTETS + ofMname.target,
  }
}

/**
 * Where `name` starts to be as `other` is from some label on, the longest such end, and where that is in
 * `other`. Only labels that start before `end`, which are still there, and not the root alone.
 */
function commonSuffix(
  name: Uint8Array,
  other: Uint8Array,
  end: number,
): { start: number; target: number } | undefined {
  for (let target = 0; target < end && other[target] !== 0; target += 1 + (other[target] ?? 0)) {
    const start = suffixStart(name, other, target)
    if (start !== undefined) return { start, target }
  }
  return undefined
}

/** Where in `name`, at the start of a label, the rest is what `other` has from `from` on. */
function suffixStart(name: Uint8Array, other: Uint8Array, from: number): number | undefined {
  const suffix = Buffer.from(other.subarray(from))
  if (suffix.length < POINTER_OCTETS) return undefined
  for (let at = 0; at < name.length; at += 1 + (name[at] ?? 0)) {
    if (suffix.equals(name.subarray(at))) return at
  }
  return undefined
}

/** Labels, and room for a pointer. */
function withPointer(labels: Uint8Array): Uint8Array {
  return Uint8Array.from([...labels, 0xc0, 0])
}

/** Where the uncompressed name at `start` ends. */
function nameEnd(octets: Uint8Array, start: number): number {
  let at = start
  while (at < octets.length && octets[at] !== 0) at += 1 + (octets[at] ?? 0)
  return at + 1
}
