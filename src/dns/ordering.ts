import type { Config } from '../config/schema.ts'

/** More records than this never fit into a message. */
const MAX_RECORDS = 0xffff

/** Returns 32 random bits as a signed number, which fits into a machine word. */
export type Random32 = () => number

const PER_BIT = 2 ** -32

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
      let place = turn % pool
      for (let i = 0; i < take; i++) {
        places[i] = place
        if (++place === pool) place = 0
      }
      return
    }
    for (let i = 0; i < pool; i++) places[i] = i
    if (this.policy === 'fixed') return
    // The first `take` steps of a Fisher–Yates shuffle.
    const steps = Math.min(take, pool - 1)
    for (let i = 0; i < steps; i++) {
      const j = i + Math.floor((this.#random32() >>> 0) * (pool - i) * PER_BIT)
      const place = places[i] as number
      places[i] = places[j] as number
      places[j] = place
    }
  }

  /**
   * Moves the first `count` chosen places whose octets equal `near` to the front, keeping the order on both
   * sides. Place n has its octets at `at` + n × `stride`; the first `prefix` count.
   */
  nearFirst(
    count: number,
    octets: Uint8Array,
    at: number,
    stride: number,
    near: Uint8Array,
    prefix: number,
  ): void {
    const { places } = this
    let front = 0
    for (let i = 0; i < count; i++) {
      const place = places[i] as number
      const start = at + place * stride
      let equal = 0
      while (equal < prefix && octets[start + equal] === near[equal]) equal++
      if (equal < prefix) continue
      places.copyWithin(front + 1, front, i)
      places[front++] = place
    }
  }
}

/** xoshiro128** of Blackman and Vigna: fast and uniform, not for secrets. `seed` is four 32-bit words. */
export function xoshiro128(seed: Uint32Array): Random32 {
  const state = Int32Array.from(seed)
  return () => {
    const b = state[1] as number
    const c = (state[2] as number) ^ (state[0] as number)
    const d = (state[3] as number) ^ b
    const product = Math.imul(b, 5)
    state[0] = (state[0] as number) ^ d
    state[1] = b ^ c
    state[2] = c ^ (b << 9)
    state[3] = (d << 11) | (d >>> 21)
    return Math.imul((product << 7) | (product >>> 25), 9)
  }
}
