import { NODE, NODE_FLAG, RRSET, Shard } from '../../src/zone/shard.ts'
import type { Zone } from '../../src/zone/zone.ts'

/** Names of RR types in lines of presentation format. */
export const TYPE_NAME: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
])

/** All shards of a zone. */
export function shardsOf(zone: Zone): Shard[] {
  const { segments, shards } = zone.toUpdate()
  const buffers = new Map(segments.map(({ id, buffer }) => [id, buffer]))
  return Array.from({ length: shards.length / 3 }, (_, row) => {
    const buffer = buffers.get(shards[row * 3 + 1] as number)
    if (buffer === undefined) throw new Error('shard in no segment')
    return new Shard(new Uint32Array(buffer), new Uint8Array(buffer), shards[row * 3 + 2] as number)
  })
}

/** Nodes of a shard. */
export function nodesOf(shard: Shard): number[] {
  const nodes: number[] = []
  for (let node = shard.blocks; node < shard.end; node += shard.words[node + NODE.BLOCK] ?? 0) {
    nodes.push(node)
  }
  return nodes
}

/**
 * What readers see of a zone, sorted: `name ttl TYPE rdata` for each record, name and rdata in hex, or
 * `name -` for a name without records. Every name is found the way readers do.
 */
export function zoneLines(zone: Zone): string[] {
  const lines: string[] = []
  for (const shard of shardsOf(zone)) {
    const { words, view } = shard
    for (const node of nodesOf(shard)) {
      const at = words[node + NODE.NAME_AT] ?? 0
      const length = words[node + NODE.NAME_LENGTH] ?? 0
      const found = shard.find(words[node + NODE.HASH] ?? 0, view, at, length)
      const isHidden = ((words[node + NODE.FLAGS] ?? 0) & NODE_FLAG.HIDDEN) !== 0
      if (found !== (isHidden ? 0 : node)) throw new Error('a name is not where it is looked for')
      if (!isHidden) lines.push(...nodeLines(shard, node))
    }
  }
  return lines.sort()
}

/** The same for one node of a shard. */
export function nodeLines({ words, octets }: Shard, node: number): string[] {
  const at = words[node + NODE.NAME_AT] ?? 0
  const name = hex(octets, at, words[node + NODE.NAME_LENGTH] ?? 0)
  const sets = words[node + NODE.RRSETS] ?? 0
  if (sets === 0) return [`${name} -`]
  return Array.from({ length: sets }, (_, i) => node + NODE.WORDS + i * RRSET.WORDS).flatMap(
    (rrset) => recordLines(octets, rrset, words).map((line) => `${name} ${line}`),
  )
}

function recordLines(octets: Uint8Array, rrset: number, words: Uint32Array): string[] {
  const view = new DataView(octets.buffer)
  const start = words[rrset + RRSET.AT] ?? 0
  const end = start + (words[rrset + RRSET.LENGTH] ?? 0)
  const table = words[rrset + RRSET.TABLE] ?? 0
  const lines: string[] = []
  let at = start
  for (let i = 0; i < (words[rrset + RRSET.COUNT] ?? 0); i++) {
    const length = view.getUint16(at + 10)
    const row = table + i * 3
    if (table !== 0 && (words[row] !== at || words[row + 1] !== length + 12)) {
      throw new Error('the record table does not fit the records')
    }
    const type = TYPE_NAME.get(view.getUint16(at + 2))
    lines.push(`${view.getUint32(at + 6)} ${type} ${hex(octets, at + 12, length)}`)
    at += 12 + length
  }
  if (at !== end) throw new Error('the records do not fill their set')
  return lines
}

export function hex(octets: Uint8Array, at = 0, length = octets.length): string {
  return Buffer.from(octets.buffer, octets.byteOffset + at, length).toString('hex')
}
