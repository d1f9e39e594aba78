import { type ContributionLog, OWNER } from './contribution-log.ts'
import { shardIndex } from './shard.ts'

/** The log's owners sorted by shard; those of one end where `ends` says. */
export function ownersByShard(
  log: ContributionLog,
  count: number,
): { list: Int32Array; ends: Int32Array } {
  const { firstOwner, ownersEnd } = log
  const { words } = log.names
  const ends = new Int32Array(count + 1)
  for (let owner = firstOwner; owner < ownersEnd; owner = log.nextOwner(owner)) {
    const index = shardIndex(words[owner + OWNER.HASH] as number, count)
    ends[index + 1] = (ends[index + 1] as number) + 1
  }
  for (let index = 0; index < count; index++) {
    ends[index + 1] = (ends[index + 1] as number) + (ends[index] as number)
  }
  // Now each is where its shard's owners start; filled in, it is where they end.
  const list = new Int32Array(log.owners)
  for (let owner = firstOwner; owner < ownersEnd; owner = log.nextOwner(owner)) {
    const index = shardIndex(words[owner + OWNER.HASH] as number, count)
    const at = ends[index] as number
    list[at] = owner
    ends[index] = at + 1
  }
  return { list, ends }
}
