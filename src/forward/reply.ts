import { RCODE } from '../net/dns-numbers.ts'
import {
  countOffset,
  FLAG,
  flagsOf,
  type Message,
  MIN_UDP_SIZE,
  messageEnd,
  type Opt,
  optOf,
  RCODE_MASK,
  SECTION,
} from './message.ts'
import { withoutOpt } from './opt-removal.ts'

/** How a reply has to look for the client that waits for it. */
export interface ReplyForm {
  readonly id: number
  /** Whether the query carried an OPT: a reply has one only then (RFC 6891 §6.1.1). */
  readonly edns: boolean
  /** Most octets the reply may have. */
  readonly limit: number
  /** False clears TC on whatever is passed on, for clients that cannot ask again over TCP. */
  readonly setTruncateBit: boolean
}

/** Octets a client takes over UDP: what its OPT says, at least 512, and never more than our own cap. */
export function udpLimit(opt: Opt | undefined, ednsBufferSize: number): number {
  if (opt === undefined) return MIN_UDP_SIZE
  return Math.min(Math.max(opt.udpSize, MIN_UDP_SIZE), Math.max(ednsBufferSize, MIN_UDP_SIZE))
}

/**
 * An upstream's reply as one client takes it: with the client's id, without an OPT it did not ask for,
 * and no longer than its limit. All else is passed on as it came. May write to `reply.bytes`.
 */
export function fitReply(reply: Message, form: ReplyForm): Buffer {
  const message = form.edns ? reply : withoutEdns(reply)
  const end = messageEnd(message)
  const bytes = end <= form.limit ? message.bytes.subarray(0, end) : truncate(message, form)
  bytes.writeUInt16BE(form.id, 0)
  if (!form.setTruncateBit) bytes.writeUInt16BE(flagsOf(bytes) & ~FLAG.TC, 2)
  return bytes
}

function withoutEdns(reply: Message): Message {
  const extendedRcode = optOf(reply)?.extendedRcode ?? 0
  const message = withoutOpt(reply)
  // The lower four bits alone would say something else: BADVERS would read as NOERROR.
  if (extendedRcode !== 0) setRcode(message.bytes, RCODE.SERVFAIL)
  return message
}

/**
 * Header, question and OPT with TC set: a client asks again over TCP, and one that does not cannot take
 * a part for the whole. Without TC nothing would tell an empty answer from NODATA, so then the answers
 * that fit stay.
 */
function truncate(message: Message, { limit, setTruncateBit }: ReplyForm): Buffer {
  const { bytes, questionEnd, records } = message
  const opt = keptOpt(message, limit - questionEnd)
  const kept = setTruncateBit
    ? []
    : records.filter(({ section, end }) => section === SECTION.answer && end + opt.length <= limit)
  const cut = Buffer.concat([bytes.subarray(0, kept.at(-1)?.end ?? questionEnd), opt])
  cut.writeUInt16BE(flagsOf(cut) | FLAG.TC, 2)
  cut.writeUInt16BE(kept.length, countOffset(SECTION.answer))
  cut.writeUInt16BE(0, countOffset(SECTION.authority))
  cut.writeUInt16BE(opt.length === 0 ? 0 : 1, countOffset(SECTION.additional))
  return cut
}

/** The OPT record, without its options if there is no room for them; empty if there is none. */
function keptOpt(message: Message, room: number): Buffer {
  const record = optOf(message)?.record
  if (record === undefined) return Buffer.alloc(0)
  const { start, rdata, end } = record
  if (end - start <= room) return message.bytes.subarray(start, end)
  const bare = Buffer.from(message.bytes.subarray(start, rdata))
  bare.writeUInt16BE(0, rdata - start - 2)
  return bare
}

function setRcode(bytes: Buffer, rcode: number): void {
  bytes.writeUInt16BE((flagsOf(bytes) & ~RCODE_MASK) | rcode, 2)
}

/** Header and question alone, for a truncated reply whose records end inside one of them. */
export function questionOnly(bytes: Buffer, questionEnd: number): Buffer {
  const cut = Buffer.from(bytes.subarray(0, questionEnd))
  cut.fill(0, 6, 12)
  return cut
}
