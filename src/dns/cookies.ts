import { RCODE } from '../net/dns-numbers.ts'
import { SipHash } from './siphash.ts'

/** Octets of a client cookie, and of the COOKIE option with every server cookie allowed (RFC 7873 §4). */
const CLIENT_OCTETS = 8
const MIN_BOTH_OCTETS = 16
const MAX_BOTH_OCTETS = 40

/** Our server cookie: version, three reserved octets, timestamp, hash (RFC 9018 §4). */
const VERSION = 1
const TIMESTAMP_AT = CLIENT_OCTETS + 4
const HASH_AT = TIMESTAMP_AT + 4
const OPTION_OCTETS = HASH_AT + 8

/** Seconds that a server cookie is valid, is not replaced yet, and may be ahead of us (RFC 9018 §4.3). */
const MAX_AGE = 3600
const RENEW_AGE = 1800
const MAX_AHEAD = 300

const MAX_ADDRESS_OCTETS = 16

/**
 * Makes and checks the server cookies of RFC 9018: whoever returns one has received a reply of ours at
 * the address it asks from. Nothing is remembered of clients. Servers with the same secret accept each
 * other's cookies.
 */
export class Cookies {
  /** The COOKIE option of the reply: the client's cookie, then ours. Filled by take(). */
  readonly option = new Uint8Array(OPTION_OCTETS)
  readonly #sipHash: SipHash
  readonly #clock: () => number
  readonly #input = new Uint8Array(HASH_AT + MAX_ADDRESS_OCTETS)
  readonly #hash = new Uint8Array(OPTION_OCTETS - HASH_AT)

  /** `secret` is 16 octets; `clock` gives Unix time in whole seconds. */
  constructor(secret: Uint8Array, clock: () => number) {
    this.#sipHash = new SipHash(secret)
    this.#clock = clock
  }

  /**
   * Takes the rdata of a query's COOKIE option, `length` octets at `at`, and the client's address, 4 or
   * 16 octets. Returns FORMERR for a malformed one (RFC 7873 §5.2.2). Otherwise `option` is what the
   * reply has to carry, and the result is BADCOOKIE if there was a server cookie that is not valid, else
   * NOERROR.
   */
  take(message: Uint8Array, at: number, length: number, client: Uint8Array): number {
    const hasServerCookie = length >= MIN_BOTH_OCTETS && length <= MAX_BOTH_OCTETS
    if (length !== CLIENT_OCTETS && !hasServerCookie) return RCODE.FORMERR
    const { option } = this
    const now = this.#clock()
    const isOurs = length === OPTION_OCTETS && message[at + CLIENT_OCTETS] === VERSION
    const taken = isOurs ? OPTION_OCTETS : CLIENT_OCTETS
    for (let i = 0; i < taken; i++) option[i] = message[at + i] as number
    if (isOurs && this.#isValid(client, now)) {
      if (ageOf(option, now) > RENEW_AGE) this.#make(client, now)
      return RCODE.NOERROR
    }
    this.#make(client, now)
    return hasServerCookie ? RCODE.BADCOOKIE : RCODE.NOERROR
  }

  /** Whether the server cookie in `option` was made with our secret for this client, and not too long ago. */
  #isValid(client: Uint8Array, now: number): boolean {
    const age = ageOf(this.option, now)
    if (age > MAX_AGE || age < -MAX_AHEAD) return false
    this.#computeHash(client)
    // In constant time: a client must not find out how many octets of a guess were right.
    let difference = 0
    for (let i = 0; i < this.#hash.length; i++) {
      difference |= (this.#hash[i] as number) ^ (this.option[HASH_AT + i] as number)
    }
    return difference === 0
  }

  /** Puts a new server cookie behind the client's. */
  #make(client: Uint8Array, now: number): void {
    const { option } = this
    option[CLIENT_OCTETS] = VERSION
    option.fill(0, CLIENT_OCTETS + 1, TIMESTAMP_AT)
    for (let i = 0; i < 4; i++) option[TIMESTAMP_AT + i] = now >>> (24 - 8 * i)
    this.#computeHash(client)
    option.set(this.#hash, HASH_AT)
  }

  /** The hash of everything before it, reserved octets as they are, and the address (RFC 9018 §4.4). */
  #computeHash(client: Uint8Array): void {
    const input = this.#input
    for (let i = 0; i < HASH_AT; i++) input[i] = this.option[i] as number
    input.set(client, HASH_AT)
    this.#sipHash.hash(input, HASH_AT + client.length, this.#hash)
  }
}

/** Seconds since the timestamp, negative if it is ahead, in serial number arithmetic (RFC 1982). */
function ageOf(option: Uint8Array, now: number): number {
  let timestamp = 0
  for (let i = 0; i < 4; i++) timestamp = (timestamp << 8) | (option[TIMESTAMP_AT + i] as number)
  return (now - timestamp) | 0
}
