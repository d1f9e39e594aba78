import { EXTENDED_ERROR, OPTION, RCODE, TYPE } from '../net/dns-numbers.ts'
import {
  countOffset,
  FLAG,
  flagsOf,
  HEADER_LENGTH,
  type Message,
  type Opt,
  optOf,
  SECTION,
} from './message.ts'

/** An answer of our own, with the extended error that explains it (RFC 8914). */
export interface Verdict {
  readonly rcode: number
  /** RA: whether this client may have other names looked up here. */
  readonly recursionAvailable: boolean
  readonly ede: { readonly code: number; readonly text: string }
}

function refused(code: number, text: string, recursionAvailable = false): Verdict {
  return { rcode: RCODE.REFUSED, recursionAvailable, ede: { code, text } }
}

function failed(code: number, text: string): Verdict {
  return { rcode: RCODE.SERVFAIL, recursionAvailable: true, ede: { code, text } }
}

export const VERDICT = {
  prohibited: refused(EXTENDED_ERROR.PROHIBITED, 'client is not in allowRecursion'),
  notAuthoritative: refused(EXTENDED_ERROR.NOT_AUTHORITATIVE, 'other names are not looked up here'),
  transfer: refused(EXTENDED_ERROR.NOT_SUPPORTED, 'zone transfers are not forwarded', true),
  overloaded: failed(EXTENDED_ERROR.OTHER, 'too many queries wait for upstreams'),
  closing: failed(EXTENDED_ERROR.NOT_READY, 'server is stopping'),
  noReachableAuthority: failed(
    EXTENDED_ERROR.NO_REACHABLE_AUTHORITY,
    'no upstream answered in time',
  ),
  networkError: failed(EXTENDED_ERROR.NETWORK_ERROR, 'no upstream could be reached'),
} as const

/** The whole reply to `query`: its question, and an OPT if it had one. Always less than 512 octets. */
export function localReply(query: Message, verdict: Verdict, ednsBufferSize: number): Buffer {
  const opt = optOf(query)
  const edns = opt === undefined ? Buffer.alloc(0) : encodeOpt(opt, verdict.ede, ednsBufferSize)
  const reply = Buffer.concat([query.bytes.subarray(0, query.questionEnd), edns])
  const copied = flagsOf(query.bytes) & (FLAG.OPCODE | FLAG.RD | FLAG.CD)
  const available = verdict.recursionAvailable ? FLAG.RA : 0
  reply.writeUInt16BE(FLAG.QR | copied | available | verdict.rcode, 2)
  reply.writeUInt32BE(0, countOffset(SECTION.answer))
  reply.writeUInt16BE(opt === undefined ? 0 : 1, countOffset(SECTION.additional))
  return reply
}

/** DO is copied (RFC 3225 §3); version and extended RCODE are zero. */
function encodeOpt(query: Opt, ede: Verdict['ede'], ednsBufferSize: number): Buffer {
  const text = Buffer.from(ede.text)
  const opt = Buffer.alloc(11 + 6)
  opt.writeUInt16BE(TYPE.OPT, 1)
  opt.writeUInt16BE(ednsBufferSize, 3)
  opt.writeUInt16BE(query.dnssecOk ? 0x8000 : 0, 7)
  opt.writeUInt16BE(6 + text.length, 9)
  opt.writeUInt16BE(OPTION.EXTENDED_ERROR, 11)
  opt.writeUInt16BE(2 + text.length, 13)
  opt.writeUInt16BE(ede.code, 15)
  return Buffer.concat([opt, text])
}

/** FORMERR, header only, for what cannot be read as a query of one question. */
export function formatError(query: Uint8Array): Buffer {
  const reply = Buffer.alloc(HEADER_LENGTH)
  reply.set(query.subarray(0, 4))
  const copied = flagsOf(reply) & (FLAG.OPCODE | FLAG.RD)
  reply.writeUInt16BE(FLAG.QR | copied | RCODE.FORMERR, 2)
  return reply
}
