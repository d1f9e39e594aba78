const MODULUS = 2 ** 32
const HALF = 2 ** 31

/** Whether serial `a` is newer than `b` in the circular order of RFC 1982 §3.2. */
export function isNewer(a: number, b: number): boolean {
  const ahead = (a - b + MODULUS) % MODULUS
  return ahead !== 0 && ahead < HALF
}

/**
 * The serial of changed content: the time in seconds, so that it does not fall back after a restart,
 * but always newer than the previous one even when content changes more than once in a second.
 */
export function nextSerial(previous: number | undefined, nowSeconds: number): number {
  const now = Math.floor(nowSeconds) % MODULUS
  if (previous === undefined || isNewer(now, previous)) return now
  return (previous + 1) % MODULUS
}
