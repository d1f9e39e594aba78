import { TYPE } from '../net/dns-numbers.ts'

/** Octets of the fixed header (RFC 1035 §4.1.1). */
export const HEADER_LENGTH = 12
/** Largest DNS message: what the length prefix of TCP can say (RFC 1035 §4.2.2). */
export const MAX_MESSAGE = 65_535
/** What a client without EDNS takes over UDP (RFC 1035 §4.2.1). */
export const MIN_UDP_SIZE = 512

/** The 16 bits after the id (RFC 1035 §4.1.1, RFC 4035 §3.2.2). */
export const FLAG = { QR: 0x8000, OPCODE: 0x7800, TC: 0x0200, RD: 0x0100, RA: 0x0080, CD: 0x0010 }
export const RCODE_MASK = 0x000f

/** Index of a section's count in the header is 6 + 2 × section. */
export const SECTION = { answer: 0, authority: 1, additional: 2 } as const
export type Section = (typeof SECTION)[keyof typeof SECTION]

const MAX_NAME = 255
/** Root owner, type, class, TTL and a length of zero: no record is shorter. */
const MIN_RECORD = 11

/** Where a resource record lies in its message; `end` is exclusive, `rdata` the offset of its data. */
export interface WireRecord {
  readonly section: Section
  readonly type: number
  readonly start: number
  readonly rdata: number
  readonly end: number
}

/** A message of one question, with its parts located; nothing is decoded or copied. */
export interface Message {
  readonly bytes: Buffer
  /** QTYPE of the question. */
  readonly type: number
  /** Offset behind the question. */
  readonly questionEnd: number
  readonly records: readonly WireRecord[]
}

/** What the header, the question and the OPT of a message say to us. */
export interface Opt {
  readonly record: WireRecord
  /** As sent; below 512 means 512 (RFC 6891 §6.2.3). */
  readonly udpSize: number
  /** Upper eight bits of the response code. */
  readonly extendedRcode: number
  readonly dnssecOk: boolean
}

/**
 * Locates the parts of a message that has exactly one question; undefined if it is not well-formed.
 * Octets after the last record are no part of the message and not looked at. Compression pointers are
 * stepped over and never followed, so that no input can make this loop.
 */
export function scanMessage(bytes: Buffer): Message | undefined {
  const question = scanQuestion(bytes)
  if (question === undefined) return undefined
  const records = scanRecords(bytes, question.end)
  if (records === undefined) return undefined
  return { bytes, type: question.type, questionEnd: question.end, records }
}

/** The one question of a message; its name may not be compressed, there is nothing before it. */
function scanQuestion(bytes: Buffer): { readonly type: number; readonly end: number } | undefined {
  if (bytes.length < HEADER_LENGTH || bytes.readUInt16BE(4) !== 1) return undefined
  const nameEnd = skipName(bytes, HEADER_LENGTH)
  if (nameEnd === undefined || nameEnd + 4 > bytes.length) return undefined
  if (bytes[nameEnd - 1] !== 0) return undefined
  return { type: bytes.readUInt16BE(nameEnd), end: nameEnd + 4 }
}

function scanRecords(bytes: Buffer, from: number): WireRecord[] | undefined {
  const counts = [bytes.readUInt16BE(6), bytes.readUInt16BE(8), bytes.readUInt16BE(10)] as const
  const total = counts[0] + counts[1] + counts[2]
  if (total * MIN_RECORD > bytes.length - from) return undefined
  const records: WireRecord[] = []
  let hasOpt = false
  let at = from
  for (const section of [SECTION.answer, SECTION.authority, SECTION.additional]) {
    for (let left = counts[section]; left > 0; left--) {
      const record = scanRecord(bytes, at, section)
      if (record === undefined) return undefined
      // At most one OPT (RFC 6891 §6.1.1).
      if (record.type === TYPE.OPT && hasOpt) return undefined
      hasOpt ||= record.type === TYPE.OPT
      records.push(record)
      at = record.end
    }
  }
  return records
}

function scanRecord(bytes: Buffer, start: number, section: Section): WireRecord | undefined {
  const nameEnd = skipName(bytes, start)
  if (nameEnd === undefined || nameEnd + 10 > bytes.length) return undefined
  const rdata = nameEnd + 10
  const end = rdata + bytes.readUInt16BE(nameEnd + 8)
  if (end > bytes.length) return undefined
  return { section, type: bytes.readUInt16BE(nameEnd), start, rdata, end }
}

/**
 * Offset behind the name at `start`: behind its root label or its compression pointer. Undefined for a
 * name that leaves the message, is too long or has a label of a kind that does not exist.
 */
function skipName(bytes: Buffer, start: number): number | undefined {
  let at = start
  while (at < bytes.length && at - start < MAX_NAME) {
    const length = bytes[at] ?? 0
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2 <= bytes.length ? at + 2 : undefined
    if (length > 63) return undefined
    at += 1 + length
  }
  return undefined
}

/** The EDNS record of a message: OPT, owned by the root, in the additional section (RFC 6891 §6.1). */
export function optOf({ bytes, records }: Message): Opt | undefined {
  const record = records.find(
    ({ section, type, start }) =>
      section === SECTION.additional && type === TYPE.OPT && bytes[start] === 0,
  )
  if (record === undefined) return undefined
  return {
    record,
    udpSize: bytes.readUInt16BE(record.start + 3),
    extendedRcode: bytes[record.start + 5] ?? 0,
    dnssecOk: ((bytes[record.start + 7] ?? 0) & 0x80) !== 0,
  }
}

/** Offset behind the last record, or behind the question of a message without records. */
export function messageEnd({ records, questionEnd }: Message): number {
  return records.at(-1)?.end ?? questionEnd
}

export function flagsOf(bytes: Buffer): number {
  return bytes.readUInt16BE(2)
}

export function countOffset(section: Section): number {
  return 6 + 2 * section
}
