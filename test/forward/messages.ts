import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from 'dns-packet'

/** Messages are made and read with an independent implementation. */
export interface QuerySpec {
  readonly name?: string
  readonly type?: string
  readonly id?: number
  /** All 16 bits after the id; default RD alone. */
  readonly flags?: number
  readonly edns?: { readonly size: number; readonly do?: boolean; readonly options?: RawOption[] }
}

export interface RawOption {
  readonly code: number
  readonly data: Buffer
}

export const CLIENT_ID = 0x4242

export function query(spec: QuerySpec = {}): Buffer {
  const { name = 'www.example.com', type = 'A', id = CLIENT_ID, edns } = spec
  const bytes = encode({
    type: 'query',
    id,
    questions: [{ name, type, class: 'IN' }],
    additionals: edns === undefined ? [] : [opt(edns.size, edns.do === true, edns.options)],
  } as unknown as Packet)
  bytes.writeUInt16BE(spec.flags ?? RECURSION_DESIRED, 2)
  return bytes
}

export function opt(size: number, dnssecOk = false, options: RawOption[] = []): Answer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: size,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: dnssecOk ? 0x8000 : 0,
    flag_do: dnssecOk,
    options,
  } as unknown as Answer
}

export interface ReplySpec {
  readonly answers?: Answer[]
  readonly authorities?: Answer[]
  readonly additionals?: Answer[]
  /** Bits added to QR, RD, RA; the rcode among them. */
  readonly flags?: number
}

/** A reply to the query: its id and question, copied byte for byte, and the records given. */
export function replyTo(bytes: Buffer, spec: ReplySpec = {}): Buffer {
  const { answers = [], authorities = [], additionals = [] } = spec
  const question = decode(bytes).questions ?? []
  const reply = encode({ type: 'response', questions: question, answers, authorities, additionals })
  const opcode = bytes.readUInt16BE(2) & 0x7800
  reply.writeUInt16BE(bytes.readUInt16BE(0), 0)
  reply.writeUInt16BE(
    0x8000 | opcode | RECURSION_DESIRED | RECURSION_AVAILABLE | (spec.flags ?? 0),
    2,
  )
  bytes.copy(reply, 12, 12, 12 + questionLength(bytes))
  return reply
}

function questionLength(bytes: Buffer): number {
  return bytes.indexOf(0, 12) + 1 - 12 + 4
}

export function a(name: string, address = '203.0.113.1', ttl = 300): Answer {
  return { type: 'A', name, ttl, data: address }
}

/** `count` different A records. */
export function manyA(name: string, count: number): Answer[] {
  return Array.from({ length: count }, (_, i) => a(name, `203.0.${i >> 8}.${i & 0xff}`))
}

export function read(bytes: Uint8Array): DecodedPacket {
  return decode(Buffer.from(bytes))
}

/** Addresses in the answer section. */
export function addresses(bytes: Uint8Array): string[] {
  return (read(bytes).answers ?? []).flatMap((answer) => (answer.type === 'A' ? [answer.data] : []))
}

/** `RCODE [flags] question/answer/authority/additional`, as dig heads its output. */
export function summary(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes)
  const flags = buffer.readUInt16BE(2)
  const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
  const names: readonly (readonly [number, string])[] = [
    [0x8000, 'qr'],
    [AUTHORITATIVE_ANSWER, 'aa'],
    [0x0200, 'tc'],
    [RECURSION_DESIRED, 'rd'],
    [RECURSION_AVAILABLE, 'ra'],
    [0x0020, 'ad'],
    [0x0010, 'cd'],
  ]
  const set = names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
  const counts = [4, 6, 8, 10].map((at) => buffer.readUInt16BE(at))
  return `${rcodes[flags & 15] ?? flags & 15} [${set.join(' ')}] ${counts.join('/')}`
}

export function optIn(bytes: Uint8Array): OptAnswer | undefined {
  return (read(bytes).additionals ?? []).find((record) => record.type === 'OPT') as
    | OptAnswer
    | undefined
}

/** INFO-CODE of the extended DNS error, undefined if there is none. */
export function edeIn(bytes: Uint8Array): number | undefined {
  const option = optIn(bytes)?.options.find(({ code }) => (code as unknown) === 15)
  return option === undefined ? undefined : (option as { data: Buffer }).data.readUInt16BE(0)
}
