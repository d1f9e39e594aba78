import type { Config } from '../../src/config/schema.ts'
import { Answerer } from '../../src/dns/answer.ts'
import { chaosTexts } from '../../src/dns/chaos.ts'
import { Cookies } from '../../src/dns/cookies.ts'
import { xoshiro128 } from '../../src/dns/ordering.ts'
import type { AnswerSettings, Transport } from '../../src/dns/settings.ts'
import type { Freshness } from '../../src/freshness.ts'
import { TYPE } from '../../src/net/dns-numbers.ts'
import { ownerToWire } from '../../src/zone/owner-name.ts'
import { zoneOf } from '../../src/zone/zone-of.ts'
import { defaultConfig } from '../config.ts'
import { recordSet } from '../presentation.ts'

export const SERIAL = 1_700_000_000

/** What the clock of an answerer's cookies says, and its secret. */
export const COOKIE_TIME = 1_700_000_000
export const COOKIE_SECRET = Uint8Array.from({ length: 16 }, (_, i) => i * 7)

/** An option of the OPT record in a query. */
export interface EdnsOption {
  readonly code: number
  readonly octets: Uint8Array
}

/** A query as one likes it, wrong ones included. */
export interface Question {
  readonly id?: number
  readonly opcode?: number
  /** Octets three and four of the header are `flags`, QR and opcode left out. Default RD. */
  readonly flags?: number
  readonly name?: string
  readonly type?: number
  readonly qclass?: number
  readonly edns?: {
    readonly payload?: number
    readonly version?: number
    readonly flags?: number
    readonly options?: readonly EdnsOption[]
  }
  /** Octets behind the question in place of the OPT, and the counts of the header. */
  readonly tail?: Uint8Array
  readonly counts?: readonly [number, number, number, number]
}

/** Labels as octets, case as given, no checks: names that are too long can be asked as well. */
export function nameOctets(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  const parts = labels.map((label) => {
    const octets = Buffer.from(label, 'latin1')
    return Buffer.concat([Buffer.from([octets.length]), octets])
  })
  return Buffer.concat([...parts, Buffer.from([0])])
}

export function u16(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(values.length * 2)
  values.forEach((value, i) => {
    octets.writeUInt16BE(value & 0xffff, i * 2)
  })
  return octets
}

export function optRecord(edns: NonNullable<Question['edns']>): Buffer {
  const { payload = 1232, version = 0, flags = 0, options = [] } = edns
  const rdata = options.map(({ code, octets }) => Buffer.concat([u16(code, octets.length), octets]))
  const length = rdata.reduce((sum, option) => sum + option.length, 0)
  const head = [
    Buffer.from([0]),
    u16(TYPE.OPT, payload),
    Buffer.from([0, version]),
    u16(flags, length),
  ]
  return Buffer.concat([...head, ...rdata])
}

export function encode(question: Question): Buffer {
  const {
    id = 0x1234,
    opcode = 0,
    flags = 0x0100,
    name = 'leader.mesos.',
    type = TYPE.A,
  } = question
  const opt = question.edns === undefined ? Buffer.alloc(0) : optRecord(question.edns)
  const tail = question.tail ?? opt
  const counts = question.counts ?? [1, 0, 0, opt.length > 0 && question.tail === undefined ? 1 : 0]
  const header = u16(id, flags | (opcode << 11), ...counts)
  return Buffer.concat([header, nameOctets(name), u16(type, question.qclass ?? 1), tail])
}

/** An answerer of a zone of these records, with a seeded random source. */
export function answererOf(
  lines: readonly string[] | undefined,
  change: Partial<Config> = {},
  freshness?: Freshness,
): Answerer {
  const config = { ...defaultConfig(), nsid: 'replica-7', ...change }
  const settings: AnswerSettings = {
    ...config,
    apex: ownerToWire(`${config.domain}.`) ?? new Uint8Array(1),
    edns: { payload: config.ednsBufferSize, nsid: new TextEncoder().encode(config.nsid) },
    keepalive: 100,
    chaos: config.chaosOn ? chaosTexts('mesos-ns 1.2.3', 'replica-7') : undefined,
    cookies: config.cookies ? new Cookies(COOKIE_SECRET, () => COOKIE_TIME) : undefined,
  }
  const answerer = new Answerer(settings, xoshiro128(Uint32Array.of(1, 2, 3, 4)), freshness)
  if (lines !== undefined) answerer.zone = zoneOf(recordSet(lines), config, SERIAL)
  return answerer
}

/** The reply's octets, or the number that says there is none. */
export function ask(
  answerer: Answerer,
  question: Question | Uint8Array,
  transport: Transport = 'udp',
  client?: Uint8Array,
): Buffer | number {
  const message = question instanceof Uint8Array ? question : encode(question)
  const out = new Uint8Array(0xffff)
  const length = answerer.answer(message, message.length, out, transport, {
    addressOctets: () => client,
  })
  return length < 0 ? length : Buffer.from(out.subarray(0, length))
}

/** The same where there must be a reply. */
export function reply(...args: Parameters<typeof ask>): Buffer {
  const octets = ask(...args)
  if (typeof octets === 'number') throw new Error(`no reply: ${octets}`)
  return octets
}

export interface Header {
  readonly id: number
  readonly opcode: number
  readonly rcode: number
  readonly aa: boolean
  readonly tc: boolean
  readonly rd: boolean
  readonly ra: boolean
  readonly z: boolean
  readonly ad: boolean
  readonly cd: boolean
  readonly counts: readonly number[]
}

export function header(message: Uint8Array): Header {
  const octets = Buffer.from(message)
  const flags = octets.readUInt16BE(2)
  const bit = (mask: number) => (flags & mask) !== 0
  return {
    id: octets.readUInt16BE(0),
    opcode: (flags >> 11) & 0xf,
    rcode: flags & 0xf,
    aa: bit(0x0400),
    tc: bit(0x0200),
    rd: bit(0x0100),
    ra: bit(0x0080),
    z: bit(0x0040),
    ad: bit(0x0020),
    cd: bit(0x0010),
    counts: [4, 6, 8, 10].map((at) => octets.readUInt16BE(at)),
  }
}
