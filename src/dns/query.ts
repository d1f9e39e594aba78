import { OPTION, RCODE, TYPE } from '../net/dns-numbers.ts'
import { HASH_SEED, hashName, hashOctet } from '../zone/name-hash.ts'
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS } from '../zone/owner-name.ts'
import { HEADER_OCTETS } from './gate.ts'

/** Smallest UDP payload size an OPT can mean (RFC 6891 §6.2.3), and the size without one. */
export const MIN_UDP_PAYLOAD = 512

const RR_FIXED_OCTETS = 10
const STAR = 0x2a
const UPPER_A = 0x41
const UPPER_Z = 0x5a

/**
 * One parsed query. An instance is filled again for each message, so that parsing allocates nothing; it
 * is valid until the next parse(), and as long as the message's octets stay.
 */
export class Query {
  /** Where the question ends: the octet after its class. */
  questionEnd = HEADER_OCTETS
  type = 0
  qclass = 0
  /** Octets of the name as it was sent. */
  nameLength = 0
  /**
   * The look-up key: the name lower-cased, without its `.*` (Mesos-DNS compatibility: `web.*.marathon`
   * means `web.marathon`).
   */
  readonly key = new Uint8Array(MAX_NAME_OCTETS + 1)
  keyLength = 0
  hash = 0

  hasEdns = false
  /** Payload size the client takes over UDP, 512 without EDNS. */
  udpPayload = MIN_UDP_PAYLOAD
  ednsVersion = 0
  dnssecOk = false
  wantsNsid = false
  wantsKeepalive = false
  /** Where the rdata of the COOKIE option starts, and its length; 0 when there is none. */
  cookieAt = 0
  cookieLength = 0
  /** The same for the client subnet option (RFC 7871). */
  subnetAt = 0
  subnetLength = 0

  /**
   * Reads a message that passed the gate. Returns an RCODE: NOERROR, or FORMERR (then the fields are only
   * good up to `questionEnd`, which is the header's end if not even the question could be read). Without a
   * question, name, type and class are those of an earlier message: see `hasQuestion`.
   */
  parse(message: Uint8Array, length: number): number {
    this.#clear()
    if (u16(message, 4) !== 0) {
      const nameEnd = this.#parseName(message, length)
      if (nameEnd === 0 || nameEnd + 4 > length) return RCODE.FORMERR
      this.type = u16(message, nameEnd)
      this.qclass = u16(message, nameEnd + 2)
      this.questionEnd = nameEnd + 4
    }
    const records = u16(message, 6) + u16(message, 8) + u16(message, 10)
    let at = this.questionEnd
    for (let i = 0; i < records; i++) {
      at = this.#parseRecord(message, at, length)
      if (at === 0) return RCODE.FORMERR
    }
    return RCODE.NOERROR
  }

  /** False for a query with QDCOUNT 0. */
  get hasQuestion(): boolean {
    return this.questionEnd > HEADER_OCTETS
  }

  #clear(): void {
    this.questionEnd = HEADER_OCTETS
    this.hasEdns = false
    this.udpPayload = MIN_UDP_PAYLOAD
    this.ednsVersion = 0
    this.dnssecOk = false
    this.wantsNsid = false
    this.wantsKeepalive = false
    this.cookieAt = 0
    this.cookieLength = 0
    this.subnetAt = 0
    this.subnetLength = 0
  }

  /** Lower-cases and hashes the question's name into the key; returns where it ends, or 0. */
  #parseName(message: Uint8Array, length: number): number {
    const { key } = this
    let at = HEADER_OCTETS
    let used = 0
    let hash = HASH_SEED
    let stars = false
    for (;;) {
      if (at >= length) return 0
      const label = message[at] as number
      // Also refuses compression pointers: there is nothing before the question to point to.
      if (label > MAX_LABEL_OCTETS) return 0
      const end = at + 1 + label
      if (end > length || used + 1 + label > MAX_NAME_OCTETS) return 0
      if (used > 0 && message[at + 1] === STAR && label > 0) stars = true
      key[used++] = label
      hash = hashOctet(hash, label)
      for (at++; at < end; at++) {
        let octet = message[at] as number
        if (octet >= UPPER_A && octet <= UPPER_Z) octet |= 0x20
        key[used++] = octet
        hash = hashOctet(hash, octet)
      }
      if (label === 0) break
    }
    this.nameLength = used
    this.keyLength = used
    this.hash = hash >>> 0
    if (stars) this.#dropStars()
    return at
  }

  /** Looks for another name from now on: lower-cased, in wire form. */
  setKey(name: Uint8Array): void {
    this.key.set(name)
    this.keyLength = name.length
    this.hash = hashName(name, name.length)
  }

  /** Takes a first label `*` off the key; false if there is none. */
  dropLeadingStar(): boolean {
    const { key } = this
    if (key[0] !== 1 || key[1] !== STAR) return false
    key.copyWithin(0, 2, this.keyLength)
    this.keyLength -= 2
    this.hash = hashName(key, this.keyLength)
    return true
  }

  /**
   * Takes every `.*` out of the key, as Mesos-DNS does with the name's text: a label `*` vanishes, the
   * rest of a label `*rest` joins the label before it. The first label stays.
   */
  #dropStars(): void {
    const { key } = this
    let label = 0
    let used = 1 + (key[0] as number)
    for (let at = used; key[at] !== 0; ) {
      const octets = key[at] as number
      const from = at + 1
      at = from + octets
      if (key[from] === STAR) {
        key.copyWithin(used, from + 1, at)
        key[label] = (key[label] as number) + octets - 1
        used += octets - 1
      } else {
        key.copyWithin(used, from - 1, at)
        label = used
        used += octets + 1
      }
    }
    key[used] = 0
    this.keyLength = used + 1
    this.hash = hashName(key, this.keyLength)
  }

  /** Passes one record behind the question, taking in an OPT; returns where it ends, or 0. */
  #parseRecord(message: Uint8Array, start: number, length: number): number {
    const at = skipName(message, start, length)
    if (at === 0 || at + RR_FIXED_OCTETS > length) return 0
    const end = at + RR_FIXED_OCTETS + u16(message, at + 8)
    if (end > length) return 0
    if (u16(message, at) !== TYPE.OPT) return end
    // One OPT at most, owned by the root (RFC 6891 §6.1.1, §6.1.2).
    if (this.hasEdns || message[start] !== 0) return 0
    this.hasEdns = true
    this.udpPayload = Math.max(MIN_UDP_PAYLOAD, u16(message, at + 2))
    this.ednsVersion = message[at + 5] as number
    this.dnssecOk = ((message[at + 6] as number) & 0x80) !== 0
    return this.#parseOptions(message, at + RR_FIXED_OCTETS, end) ? end : 0
  }

  #parseOptions(message: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end) {
      if (at + 4 > end) return false
      const code = u16(message, at)
      const octets = u16(message, at + 2)
      at += 4
      if (at + octets > end) return false
      if (code === OPTION.NSID) this.wantsNsid = true
      else if (code === OPTION.TCP_KEEPALIVE) this.wantsKeepalive = true
      else if (code === OPTION.COOKIE && this.cookieAt === 0) {
        // Of several only the first counts (RFC 7873 §5.2).
        this.cookieAt = at
        this.cookieLength = octets
      } else if (code === OPTION.CLIENT_SUBNET) {
        this.subnetAt = at
        this.subnetLength = octets
      }
      at += octets
    }
    return true
  }
}

/** Where the name at `start` ends, compressed or not, without following it; 0 if it is cut off. */
function skipName(message: Uint8Array, start: number, length: number): number {
  let at = start
  while (at < length) {
    const label = message[at] as number
    if (label === 0) return at + 1
    if (label >= 0xc0) return at + 2 <= length ? at + 2 : 0
    if (label > MAX_LABEL_OCTETS) return 0
    at += 1 + label
  }
  return 0
}

export function u16(message: Uint8Array, at: number): number {
  return ((message[at] as number) << 8) | (message[at + 1] as number)
}
