/** What has become of the items of a list. */
export interface ListDifference<T> {
  readonly gone: readonly T[]
  readonly came: readonly T[]
}

/** How many items at one place may have come or gone before it is taken for another order. */
const WINDOW = 8

/**
 * What differs between two lists by identity of their items, whatever their order. An item may be in a
 * list several times; it is then possible that one is said to be gone and another to have come. As long
 * as most of the order stays, it costs little more than one comparison an item.
 */
export function listDifference<T extends object>(
  before: readonly T[],
  after: readonly T[],
): ListDifference<T> {
  if (before === after) return { gone: [], came: [] }
  const gone: T[] = []
  const came: T[] = []
  let b = 0
  let a = 0
  while (b < before.length && a < after.length) {
    const was = before[b] as T
    const is = after[a] as T
    if (was === is) {
      b++
      a++
      continue
    }
    let ahead = 1
    while (ahead <= WINDOW && before[b + ahead] !== is && after[a + ahead] !== was) ahead++
    if (ahead > WINDOW) {
      gone.push(was)
      came.push(is)
    } else if (before[b + ahead] === is) {
      for (const end = b + ahead; b < end; b++) gone.push(before[b] as T)
    } else {
      for (const end = a + ahead; a < end; a++) came.push(after[a] as T)
    }
    b++
    a++
  }
  for (; b < before.length; b++) gone.push(before[b] as T)
  for (; a < after.length; a++) came.push(after[a] as T)
  return gone.length === 0 || came.length === 0 ? { gone, came } : withoutCommon(gone, came)
}

/** Items that have only changed their places are neither gone nor new. */
function withoutCommon<T>(gone: readonly T[], came: readonly T[]): ListDifference<T> {
  const left = new Set<T>()
  const again = gone.filter((item) => left.size === left.add(item).size)
  const reallyCame = came.filter((item) => !left.delete(item))
  return { gone: [...left, ...again], came: reallyCame }
}
