import { CLASS } from '../../src/net/dns-numbers.ts'
import type { RecordType } from '../../src/records/record-set.ts'
import type { Arena, Region } from '../../src/zone/arena.ts'
import { hashName } from '../../src/zone/name-hash.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { rdataToWire, TYPE_NUMBER } from '../../src/zone/rdata.ts'
import {
  HEADER,
  HEADER_WORDS,
  NODE,
  NODE_FLAG,
  RECORD_FIXED_OCTETS,
  RRSET,
  SLOT_WORDS,
} from '../../src/zone/shard.ts'
import type { ZoneUpdate } from '../../src/zone/zone-update.ts'

/** A name with its sets, written as they are: in this order, with this rdata. */
export interface HandMadeNode {
  readonly name: string
  readonly hidden?: boolean
  readonly sets?: readonly {
    readonly type: RecordType
    readonly ttl: number
    /** Presentation format, or the octets themselves. */
    readonly rdata: readonly (string | Uint8Array)[]
  }[]
}

/**
 * Writes a shard with as little thought as possible: what the real writer makes of contributions is not
 * what the tests of readers are about. Tables and ledgers are left out.
 */
export function writeShard(arena: Arena, nodes: readonly HandMadeNode[]): Region {
  const slots = 2 ** Math.ceil(Math.log2(nodes.length + 2))
  const region = arena.allocate(64 * 1024)
  const { words, octets, buffer } = arena.view(region.segment)
  const view = new DataView(buffer)
  const { word: base } = region
  words.fill(0, base, base + 16 * 1024)
  words[base + HEADER.SLOT_MASK] = slots - 1
  words[base + HEADER.NAMES] = nodes.length
  let word = base + HEADER_WORDS + slots * SLOT_WORDS
  let octet = (base + 8 * 1024) * 4
  const put = (bytes: Uint8Array) => {
    octets.set(bytes, octet)
    octet += bytes.length
    return octet - bytes.length
  }
  for (const { name, hidden, sets = [] } of nodes) {
    const wire = ownerToWire(name) as Uint8Array
    const hash = hashName(wire, wire.length)
    let slot = hash & (slots - 1)
    while (words[base + HEADER_WORDS + slot * SLOT_WORDS + 1] !== 0) slot = (slot + 1) & (slots - 1)
    words[base + HEADER_WORDS + slot * SLOT_WORDS] = hash
    words[base + HEADER_WORDS + slot * SLOT_WORDS + 1] = word
    words[word + NODE.NAME_AT] = put(wire)
    words[word + NODE.NAME_LENGTH] = wire.length
    words[word + NODE.RRSETS] = sets.length
    words[word + NODE.FLAGS] = hidden === true ? NODE_FLAG.HIDDEN : 0
    word += NODE.WORDS
    for (const { type, ttl, rdata } of sets) {
      words[word + RRSET.TYPE] = TYPE_NUMBER[type]
      words[word + RRSET.COUNT] = rdata.length
      words[word + RRSET.AT] = octet
      for (const one of rdata) {
        const bytes = typeof one === 'string' ? (rdataToWire(type, one) as Uint8Array) : one
        view.setUint16(octet, 0xc00c)
        view.setUint16(octet + 2, TYPE_NUMBER[type])
        view.setUint16(octet + 4, CLASS.IN)
        view.setUint32(octet + 6, ttl)
        view.setUint16(octet + 10, bytes.length)
        octet += RECORD_FIXED_OCTETS
        put(bytes)
      }
      word += RRSET.WORDS
    }
  }
  return region
}

/** A full update to a zone `mesos.` of these shards. */
export function fullUpdate(
  arena: Arena,
  forward: readonly Region[],
  reverse: readonly Region[],
  change: Partial<ZoneUpdate> = {},
): ZoneUpdate {
  const apexShard = writeShard(arena, [{ name: 'mesos.' }])
  return {
    epoch: 1,
    full: true,
    serial: 1767225600,
    digest: '0123456789abcdef'.repeat(2),
    names: 0,
    records: 0,
    apex: ownerToWire('mesos.') as Uint8Array,
    segments: arena.segments(),
    dropped: [],
    forwardShards: forward.length,
    reverseShards: reverse.length,
    shards: rows([...forward, ...reverse].entries()),
    apexShard: [apexShard.segment, apexShard.word],
    negativeSoa: Uint8Array.of(0, 0, 0, 6),
    ...change,
  }
}

/** Shards by their index as an update has them. */
export function rows(shards: Iterable<readonly [index: number, region: Region]>): Int32Array {
  return Int32Array.from(
    Array.from(shards, ([index, { segment, word }]) => [index, segment, word]).flat(),
  )
}
