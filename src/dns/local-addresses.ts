import { bytesToIp } from '../net/address.ts'
import type { Binding } from '../sockets/index.ts'

/** A client that can send to any address of a routed network must not make us open sockets for all. */
const MAX_ADDRESSES = 64

/** An entry, in 32-bit words: octets of the address (0 until it is complete), interface, address. */
const ENTRY = { LENGTH: 0, INTERFACE: 1, ADDRESS: 2, WORDS: 6 } as const

/**
 * Addresses that queries to a wildcard socket were sent to and that no interface was known to have, found
 * by one query thread and used by all: each has to open a socket for them, between which the system
 * spreads the clients.
 */
export class LocalAddresses {
  readonly #words: Int32Array
  readonly #octets: Uint8Array
  /** Entries that next() has given. */
  #read = 0

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory)
    this.#octets = new Uint8Array(memory)
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * (1 + MAX_ADDRESSES * ENTRY.WORDS))
  }

  /** Adds one that is not there yet; when there are too many, it is left out. */
  add(octets: Uint8Array, networkInterface: number): void {
    const index = Atomics.load(this.#words, 0)
    if (index >= MAX_ADDRESSES) return
    // Queries to one address reach several threads before any of them has a socket for it.
    for (let i = 0; i < index; i++) if (this.#mayBe(i, octets, networkInterface)) return
    // Another thread may have taken this place: then the next query to the address tries again.
    if (Atomics.compareExchange(this.#words, 0, index, index + 1) !== index) return
    const word = wordOf(index)
    this.#octets.set(octets, 4 * (word + ENTRY.ADDRESS))
    this.#words[word + ENTRY.INTERFACE] = networkInterface
    Atomics.store(this.#words, word + ENTRY.LENGTH, octets.length)
  }

  /** Whether an entry is this address, or not complete yet. */
  #mayBe(index: number, octets: Uint8Array, networkInterface: number): boolean {
    const word = wordOf(index)
    const length = Atomics.load(this.#words, word + ENTRY.LENGTH)
    if (length === 0) return true
    if (length !== octets.length || this.#words[word + ENTRY.INTERFACE] !== networkInterface) {
      return false
    }
    const at = 4 * (word + ENTRY.ADDRESS)
    return octets.every((octet, i) => octet === this.#octets[at + i])
  }

  /** One that this thread has not seen yet; undefined if there is none. */
  next(): Omit<Binding, 'port'> | undefined {
    if (this.#read === Atomics.load(this.#words, 0)) return undefined
    const word = wordOf(this.#read)
    const length = Atomics.load(this.#words, word + ENTRY.LENGTH)
    if (length === 0) return undefined
    this.#read++
    const at = 4 * (word + ENTRY.ADDRESS)
    return {
      host: bytesToIp(this.#octets.slice(at, at + length)),
      scope: this.#words[word + ENTRY.INTERFACE] as number,
    }
  }
}

function wordOf(index: number): number {
  return 1 + index * ENTRY.WORDS
}
