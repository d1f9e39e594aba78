import type { Config } from '../config/schema.ts'

/** More records than this never fit into a message. */
const MAX_RECORDS = 0xffff

/** Returns a uniform number in [0, 2^32). */
export type Random32 = () => number

/**
 * Chooses which records of a set go into an answer, and in which order. Works in a buffer of its own,
 * so that it allocates nothing.
 */
export class Ordering {
  /** After choose(): the places of the chosen records in the set. */
  readonly places = new Uint16Array(MAX_RECORDS)
  readonly policy: Config['ordering']
  readonly #random32: Random32

  constructor(policy: Config['ordering'], random32: Random32) {
    this.policy = policy
    this.#random32 = random32
  }

  /**
   * Puts `take` of the first `pool` places into `places`: all orders equally likely (`random`), in turn
   * from the `turn`-th on (`roundrobin`), or the first ones (`fixed`).
   */
  choose(pool: number, take: number, turn: number): void {
    const { places } = this
    if (this.policy === 'roundrobin') {
      for (let i = 0; i < take; i++) places[i] = (turn + i) % pool
      return
    }
    for (let i = 0; i < pool; i++) places[i] = i
    if (this.policy === 'fixed') return
    // The first `take` steps of a Fisher–Yates shuffle.
    const steps = Math.min(take, pool - 1)
    for (let i = 0; i < steps; i++) {
      const j = i + Math.floor((this.#random32() * (pool - i)) / 2 ** 32)
      const place = places[i] as number
      places[i] = places[j] as number
      places[j] = place
    }
  }

  /** Moves the chosen places for which `isNear` holds to the front, keeping the order on both sides. */
  nearFirst(take: number, isNear: (place: number) => boolean): void {
    const { places } = this
    let near = 0
    for (let i = 0; i < take; i++) {
      const place = places[i] as number
      if (!isNear(place)) continue
      places.copyWithin(near + 1, near, i)
      places[near++] = place
    }
  }
}

/** xoshiro128** of Blackman and Vigna: fast and uniform, not for secrets. `seed` is four 32-bit words. */
export function xoshiro128(seed: Uint32Array): Random32 {
  let [a = 1, b = 2, c = 3, d = 4] = seed
  return () => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result
  }
}
