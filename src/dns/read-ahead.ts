import type { Zone } from '../zone/zone.ts'

/** A zone of fewer names, at some 200 octets each, mostly is in the caches as it is. */
const CACHED_NAMES = 30_000

/** Names that are looked for together: as many as the processor may wait for at once, or some more. */
const MOST = 32

/** A cache line of most processors, and how many of them a node with few records takes. */
const LINE_WORDS = 16
const LINES = 3

/**
 * Brings what several look-ups need into the processor's caches. In a big zone each look-up waits for
 * memory several times in a row; that of the next one does not depend on it, but lies too far ahead for
 * the processor to see. Here they are close together, so that it waits for all of them at once.
 */
export class ReadAhead {
  static readonly MOST = MOST

  /** Whether it is worth it. */
  static pays(zone: Zone): boolean {
    return zone.names >= CACHED_NAMES
  }

  readonly #hashes = new Int32Array(MOST)
  readonly #nodes = new Int32Array(MOST)
  #count = 0
  /** What was read: were it of no use, the compiler would not read it. */
  sum = 0

  /** Adds a name by its hash, up to MOST of them. */
  add(hash: number): void {
    this.#hashes[this.#count++] = hash
  }

  /** Reads where the names should be in the domain, and forgets them. */
  read(zone: Zone): void {
    const hashes = this.#hashes
    const nodes = this.#nodes
    const count = this.#count
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number
      nodes[i] = zone.shardOf(hash).candidate(hash)
    }
    let sum = 0
    for (let i = 0; i < count; i++) {
      const { words } = zone.shardOf(hashes[i] as number)
      const node = nodes[i] as number
      const end = Math.min(node + LINES * LINE_WORDS, words.length)
      for (let at = node; at < end; at += LINE_WORDS) sum ^= words[at] as number
    }
    this.#count = 0
    this.sum = sum
  }
}
