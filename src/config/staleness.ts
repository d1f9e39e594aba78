/** `staleAfter` = 0 is that many times `refreshSeconds`. */
const PERIODS = 3

/** Seconds without word from a leading master after which answers are marked as stale. */
export function secondsUntilStale(config: {
  readonly staleAfter: number
  readonly refreshSeconds: number
}): number {
  return config.staleAfter || PERIODS * config.refreshSeconds
}
