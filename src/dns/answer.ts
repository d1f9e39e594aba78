import * as freshness from '../freshness.ts'
import * as numbers from '../net/dns-numbers.ts'
import { wireToName } from '../zone/owner-name.ts'
import type { Shard } from '../zone/shard.ts'
import type { NegativeSoa } from '../zone/soa-compression.ts'
import type { Zone } from '../zone/zone.ts'
import { chaosRecord } from './chaos.ts'
import {
  isValidSubnet,
  NEAR_OCTETS,
  SUBNET_FIXED_OCTETS,
  subnetFamilyOctets,
} from './client-subnet.ts'
import * as gateway from './gate.ts'
import { Ordering, type Random32 } from './ordering.ts'
import { Query, questionHash } from './query.ts'
import { ReadAhead } from './read-ahead.ts'
import { Reply } from './reply.ts'
import { RRsetWriter } from './rrset-writer.ts'
import type { AnswerSettings, Client, Transport } from './settings.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { CLASS, EXTENDED_ERROR, OPCODE, RCODE, TYPE } = numbers
const { FRESHNESS } = freshness
const { DROP, gate, HEADER_OCTETS, opcodeOf } = gateway

/** The name is not ours: somebody else has to answer. */
export const FORWARD = -2
export { DROP } from './gate.ts'

/** What the COOKIE option comes to where there is none, or where cookies are off. */
const NO_COOKIE = -1

/** A CNAME chain longer than this is cut, and so is a loop of them. */
const MAX_CNAMES = 8

/**
 * What ANY is answered with (RFC 8482 §4.2): a HINFO owned by the question, class IN, with a TTL of 8482
 * seconds; its only use is to be cached.
 */
const ANY_RECORD = Uint8Array.of(
  ...[0xc0, HEADER_OCTETS, 0, TYPE.HINFO, 0, CLASS.IN, 0, 0, 8482 >> 8, 8482 & 0xff, 0, 9],
  ...[7, ...Buffer.from('RFC8482'), 0],
)

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
  readonly #freshness: freshness.Freshness
  readonly #apexLabels: number
  readonly #reply: Reply
  readonly #sets: RRsetWriter
  readonly #readAhead = new ReadAhead()

  /** Names of ours are marked or refused by `freshness`; default: all there is stays fresh. */
  constructor(
    settings: AnswerSettings,
    random32: Random32,
    fresh: freshness.Freshness = new freshness.Freshness(),
  ) {
    this.#settings = settings
    this.#freshness = fresh
    this.#apexLabels = labelsOf(settings.apex)
    this.#reply = new Reply(settings)
    const ordering = new Ordering(settings.ordering, random32)
    this.#sets = new RRsetWriter(this.#reply, ordering, settings.maxAnswers)
  }

  /**
   * Writes the reply to a message into `out` and returns its length, or DROP, or FORWARD. There must be
   * room for 65,535 octets, over UDP only for as many as are configured (`ednsBufferSize`), at least 512.
   * `out` may be the message itself, which is the cheapest; it is then overwritten unless it is DROP or FORWARD.
   * `client` is asked only for `resolvSubnetFirst` and for queries with a cookie.
   */
  answer(
    message: Uint8Array,
    length: number,
    out: Uint8Array,
    transport: Transport,
    client?: Client,
  ): number {
    const { query } = this
    const reply = this.#reply
    this.foreignTarget = 0
    let rcode = gate(message, length)
    if (rcode === DROP) return DROP
    if (rcode === RCODE.FORMERR) {
      query.clear()
      return reply.headerOnly(message, out, rcode)
    }
    const parsed = query.parse(message, length)
    if (rcode === RCODE.NOTIMP) return this.#notImplemented(message, out, parsed, transport)
    if (parsed !== RCODE.NOERROR) return reply.headerOnly(message, out, parsed)
    reply.begin(message, query, out, transport)
    if (query.ednsVersion > 0) return reply.refuse(RCODE.BADVERS)
    const cookie = query.cookieAt === 0 ? NO_COOKIE : this.#takeCookie(message, client)
    if (cookie === RCODE.FORMERR) return reply.refuse(RCODE.FORMERR)
    if (!query.hasQuestion) return this.#cookieOnly(message, out, cookie)
    if (query.qclass === CLASS.CH) return this.#chaos()
    if (query.qclass !== CLASS.IN) return reply.refuse(RCODE.REFUSED, EXTENDED_ERROR.NOT_SUPPORTED)
    rcode = checkType(query.type)
    if (rcode !== RCODE.NOERROR) return reply.refuse(rcode, EXTENDED_ERROR.NOT_SUPPORTED)
    const { zone } = this
    const { apex } = this.#settings
    if (query.isBelow(message, apex, this.#apexLabels)) {
      if (zone === undefined) return reply.refuse(RCODE.SERVFAIL, EXTENDED_ERROR.NOT_READY)
      const apexAt = HEADER_OCTETS + query.nameLength - apex.length
      const shard = zone.shardOf(query.hash)
      const node = shard.find(query.hash, query.keyView, 0, query.keyLength)
      return this.#authoritative(zone, shard, node, zone.ownNegativeSoa, apexAt, message, client)
    }
    // Only names of the domain lose their `.*`.
    if (zone?.hasReverseNames !== true || query.keyLength < query.nameLength) return FORWARD
    const shard = zone.reverseShardOf(query.hash)
    const node = shard.find(query.hash, query.keyView, 0, query.keyLength)
    if (node === 0) return FORWARD
    return this.#authoritative(
      zone,
      shard,
      node,
      zone.reverseNegativeSoa,
      HEADER_OCTETS,
      message,
      client,
    )
  }

  /**
   * Reads ahead for the messages from `first` to before `end`, which are to be answered next. In a big zone
   * a name is seldom in the processor's caches; several are fetched in little more time than one.
   */
  expect(messages: readonly Uint8Array[], first: number, end: number): void {
    const { zone } = this
    if (zone === undefined || !ReadAhead.pays(zone)) return
    for (let next = first; next < end; ) {
      const stop = Math.min(next + ReadAhead.MOST, end)
      for (; next < stop; next++) this.#readAhead.add(questionHash(messages[next] as Uint8Array))
      this.#readAhead.read(zone)
    }
  }

  /** Whether a zone is that of the configured domain: from another one there is nothing to answer. */
  isOfDomain({ apex }: Pick<Zone, 'apex'>): boolean {
    return Buffer.compare(apex, this.#settings.apex) === 0
  }

  /** Extended RCODE of the reply made last: upper eight bits (RFC 6891 §6.1.3). */
  get extendedRcode(): number {
    return this.#reply.extendedRcode
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
      return this.#reply.headerOnly(message, out, RCODE.NOTIMP)
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
  #takeCookie(message: Uint8Array, client: Client | undefined): number {
    const { cookies } = this.#settings
    const address = cookies === undefined ? undefined : client?.addressOctets()
    if (cookies === undefined || address === undefined) return NO_COOKIE
    const { cookieAt, cookieLength } = this.query
    const rcode = cookies.take(message, cookieAt, cookieLength, address)
    if (rcode !== RCODE.FORMERR) this.#reply.cookie(cookies.option)
    return rcode
  }

  /** A query without a question may ask for a cookie, or whether it has a good one (RFC 7873 §5.4). */
  #cookieOnly(message: Uint8Array, out: Uint8Array, cookie: number): number {
    if (cookie === NO_COOKIE) return this.#reply.headerOnly(message, out, RCODE.FORMERR)
    return this.#reply.finish(cookie)
  }

  /**
   * Answers from a node, 0 if the name does not exist. What is denied is denied with `soa`; `soaOwner` is where in the question the name of
   * the zone starts: the domain, or a reverse name, each of which is a zone of its own.
   */
  #authoritative(
    zone: Zone,
    shard: Shard,
    node: number,
    soa: NegativeSoa,
    soaOwner: number,
    message: Uint8Array,
    client: Client | undefined,
  ): number {
    const { query } = this
    const { type } = query
    const reply = this.#reply
    const settings = this.#settings
    if (settings.resolvSubnetFirst && !this.#takeSubnet(message, client)) {
      return reply.refuse(RCODE.FORMERR)
    }
    const { level } = this.#freshness
    if (level !== FRESHNESS.FRESH) {
      if (level === FRESHNESS.EXPIRED) {
        return reply.refuse(RCODE.SERVFAIL, EXTENDED_ERROR.NO_REACHABLE_AUTHORITY)
      }
      reply.stale = true
    }
    reply.authoritative = true
    const silent = type === TYPE.SRV && settings.compat.srvMissNoError
    if (node === 0) {
      const rcode = this.#isAboveStarred(zone) ? RCODE.NOERROR : RCODE.NXDOMAIN
      return silent ? reply.finish() : reply.negative(rcode, soa, soaOwner)
    }
    if (type === TYPE.ANY && (!shard.isEmpty(node) || shard.isApex(node))) {
      reply.answer(ANY_RECORD)
      return reply.finish()
    }
    const ofApex = type === TYPE.SOA || type === TYPE.NS
    let owner: number = HEADER_OCTETS
    for (let cnames = 0; ; cnames++) {
      if (ofApex && shard.isApex(node)) {
        shard = zone.apexShard
        node = zone.apexNode
      }
      const rrset = shard.rrset(node, type)
      if (rrset !== 0) {
        this.#sets.answer(zone, shard, rrset, owner)
        return reply.finish()
      }
      const cname = shard.rrset(node, TYPE.CNAME)
      if (cname === 0) break
      // Without an SOA, which would deny what the next CNAME leads to (RFC 2308 §2.2).
      if (cnames === MAX_CNAMES) return reply.finish()
      owner = this.#sets.answerCname(shard, cname, owner)
      if (owner === 0 || !this.#isOwnTarget(owner)) return reply.finish()
      shard = zone.shardOf(query.hash)
      node = shard.find(query.hash, query.keyView, 0, query.keyLength)
      if (node === 0) return reply.negative(RCODE.NXDOMAIN, soa, soaOwner)
    }
    if (silent) return reply.finish()
    return reply.negative(RCODE.NOERROR, soa, soaOwner)
  }

  /**
   * Whether a name that is not in the zone, such as `*.marathon.mesos`, has names below it that are
   * answered: `web.*.marathon.mesos` means `web.marathon.mesos`. Then it must not be denied (RFC 8020 §2).
   */
  #isAboveStarred(zone: Zone): boolean {
    const { query } = this
    if (!query.dropLeadingStar()) return false
    return zone.shardOf(query.hash).find(query.hash, query.keyView, 0, query.keyLength) !== 0
  }

  /**
   * Makes the target of a CNAME, which stands at `target` in the reply, the name that is looked for. False
   * if it is not in the domain; see foreignTarget.
   */
  #isOwnTarget(target: number): boolean {
    const { out } = this.#reply
    const { apex } = this.#settings
    const apexAt = target + nameLength(out, target) - apex.length
    let at = target
    while (at < apexAt) at += 1 + (out[at] as number)
    let equal = 0
    while (at === apexAt && equal < apex.length && out[at + equal] === apex[equal]) equal++
    if (equal < apex.length) {
      this.foreignTarget = target
      return false
    }
    this.query.setKey(out, target, apexAt + apex.length - target)
    return true
  }

  /** Notes the client's subnet for ordering; false if its option is malformed (RFC 7871 §7.1.2). */
  #takeSubnet(message: Uint8Array, client: Client | undefined): boolean {
    const { subnetAt, subnetLength } = this.query
    const sets = this.#sets
    sets.nearNone()
    if (subnetAt === 0) {
      const address = client?.addressOctets()
      if (address !== undefined) sets.near(address, 0, address.length)
      return true
    }
    if (!isValidSubnet(message, subnetAt, subnetLength)) return false
    const octets = subnetFamilyOctets(message, subnetAt)
    const prefix = 8 * (octets === 4 ? NEAR_OCTETS.IPV4 : NEAR_OCTETS.IPV6)
    // A client that tells less of its address, or nothing, cannot be told what is near.
    const isNear = (message[subnetAt + 2] as number) >= prefix
    if (isNear) sets.near(message, subnetAt + SUBNET_FIXED_OCTETS, octets)
    this.#reply.subnet(message, subnetAt, subnetLength, isNear ? prefix : 0)
    return true
  }

  #chaos(): number {
    const { chaos } = this.#settings
    const { query } = this
    const text = chaos?.get(wireToName(query.key))
    if (text === undefined || (query.type !== TYPE.TXT && query.type !== TYPE.ANY)) {
      return this.#reply.refuse(RCODE.REFUSED, EXTENDED_ERROR.NOT_SUPPORTED)
    }
    this.#reply.authoritative = true
    this.#reply.answer(chaosRecord(text))
    return this.#reply.finish()
  }
}

/** Zone transfers have no answer as a query, and meta-types no meaning as one (RFC 6895 §3.1). */
function checkType(type: number): number {
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

/** Octets of the uncompressed name at `start`. */
function nameLength(octets: Uint8Array, start: number): number {
  let at = start
  while (octets[at] !== 0) at += 1 + (octets[at] as number)
  return at + 1 - start
}

/** Number of labels of an uncompressed name, the root's included. */
function labelsOf(name: Uint8Array): number {
  let labels = 1
  for (let at = 0; name[at] !== 0; at += 1 + (name[at] as number)) labels++
  return labels
}
