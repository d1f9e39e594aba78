import { CLASS, EXTENDED_ERROR, OPCODE, RCODE, TYPE } from '../net/dns-numbers.ts'
import { wireToName } from '../zone/owner-name.ts'
import { RRSET, type Shard } from '../zone/shard.ts'
import type { Zone } from '../zone/zone.ts'
import { chaosRecord } from './chaos.ts'
import { isValidSubnet, NEAR_PREFIX, subnetAddress } from './client-subnet.ts'
import { DROP, gate, HEADER_OCTETS, opcodeOf } from './gate.ts'
import { Ordering, type Random32 } from './ordering.ts'
import { Query } from './query.ts'
import { headerOnly, Reply } from './reply.ts'
import type { AnswerSettings, ClientAddress, Transport } from './settings.ts'

/** The name is not ours: somebody else has to answer. */
export const FORWARD = -2
export { DROP }

/** What the COOKIE option comes to where there is none, or where cookies are off. */
const NO_COOKIE = -1

/** A CNAME chain longer than this is cut, and so is a loop of them. */
const MAX_CNAMES = 8

/** TTL of the HINFO that answers ANY; its only use is to be cached (RFC 8482 §4.2). */
const ANY_TTL = 8482
const HINFO_RDATA = Uint8Array.from([7, ...Buffer.from('RFC8482'), 0])

/**
 * Answers queries from a zone: octets in, octets out, no sockets, no clock, and no allocation for names
 * of the domain. One instance serves one thread.
 */
export class Answerer {
  /** Where answers come from; undefined until the first state is known. */
  zone: Zone | undefined
  /** The query answered last; its fields stay until the next call. */
  readonly query = new Query()
  /**
   * Where, in the reply made last, the target of a CNAME stands that leads out of the domain and that
   * the reply ends in; 0 otherwise. Resolvers' clients expect to be told what it points to.
   */
  foreignTarget = 0
  readonly #settings: AnswerSettings
  readonly #reply: Reply

  constructor(settings: AnswerSettings, random32: Random32) {
    this.#settings = settings
    this.#reply = new Reply(settings, new Ordering(settings.ordering, random32))
  }

  /**
   * Writes the reply to a message into `out` (65,535 octets) and returns its length, or DROP, or FORWARD.
   * `client` is asked only for `resolvSubnetFirst` and for queries with a cookie.
   */
  answer(
    message: Uint8Array,
    length: number,
    out: Uint8Array,
    transport: Transport,
    client?: ClientAddress,
  ): number {
    const { query } = this
    const reply = this.#reply
    this.foreignTarget = 0
    let rcode = gate(message, length)
    if (rcode === DROP) return DROP
    if (rcode === RCODE.FORMERR) return headerOnly(message, out, rcode)
    const parsed = query.parse(message, length)
    if (rcode === RCODE.NOTIMP) return this.#notImplemented(message, out, parsed, transport)
    if (parsed !== RCODE.NOERROR) return headerOnly(message, out, parsed)
    reply.begin(message, query, out, transport)
    if (query.ednsVersion > 0) return reply.refuse(RCODE.BADVERS)
    const cookie = query.cookieAt === 0 ? NO_COOKIE : this.#takeCookie(message, client)
    if (cookie === RCODE.FORMERR) return reply.refuse(RCODE.FORMERR)
    if (!query.hasQuestion) return this.#cookieOnly(message, out, cookie)
    if (query.qclass === CLASS.CH) return this.#chaos()
    if (query.qclass !== CLASS.IN) return reply.refuse(RCODE.REFUSED, EXTENDED_ERROR.NOT_SUPPORTED)
    rcode = this.#checkType(query.type)
    if (rcode !== RCODE.NOERROR) return reply.refuse(rcode, EXTENDED_ERROR.NOT_SUPPORTED)
    const { zone } = this
    if (this.#isBelowApex(message)) {
      if (zone === undefined) return reply.refuse(RCODE.SERVFAIL, EXTENDED_ERROR.NOT_READY)
      return this.#authoritative(zone, message, client)
    }
    // Only names of the domain lose their `.*`.
    if (zone?.hasReverseNames !== true || query.keyLength < query.nameLength) return FORWARD
    const node = zone.shardOf(query.hash).find(query.hash, query.key, query.keyLength)
    return node === 0 ? FORWARD : this.#authoritative(zone, message, client)
  }

  /** Most octets that the reply made last may have. */
  get replyLimit(): number {
    return this.#reply.limit
  }

  /** Whether replies that had to be cut say so. */
  get setTruncateBit(): boolean {
    return this.#settings.setTruncateBit
  }

  /** Opcodes that are messages with a question get it back (RFC 8906 §3.1.4); unknown ones a bare header. */
  #notImplemented(
    message: Uint8Array,
    out: Uint8Array,
    parsed: number,
    transport: Transport,
  ): number {
    const hasQuestion =
      opcodeOf(message) <= OPCODE.UPDATE &&
      opcodeOf(message) !== 3 &&
      message[4] === 0 &&
      message[5] === 1
    if (!hasQuestion || parsed !== RCODE.NOERROR) {
      return headerOnly(message, out, RCODE.NOTIMP)
    }
    this.#reply.begin(message, this.query, out, transport)
    return this.#reply.refuse(RCODE.NOTIMP)
  }

  /**
   * Has the reply carry our cookie; returns what Cookies.take() made of the query's, or NO_COOKIE.
   *
   * A query with a bad server cookie, or with none, is answered all the same: the third of the choices of
   * RFC 7873 §5.2.3. The others, silence and BADCOOKIE, are worth the second round trip they cost each
   * new client only where clients without a cookie are rate limited, and nobody is here.
   */
  #takeCookie(message: Uint8Array, client: ClientAddress | undefined): number {
    const { cookies } = this.#settings
    const address = cookies === undefined ? undefined : client?.()
    if (cookies === undefined || address === undefined) return NO_COOKIE
    const { cookieAt, cookieLength } = this.query
    const rcode = cookies.take(message, cookieAt, cookieLength, address)
    if (rcode !== RCODE.FORMERR) this.#reply.cookie(cookies.option)
    return rcode
  }

  /** A query without a question may ask for a cookie, or whether it has a good one (RFC 7873 §5.4). */
  #cookieOnly(message: Uint8Array, out: Uint8Array, cookie: number): number {
    if (cookie === NO_COOKIE) return headerOnly(message, out, RCODE.FORMERR)
    return this.#reply.finish(cookie)
  }

  /** Zone transfers have no answer as a query, and meta-types no meaning as one (RFC 6895 §3.1). */
  #checkType(type: number): number {
    switch (type) {
      case TYPE.AXFR:
      case TYPE.IXFR:
        return RCODE.REFUSED
      case TYPE.MAILA:
      case TYPE.MAILB:
      case TYPE.TKEY:
      case TYPE.TSIG:
        return RCODE.NOTIMP
      case 0:
      case TYPE.OPT:
        return RCODE.FORMERR
      default:
        return RCODE.NOERROR
    }
  }

  /** Whether the name as sent is the domain or below it. */
  #isBelowApex(message: Uint8Array): boolean {
    const { apex } = this.#settings
    const apexAt = HEADER_OCTETS + this.query.nameLength - apex.length
    if (apexAt < HEADER_OCTETS) return false
    for (let i = 0; i < apex.length; i++) {
      let octet = message[apexAt + i] as number
      if (octet >= 0x41 && octet <= 0x5a) octet |= 0x20
      if (octet !== apex[i]) return false
    }
    let at = HEADER_OCTETS
    while (at < apexAt) at += 1 + (message[at] as number)
    return at === apexAt
  }

  #authoritative(zone: Zone, message: Uint8Array, client: ClientAddress | undefined): number {
    const { query } = this
    const reply = this.#reply
    const settings = this.#settings
    if (settings.resolvSubnetFirst && !this.#takeSubnet(message, client)) {
      return reply.refuse(RCODE.FORMERR)
    }
    const inDomain = this.#isBelowApex(message)
    const soaOwner = inDomain
      ? HEADER_OCTETS + query.nameLength - settings.apex.length
      : HEADER_OCTETS
    reply.authoritative()
    let shard = zone.shardOf(query.hash)
    let node = shard.find(query.hash, query.key, query.keyLength)
    if (node === 0) {
      const silent = settings.compat.srvMissNoError && query.type === TYPE.SRV
      const rcode = this.#isAboveStarred(zone) ? RCODE.NOERROR : RCODE.NXDOMAIN
      return silent ? reply.finish() : reply.negative(rcode, zone.negativeSoa, soaOwner)
    }
    if (query.type === TYPE.ANY && !shard.isEmpty(node)) {
      reply.record(TYPE.HINFO, ANY_TTL, HINFO_RDATA)
      return reply.finish()
    }
    let owner: number = HEADER_OCTETS
    for (let cnames = 0; ; cnames++) {
      const rrset = shard.rrset(node, query.type)
      if (rrset !== 0) {
        reply.answerSet(shard, rrset, owner)
        return reply.finish()
      }
      const cname = shard.rrset(node, TYPE.CNAME)
      if (cname === 0) break
      // Without an SOA, which would deny what the next CNAME leads to (RFC 2308 §2.2).
      if (cnames === MAX_CNAMES) return reply.finish()
      const target = this.#followCname(zone, shard, cname, owner)
      if (target === undefined) return reply.finish()
      if (target.node === 0) return reply.negative(RCODE.NXDOMAIN, zone.negativeSoa, soaOwner)
      ;({ shard, node, owner } = target)
    }
    if (settings.compat.srvMissNoError && query.type === TYPE.SRV) return reply.finish()
    return reply.negative(RCODE.NOERROR, zone.negativeSoa, soaOwner)
  }

  /**
   * Whether a name that is not in the zone, such as `*.marathon.mesos`, has names below it that are
   * answered: `web.*.marathon.mesos` means `web.marathon.mesos`. Then it must not be denied (RFC 8020 §2).
   */
  #isAboveStarred(zone: Zone): boolean {
    const { query } = this
    if (!query.dropLeadingStar()) return false
    return zone.shardOf(query.hash).find(query.hash, query.key, query.keyLength) !== 0
  }

  /**
   * Answers with a CNAME and finds what it points to: undefined for a name outside the domain (see
   * foreignTarget) or when there is no more room, else its node, 0 if there is none.
   */
  #followCname(
    zone: Zone,
    shard: Shard,
    cname: number,
    owner: number,
  ): { shard: Shard; node: number; owner: number } | undefined {
    const target = this.#reply.answerCname(shard, shard.words[cname + RRSET.AT] as number, owner)
    if (target === 0) return undefined
    const { out } = this.#reply
    const query = this.query
    let length = 0
    for (; out[target + length] !== 0; length += 1 + (out[target + length] as number));
    length++
    const name = out.subarray(target, target + length)
    if (!endsWith(name, this.#settings.apex)) {
      this.foreignTarget = target
      return undefined
    }
    query.setKey(name)
    const next = zone.shardOf(query.hash)
    return { shard: next, node: next.find(query.hash, query.key, query.keyLength), owner: target }
  }

  /** Notes the client's subnet for ordering; false if its option is malformed (RFC 7871 §7.1.2). */
  #takeSubnet(message: Uint8Array, client: ClientAddress | undefined): boolean {
    const { subnetAt, subnetLength } = this.query
    if (subnetAt === 0) {
      this.#reply.near(client?.())
      return true
    }
    if (!isValidSubnet(message, subnetAt, subnetLength)) return false
    const address = subnetAddress(message, subnetAt, subnetLength)
    const prefix = address.length === 4 ? NEAR_PREFIX.IPV4 : NEAR_PREFIX.IPV6
    // A client that tells less of its address, or nothing, cannot be told what is near.
    if ((message[subnetAt + 2] as number) < prefix) this.#reply.near(undefined, 0)
    else this.#reply.near(address, prefix)
    return true
  }

  #chaos(): number {
    const { chaos } = this.#settings
    const { query } = this
    const text = chaos?.get(wireToName(query.key))
    if (text === undefined || (query.type !== TYPE.TXT && query.type !== TYPE.ANY)) {
      return this.#reply.refuse(RCODE.REFUSED, EXTENDED_ERROR.NOT_SUPPORTED)
    }
    this.#reply.authoritative()
    this.#reply.readyRecord(chaosRecord(text))
    return this.#reply.finish()
  }
}

/** Whether one uncompressed name is another or below it. */
function endsWith(name: Uint8Array, apex: Uint8Array): boolean {
  const apexAt = name.length - apex.length
  if (apexAt < 0 || !apex.every((octet, i) => octet === name[apexAt + i])) return false
  let at = 0
  while (at < apexAt) at += 1 + (name[at] as number)
  return at === apexAt
}
