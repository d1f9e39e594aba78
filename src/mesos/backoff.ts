/** Bounds of a delay that doubles, in milliseconds. */
export interface Backoff {
  readonly minMs: number
  readonly maxMs: number
}

/**
 * Milliseconds to wait before attempt `n` (0 is the first retry): `minMs` doubled `n` times, at most
 * `maxMs`, of which a random half keeps a fleet of servers from coming back in step. `random` gives
 * [0, 1).
 */
export function backoffDelay(n: number, { minMs, maxMs }: Backoff, random: () => number): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(n, 30))
  return ceiling / 2 + (random() * ceiling) / 2
}
