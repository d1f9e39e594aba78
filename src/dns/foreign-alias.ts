import { type Message, SECTION, scanMessage, type WireRecord } from '../forward/message.ts'
import { NAMES_IN_RDATA } from '../forward/opt-removal.ts'
import { CLASS, OPTION, RCODE, TYPE } from '../net/dns-numbers.ts'
import { MAX_NAME_OCTETS } from '../zone/owner-name.ts'
import { put16 } from './edns.ts'
import { FLAG, HEADER_OCTETS } from './gate.ts'
import type { Query } from './query.ts'

/**
 * A static CNAME may point out of the domain. Whoever asks us as its only resolver expects the whole
 * answer, so the target is looked up upstream, and what comes back is joined to our CNAME.
 */

const RR_FIXED_OCTETS = 10
const OPT_OCTETS = 11
const OPTION_HEADER_OCTETS = 4
/** More than any real chain of compression pointers. */
const MAX_POINTERS = 64

/**
 * The query for the name that stands, uncompressed, at `target` in our reply to `message`: the client's
 * id, RD and CD, its type, and of its EDNS the payload size and DO.
 */
export function targetQuery(
  message: Uint8Array,
  reply: Uint8Array,
  target: number,
  {
    type,
    hasEdns,
    udpPayload,
    dnssecOk,
  }: Pick<Query, 'type' | 'hasEdns' | 'udpPayload' | 'dnssecOk'>,
): Uint8Array {
  let end = target
  while (reply[end] !== 0) end += 1 + (reply[end] as number)
  const name = reply.subarray(target, end + 1)
  const query = new Uint8Array(HEADER_OCTETS + name.length + 4 + (hasEdns ? OPT_OCTETS : 0))
  query.set(message.subarray(0, 4))
  // The reply may stand in the message's place: its flags are not the query's, but for RD and CD.
  query[2] = (message[2] as number) & FLAG.RD
  query[3] = (message[3] as number) & FLAG.CD
  put16(query, 4, 1)
  put16(query, 10, hasEdns ? 1 : 0)
  query.set(name, HEADER_OCTETS)
  const opt = put16(query, put16(query, HEADER_OCTETS + name.length, type), CLASS.IN)
  if (hasEdns) {
    put16(query, put16(query, opt + 1, TYPE.OPT), udpPayload)
    put16(query, opt + 7, dnssecOk ? 0x8000 : 0)
  }
  return query
}

/**
 * Joins the upstream's answers for the target to our own reply, which ends in the CNAME, in at most
 * `limit` octets: more than fit are left out, with TC if that is to be set. What the upstream refused
 * leaves our reply as it is; where it failed, the reply fails too, but still shows the CNAME. That ours is
 * out of date is still said then, but never in place of a record.
 */
export function joinTarget(
  own: Uint8Array,
  fromUpstream: Uint8Array,
  limit: number,
  setTruncateBit = true,
): Uint8Array {
  const reply = scanMessage(Buffer.from(own))
  const found = scanMessage(Buffer.from(fromUpstream))
  if (reply === undefined) return own
  if (found === undefined) return failed(reply)
  const rcode = (found.bytes[3] ?? 0) & 0x0f
  if (rcode === RCODE.REFUSED) return own
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return failed(reply)
  const answers = expanded(
    found,
    ({ section, type }) => section === SECTION.answer && type !== TYPE.OPT,
  )
  const soas = expanded(
    found,
    ({ section, type }) => section === SECTION.authority && type === TYPE.SOA,
  )
  if (answers === undefined || soas === undefined) return failed(reply)
  const whole = joined(reply, rcode, answers, soas, limit, isTruncated(found))
  if (!setTruncateBit) whole[2] = (whole[2] ?? 0) & ~FLAG.TC
  return whole
}

function failed({ bytes }: Message): Uint8Array {
  return withHeader(bytes, { rcode: RCODE.SERVFAIL, answers: 0, authorities: 0, truncated: false })
}

function joined(
  reply: Message,
  rcode: number,
  answers: readonly Uint8Array[],
  soas: readonly Uint8Array[],
  limit: number,
  cut: boolean,
): Buffer {
  const { bytes } = reply
  const optAt =
    reply.records.find(({ section }) => section === SECTION.additional)?.start ?? bytes.length
  const opt = bytes.subarray(optAt)
  const bareOpt = withoutExtendedError(opt)
  let room = limit - optAt - bareOpt.length
  let truncated = cut
  const take = (records: readonly Uint8Array[]) => {
    const taken: Uint8Array[] = []
    for (const record of records) {
      if (record.length > room) {
        truncated = true
        break
      }
      room -= record.length
      taken.push(record)
    }
    return taken
  }
  const taken = take(answers)
  const denials = truncated ? [] : take(soas)
  const lastOpt = opt.length - bareOpt.length <= room ? opt : bareOpt
  const whole = Buffer.concat([bytes.subarray(0, optAt), ...taken, ...denials, lastOpt])
  return withHeader(whole, { rcode, answers: taken.length, authorities: denials.length, truncated })
}

/** An OPT record of ours, or what is there in place of one, without its extended error. */
function withoutExtendedError(opt: Buffer): Buffer {
  for (let at = OPT_OCTETS; at < opt.length; ) {
    const end = at + OPTION_HEADER_OCTETS + opt.readUInt16BE(at + 2)
    if (opt.readUInt16BE(at) === OPTION.EXTENDED_ERROR) {
      const bare = Buffer.concat([opt.subarray(0, at), opt.subarray(end)])
      bare.writeUInt16BE(bare.length - OPT_OCTETS, OPT_OCTETS - 2)
      return bare
    }
    at = end
  }
  return opt
}

function isTruncated({ bytes }: Message): boolean {
  return ((bytes[2] ?? 0) & FLAG.TC) !== 0
}

/** Sets the RCODE and TC, and adds to the counts. */
function withHeader(
  bytes: Buffer,
  change: { rcode: number; answers: number; authorities: number; truncated: boolean },
): Buffer {
  bytes[2] = (bytes[2] ?? 0) | (change.truncated ? FLAG.TC : 0)
  bytes[3] = ((bytes[3] ?? 0) & 0xf0) | change.rcode
  bytes.writeUInt16BE(bytes.readUInt16BE(6) + change.answers, 6)
  bytes.writeUInt16BE(bytes.readUInt16BE(8) + change.authorities, 8)
  return bytes
}

/** Records with every name written out, so that they may stand in another message. */
function expanded(
  message: Message,
  isWanted: (record: WireRecord) => boolean,
): Uint8Array[] | undefined {
  const records: Uint8Array[] = []
  for (const record of message.records.filter(isWanted)) {
    const whole = expandRecord(message.bytes, record)
    if (whole === undefined) return undefined
    records.push(whole)
  }
  return records
}

function expandRecord(
  bytes: Buffer,
  { start, rdata, end, type }: WireRecord,
): Uint8Array | undefined {
  const owner = expandName(bytes, start)
  const data = expandRdata(bytes, type, rdata, end)
  if (owner === undefined || data === undefined) return undefined
  const fixed = Buffer.from(bytes.subarray(rdata - RR_FIXED_OCTETS, rdata))
  fixed.writeUInt16BE(data.length, RR_FIXED_OCTETS - 2)
  return Buffer.concat([owner.name, fixed, data])
}

function expandRdata(
  bytes: Buffer,
  type: number,
  from: number,
  end: number,
): Uint8Array | undefined {
  const layout = NAMES_IN_RDATA.get(type)
  if (layout === undefined) return bytes.subarray(from, end)
  let at = from + layout.skip
  const parts: Uint8Array[] = [bytes.subarray(from, at)]
  for (let left = layout.names; left > 0; left--) {
    const expandedName = expandName(bytes, at)
    if (expandedName === undefined) return undefined
    parts.push(expandedName.name)
    at = expandedName.end
  }
  return at > end ? undefined : Buffer.concat([...parts, bytes.subarray(at, end)])
}

/** The name at `start` without compression, and where it ends there; undefined if it is malformed. */
function expandName(bytes: Buffer, start: number): { name: Uint8Array; end: number } | undefined {
  const labels: Uint8Array[] = []
  let octets = 0
  let end = 0
  let pointers = 0
  for (let at = start; ; ) {
    const length = bytes[at]
    if (length === undefined) return undefined
    if (length >= 0xc0) {
      if (end === 0) end = at + 2
      if (++pointers > MAX_POINTERS || at + 1 >= bytes.length) return undefined
      at = bytes.readUInt16BE(at) & 0x3fff
      continue
    }
    const next = at + 1 + length
    octets += 1 + length
    if (length > 63 || octets > MAX_NAME_OCTETS || next > bytes.length) return undefined
    labels.push(bytes.subarray(at, next))
    if (length === 0) return { name: Buffer.concat(labels), end: end === 0 ? next : end }
    at = next
  }
}
