/** A copy in random order (Fisher–Yates); `random` gives [0, 1). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const item = result[i] as T // i and j are below the length
    result[i] = result[j] as T
    result[j] = item
  }
  return result
}
