import * as numbers from '../net/dns-numbers.ts'
import * as nameHash from '../zone/name-hash.ts'
import * as ownerName from '../zone/owner-name.ts'
import * as gate from './gate.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { OPTION, RCODE, TYPE } = numbers
const { HASH_SEED, hashOctet } = nameHash
const { MAX_LABEL_OCTETS, MAX_NAME_OCTETS } = ownerName
const { HEADER_OCTETS } = gate

/** Smallest UDP payload size an OPT can mean (RFC 6891 §6.2.3), and the size without one. */
export const MIN_UDP_PAYLOAD = 512

const RR_FIXED_OCTETS = 10
const STAR = 0x2a

/** Each octet with A–Z made a–z. A table, as the mixed case of 0x20 queries would mislead a branch predictor. */
const LOWER = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet,
)

/** Labels of the longest name, root included. */
const MAX_LABELS = 128

/**
 * One parsed query. An instance is filled again for each message, so that parsing allocates nothing; it
 * is valid until the next parse(), and as long as the message's octets stay.
 */
export class Query {
  /** Where the question ends: the octet after its class. */
  questionEnd = HEADER_OCTETS
  /** Both 0 without a question. */
  type = 0
  qclass = 0
  /** Octets of the name as it was sent. */
  nameLength = 0
  /**
   * The look-up key: the name lower-cased, without its `.*` (Mesos-DNS compatibility: `web.*.marathon`
   * means `web.marathon`).
   */
  readonly key = new Uint8Array(MAX_NAME_OCTETS + 1)
  /** The key, to be read four octets at a time. */
  readonly keyView = new DataView(this.key.buffer)
  keyLength = 0
  /** hashName() of the key, but as a signed number: those fit into a machine word, the others are objects. */
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

  /** Where the labels of the name as it was sent start, from its first octet on, the root's last. */
  readonly #labelAt = new Uint8Array(MAX_LABELS)
  #labels = 0

  /**
   * Reads a message that passed the gate. Returns an RCODE: NOERROR, or FORMERR (then the fields are only
   * good up to `questionEnd`, which is the header's end if not even the question could be read). Without a
   * question, the name is that of an earlier message: see `hasQuestion`.
   */
  parse(message: Uint8Array, length: number): number {
    this.clear()
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

  /** Forgets the last message: no question, no EDNS. */
  clear(): void {
    this.questionEnd = HEADER_OCTETS
    this.type = 0
    this.qclass = 0
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
    const labelAt = this.#labelAt
    let at = HEADER_OCTETS
    let used = 0
    let hash = HASH_SEED | 0
    let labels = 0
    let stars = false
    for (;;) {
      if (at >= length) return 0
      const label = message[at] as number
      // Also refuses compression pointers: there is nothing before the question to point to.
      if (label > MAX_LABEL_OCTETS) return 0
      const end = at + 1 + label
      if (end > length || used + 1 + label > MAX_NAME_OCTETS) return 0
      labelAt[labels++] = used
      if (used > 0 && message[at + 1] === STAR && label > 0) stars = true
      key[used++] = label
      hash = hashOctet(hash, label)
      for (at++; at < end; at++) {
        const octet = LOWER[message[at] as number] as number
        key[used++] = octet
        hash = hashOctet(hash, octet)
      }
      if (label === 0) break
    }
    this.#labels = labels
    this.nameLength = used
    this.keyLength = used
    this.hash = hash
    if (stars) this.#dropStars()
    return at
  }

  /** Whether the name as it was sent is `apex`, of so many labels and in lower case, or below it. */
  isBelow(message: Uint8Array, apex: Uint8Array, apexLabels: number): boolean {
    const at = this.nameLength - apex.length
    const label = this.#labels - apexLabels
    if (label < 0 || this.#labelAt[label] !== at) return false
    for (let i = 0; i < apex.length; i++) {
      if (LOWER[message[HEADER_OCTETS + at + i] as number] !== apex[i]) return false
    }
    return true
  }

  /** Looks for the name at `at` in `octets` from now on: lower-cased, in wire form. */
  setKey(octets: Uint8Array, at: number, length: number): void {
    for (let i = 0; i < length; i++) this.key[i] = octets[at + i] as number
    this.#keyChanged(length)
  }

  #keyChanged(length: number): void {
    const { key } = this
    let hash = HASH_SEED | 0
    for (let i = 0; i < length; i++) hash = hashOctet(hash, key[i] as number)
    this.keyLength = length
    this.hash = hash
  }

  /** Takes a first label `*` off the key; false if there is none. */
  dropLeadingStar(): boolean {
    const { key } = this
    if (key[0] !== 1 || key[1] !== STAR) return false
    key.copyWithin(0, 2, this.keyLength)
    this.#keyChanged(this.keyLength - 2)
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
    this.#keyChanged(used + 1)
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

/**
 * Hash of the name in a question, lower-cased, as Query.hash has it. Nothing is checked: for a message
 * that is no query it is any number.
 */
export function questionHash(message: Uint8Array): number {
  const end = Math.min(HEADER_OCTETS + MAX_NAME_OCTETS, message.length)
  let hash = HASH_SEED | 0
  for (let at = HEADER_OCTETS; at < end; at++) {
    const label = message[at] as number
    hash = hashOctet(hash, label)
    if (label === 0) break
    for (const next = Math.min(at + label, end - 1); at < next; ) {
      hash = hashOctet(hash, LOWER[message[++at] as number] as number)
    }
  }
  return hash
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
