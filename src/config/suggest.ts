/**
 * The candidate somebody may have meant by a misspelled word, or undefined if none is near: at most
 * two slips, and at most one for every three letters. Letter case and underscores do not count.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word)
  let best: string | undefined
  let least = Math.min(2, Math.floor(wanted.length / 3))
  for (const candidate of candidates) {
    const slips = distance(wanted, fold(candidate))
    if (slips < least || (slips === least && best === undefined)) {
      best = candidate
      least = slips
    }
  }
  return best
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll('_', '')
}

/** Edit distance in which two letters swapped count once (optimal string alignment). */
function distance(a: string, b: string): number {
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (old[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped && i > 1 && j > 1 ? (older[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      row[j] = Math.min((old[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change, swap)
    }
    older = old
    old = row
  }
  return old[b.length] ?? 0
}
