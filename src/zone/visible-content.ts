import type { BlockWriter } from './block-writer.ts'
import type { Digest } from './digest.ts'
import { equalOctets } from './octet-order.ts'
import { NODE, NODE_FLAG, type Shard } from './shard.ts'

function isVisible(words: Uint32Array, node: number): boolean {
  return ((words[node + NODE.FLAGS] as number) & NODE_FLAG.HIDDEN) === 0
}

/** Octets of a node's name and records. */
function visibleOctets(words: Uint32Array, node: number): number {
  return (words[node + NODE.LEDGER_AT] as number) - (words[node + NODE.NAME_AT] as number)
}

/** Whether readers see the same in a node and in the block that is to replace it; 0 and -1 for none. */
export function isSeenAlike(
  shard: Shard | undefined,
  node: number,
  blocks: BlockWriter,
  block: number,
): boolean {
  const wasSeen = shard !== undefined && node !== 0 && isVisible(shard.words, node)
  const isSeen = block >= 0 && isVisible(blocks.words, block)
  if (!wasSeen || !isSeen) return wasSeen === isSeen
  const length = visibleOctets(shard.words, node)
  if (length !== visibleOctets(blocks.words, block)) return false
  const at = shard.words[node + NODE.NAME_AT] as number
  return equalOctets(
    shard.octets,
    at,
    blocks.octets,
    blocks.words[block + NODE.NAME_AT] as number,
    length,
  )
}

/** Counts a node in or out of a digest, unless readers see no records there. */
export function countVisible(digest: Digest, sign: 1 | -1, words: Uint32Array, node: number): void {
  if (words[node + NODE.RRSETS] === 0) return
  digest.count(sign, words, (words[node + NODE.NAME_AT] as number) / 4, visibleOctets(words, node))
}
