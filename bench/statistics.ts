/** The middle of what several rounds gave, and how far apart they were. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Of at least one value; figures are kept to four digits, more than any measurement here is worth. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const [min, max] = [sorted[0], sorted.at(-1)]
  if (min === undefined || max === undefined) throw new RangeError('no values to take a median of')
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? max
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? min) + upper) / 2
  return { median: rounded(median), min: rounded(min), max: rounded(max) }
}

/** The smallest value that this share of all is not above (nearest rank). Of at least one value. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('no values to take a percentile of')
  return rounded(value)
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
