import type { Config } from '../../src/config/schema.ts'
import { ipToBytes } from '../../src/net/address.ts'
import { RCODE, TYPE } from '../../src/net/dns-numbers.ts'
import type { RecordSet, RecordType } from '../../src/records/record-set.ts'

/** A query that both the answerer and the model are asked. */
export interface ModelQuery {
  readonly name: string
  readonly type: number
  /** Payload size of its OPT; undefined without one. */
  readonly payload: number | undefined
  readonly transport: 'udp' | 'tcp'
}

/** What the reply has to be, or `forward`. Records are lines, as `presentation()` makes them. */
export interface ModelReply {
  readonly rcode: number
  readonly tc: boolean
  /** CNAMEs, in their order. */
  readonly chain: readonly string[]
  /** The records that may follow them, and how many of these have to. */
  readonly pool: readonly string[]
  readonly take: number
  /** What has to follow the answers in the additional section, once their order is known. */
  readonly glue: (answers: readonly string[]) => readonly string[]
  readonly authority: readonly string[]
  readonly limit: number
}

const HEADER = 12
const OPT = 11
const FIXED = 10
const POINTER = 2
const TYPE_OF: Readonly<Record<string, number>> = { ...TYPE }

interface Set {
  readonly type: number
  readonly ttl: number
  readonly name: string
  readonly rdata: readonly string[]
}

/**
 * Answers as slowly and plainly as can be: maps of names in presentation format, lines of text, and sizes
 * added up by hand. Nothing of it is shared with the answerer but the records.
 */
export class Model {
  readonly #nodes = new Map<string, Map<number, Set>>()
  readonly #config: Config
  readonly #soa: string
  readonly #apex: string

  constructor(records: RecordSet, config: Config, serial: number) {
    this.#config = config
    this.#apex = `${config.domain}.`
    const { soaMname, soaRname, soaRefresh, soaRetry, soaExpire, soaMinttl, ttl } = config
    this.#soa = `${soaMname} ${soaRname} ${serial} ${soaRefresh} ${soaRetry} ${soaExpire} ${soaMinttl}`
    this.#add(this.#apex, 'SOA', ttl, [this.#soa])
    this.#add(this.#apex, 'NS', ttl, [soaMname])
    for (const { name, type, ttl: own, rdata } of records) {
      this.#add(name, type, own ?? ttl, canonicalOrder(TYPE_OF[type] ?? 0, rdata))
      if (!this.#owns(name)) {
        this.#add(name, 'SOA', ttl, [this.#soa])
        this.#add(name, 'NS', ttl, [soaMname])
        continue
      }
      for (let up = name; up !== this.#apex; up = up.slice(up.indexOf('.') + 1)) this.#node(up)
    }
  }

  #node(name: string): Map<number, Set> {
    const node = this.#nodes.get(name) ?? new Map<number, Set>()
    this.#nodes.set(name, node)
    return node
  }

  #add(name: string, type: RecordType | 'SOA' | 'NS', ttl: number, rdata: string[]): void {
    const number = TYPE_OF[type] ?? 0
    this.#node(name).set(number, { name, type: number, ttl, rdata })
  }

  #owns(name: string): boolean {
    return name === this.#apex || name.endsWith(`.${this.#apex}`)
  }

  answer(query: ModelQuery): ModelReply | 'forward' {
    const asked = query.name.toLowerCase()
    const key = asked.replaceAll('.*', '')
    const owned = this.#owns(asked)
    if (!owned && !this.#nodes.has(asked)) return 'forward'
    const apex = owned ? query.name.slice(-this.#apex.length) : query.name
    const { ednsBufferSize, compat } = this.#config
    const edns = query.payload !== undefined
    const limit =
      query.transport === 'tcp'
        ? 65_535
        : Math.min(Math.max(512, query.payload ?? 512), edns ? ednsBufferSize : 512)
    const room = limit - HEADER - nameOctets(query.name) - 4 - (edns ? OPT : 0)
    const done = (rcode: number, chain: readonly string[], used: number, soa: boolean) =>
      this.#denial({ rcode, chain, room: room - used, limit, apex: soa ? apex : undefined })

    const node = this.#nodes.get(key)
    const quiet = compat.srvMissNoError && query.type === TYPE.SRV
    if (node === undefined) {
      const above = key.startsWith('*.') && this.#nodes.has(key.slice(2))
      return done(above || quiet ? RCODE.NOERROR : RCODE.NXDOMAIN, [], 0, !quiet)
    }
    if (query.type === TYPE.ANY && node.size > 0) {
      const hinfo = `${query.name} 8482 HINFO "RFC8482" ""`
      return { ...done(RCODE.NOERROR, [], 0, false), pool: [hinfo], take: 1 }
    }
    return this.#follow(query, { node, owner: query.name, room, limit, done, quiet })
  }

  #follow(
    { type }: ModelQuery,
    start: {
      node: Map<number, Set>
      owner: string
      room: number
      limit: number
      done: (rcode: number, chain: readonly string[], used: number, soa: boolean) => ModelReply
      quiet: boolean
    },
  ): ModelReply {
    const { room, limit, done, quiet } = start
    let { node, owner } = start
    const chain: string[] = []
    for (let used = 0; ; ) {
      const set = node.get(type)
      if (set !== undefined) return this.#answered(set, owner, chain, room - used, limit)
      const cname = node.get(TYPE.CNAME)
      if (cname === undefined) return done(RCODE.NOERROR, chain, used, !quiet)
      if (chain.length === 8) return done(RCODE.NOERROR, chain, used, false)
      const target = cname.rdata[0] ?? ''
      const octets = POINTER + FIXED + nameOctets(target)
      if (used + octets > room) return { ...done(RCODE.NOERROR, chain, used, false), tc: true }
      used += octets
      chain.push(`${owner} ${cname.ttl} CNAME ${target}`)
      if (!this.#owns(target)) return done(RCODE.NOERROR, chain, used, false)
      const next = this.#nodes.get(target)
      if (next === undefined) return done(RCODE.NXDOMAIN, chain, used, true)
      node = next
      owner = target
    }
  }

  #denial(parts: {
    rcode: number
    chain: readonly string[]
    room: number
    limit: number
    apex: string | undefined
  }): ModelReply {
    const { rcode, chain, room, limit, apex } = parts
    const { ttl, soaMinttl, soaMname, soaRname } = this.#config
    const isOwn = apex?.toLowerCase() === this.#apex
    // In the domain, names end in the apex of the question, as it was asked.
    const own = isOwn ? [this.#apex] : []
    const inMname = isOwn ? [...own, ...tailsOf(soaMname, this.#apex)] : []
    const names = shortOctets(soaMname, own) + shortOctets(soaRname, inMname)
    const octets = POINTER + FIXED + names + 20
    const fits = octets <= room
    const [mname = '', rname = '', ...numbers] = this.#soa.split(' ')
    const ends = [mname, rname].map((name) =>
      isOwn && `.${name}`.endsWith(`.${this.#apex}`)
        ? name.slice(0, -this.#apex.length) + apex
        : name,
    )
    const line = `${apex} ${Math.min(ttl, soaMinttl)} SOA ${[...ends, ...numbers].join(' ')}`
    return {
      rcode,
      tc: apex !== undefined && !fits,
      chain,
      pool: [],
      take: 0,
      glue: () => [],
      authority: apex !== undefined && fits ? [line] : [],
      limit,
    }
  }

  #answered(
    set: Set,
    owner: string,
    chain: readonly string[],
    room: number,
    limit: number,
  ): ModelReply {
    const sizes = set.rdata.map((rdata) => POINTER + FIXED + rdataOctets(set.type, rdata))
    const { maxAnswers } = this.#config
    const wanted = maxAnswers === 0 ? sizes.length : Math.min(maxAnswers, sizes.length)
    let pool = 0
    for (let used = 0; pool < sizes.length && used + (sizes[pool] ?? 0) <= room; pool++) {
      used += sizes[pool] ?? 0
    }
    if (wanted < sizes.length && wanted * Math.max(...sizes) <= room) pool = sizes.length
    const take = Math.min(pool, wanted)
    const lines = set.rdata.map((rdata) => `${owner} ${set.ttl} ${nameOf(set.type)} ${rdata}`)
    const begin = limit - room
    return {
      ...this.#denial({ rcode: RCODE.NOERROR, chain, room, limit, apex: undefined }),
      tc: take < wanted,
      pool: lines.slice(0, pool),
      take,
      glue: (answers) => this.#glue(set, answers, begin, limit),
    }
  }

  /** `begin` counts from the end of the message's room, OPT included, so that only sums matter. */
  #glue({ type }: Set, answers: readonly string[], begin: number, limit: number): string[] {
    if (type !== TYPE.SRV && type !== TYPE.NS) return []
    const targets = answers.map((line) => line.split(' ').at(-1) ?? '')
    const sizes = targets.map((target) => {
      return POINTER + FIXED + (type === TYPE.SRV ? 6 : 0) + nameOctets(target)
    })
    let used = begin + sizes.reduce((sum, size) => sum + size, 0)
    const lines: string[] = []
    for (const target of new globalThis.Set(targets)) {
      for (const family of [TYPE.A, TYPE.AAAA]) {
        const set = this.#nodes.get(target)?.get(family)
        if (set === undefined) continue
        const octets = set.rdata.length * (POINTER + FIXED + (family === TYPE.A ? 4 : 16))
        if (used + octets > limit) continue
        used += octets
        lines.push(...set.rdata.map((data) => `${target} ${set.ttl} ${nameOf(family)} ${data}`))
      }
    }
    return lines
  }
}

function nameOf(type: number): string {
  return Object.entries(TYPE_OF).find(([, number]) => number === type)?.[0] ?? ''
}

function nameOctets(name: string): number {
  return name.length + 1
}

/** A name and all names it ends in, but not those that `apex` ends in unless it is elsewhere. */
function tailsOf(name: string, apex: string): string[] {
  const tails = []
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
    tails.push(rest)
    if (rest === apex) break
  }
  return tails
}

/** Octets of a name of which the longest end that is among `known` is a pointer. */
function shortOctets(name: string, known: readonly string[]): number {
  const tail = tailsOf(name, '').find((rest) => known.includes(rest))
  return tail === undefined ? nameOctets(name) : name.length - tail.length + POINTER
}

/** Records of a set in the order of their rdata's octets (RFC 4034 §6.3). */
function canonicalOrder(type: number, rdata: readonly string[]): string[] {
  return rdata
    .map((text) => ({ text, octets: rdataToOctets(type, text) }))
    .sort((a, b) => Buffer.compare(a.octets, b.octets))
    .map(({ text }) => text)
}

function rdataToOctets(type: number, rdata: string): Buffer {
  switch (type) {
    case TYPE.A:
      return Buffer.from(rdata.split('.').map(Number))
    case TYPE.AAAA:
      return Buffer.from(ipToBytes(rdata) ?? [])
    case TYPE.SRV: {
      const [priority, weight, port, target = ''] = rdata.split(' ')
      const numbers = Buffer.alloc(6)
      ;[priority, weight, port].forEach((number, i) => {
        numbers.writeUInt16BE(Number(number), 2 * i)
      })
      return Buffer.concat([numbers, wireName(target)])
    }
    case TYPE.TXT:
      return Buffer.concat(
        (rdata.match(/.{1,255}/gs) ?? ['']).map((piece) =>
          Buffer.from(`${String.fromCharCode(piece.length)}${piece}`, 'latin1'),
        ),
      )
    default:
      return wireName(rdata)
  }
}

function wireName(name: string): Buffer {
  const labels = name.split('.').slice(0, -1)
  return Buffer.from(
    `${labels.map((label) => `${String.fromCharCode(label.length)}${label}`).join('')}\0`,
    'latin1',
  )
}

function rdataOctets(type: number, rdata: string): number {
  switch (type) {
    case TYPE.A:
      return 4
    case TYPE.AAAA:
      return 16
    case TYPE.SRV:
      return 6 + nameOctets(rdata.split(' ').at(-1) ?? '')
    case TYPE.TXT:
      return rdata.length + Math.max(1, Math.ceil(rdata.length / 255))
    case TYPE.SOA: {
      const [mname = '', rname = ''] = rdata.split(' ')
      return nameOctets(mname) + nameOctets(rname) + 20
    }
    default:
      return nameOctets(rdata)
  }
}
