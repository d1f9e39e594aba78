import { TYPE } from '../net/dns-numbers.ts'
import { countOffset, type Message, messageEnd, type WireRecord } from './message.ts'

/**
 * Types whose data holds domain names that may be compressed (RFC 1035 §3.3; for the later ones a
 * receiver must expect it, RFC 3597 §4): octets before the first name, and how many names follow.
 */
export const NAMES_IN_RDATA: ReadonlyMap<
  number,
  { readonly skip: number; readonly names: number }
> = new Map([
  [2, { skip: 0, names: 1 }], // NS
  [3, { skip: 0, names: 1 }], // MD
  [4, { skip: 0, names: 1 }], // MF
  [5, { skip: 0, names: 1 }], // CNAME
  [6, { skip: 0, names: 2 }], // SOA
  [7, { skip: 0, names: 1 }], // MB
  [8, { skip: 0, names: 1 }], // MG
  [9, { skip: 0, names: 1 }], // MR
  [12, { skip: 0, names: 1 }], // PTR
  [14, { skip: 0, names: 2 }], // MINFO
  [15, { skip: 2, names: 1 }], // MX
  [17, { skip: 0, names: 2 }], // RP
  [18, { skip: 2, names: 1 }], // AFSDB
  [21, { skip: 2, names: 1 }], // RT
  [26, { skip: 2, names: 2 }], // PX
  [33, { skip: 6, names: 1 }], // SRV
  [36, { skip: 2, names: 1 }], // KX
  [39, { skip: 0, names: 1 }], // DNAME
])

/**
 * The message without its OPT record, wherever it is: RFC 6891 §6.1.1 allows any place in the
 * additional section. At the end that is a plain cut; elsewhere what follows moves up, and compression
 * pointers to what moved are moved with it. Everything else keeps its bytes.
 */
export function withoutOpt(message: Message): Message {
  const index = message.records.findIndex(({ type }) => type === TYPE.OPT)
  const opt = message.records[index]
  return opt === undefined ? message : withoutRecord(message, index, opt)
}

function withoutRecord(message: Message, index: number, gone: WireRecord): Message {
  const gap = gone.end - gone.start
  const bytes = Buffer.concat([
    message.bytes.subarray(0, gone.start),
    message.bytes.subarray(gone.end, messageEnd(message)),
  ])
  const counter = countOffset(gone.section)
  bytes.writeUInt16BE(bytes.readUInt16BE(counter) - 1, counter)
  const moved = message.records.slice(index + 1).map(({ section, type, start, rdata, end }) => ({
    section,
    type,
    start: start - gap,
    rdata: rdata - gap,
    end: end - gap,
  }))
  for (const record of moved) relocate(bytes, record, gone.end, gap)
  return { ...message, bytes, records: [...message.records.slice(0, index), ...moved] }
}

/** Corrects the pointers of one moved record: those to `moved` (an old offset) or later, by `gap`. */
function relocate(bytes: Buffer, record: WireRecord, moved: number, gap: number): void {
  relocateName(bytes, record.start, record.rdata, moved, gap)
  const layout = NAMES_IN_RDATA.get(record.type)
  if (layout === undefined) return
  let at = record.rdata + layout.skip
  for (let left = layout.names; left > 0; left--) {
    at = relocateName(bytes, at, record.end, moved, gap)
  }
}

/** Offset behind the name, at most `end`. */
function relocateName(
  bytes: Buffer,
  start: number,
  end: number,
  moved: number,
  gap: number,
): number {
  let at = start
  while (at < end) {
    const length = bytes[at] ?? 0
    if (length === 0) return at + 1
    if (length >= 0xc0) {
      if (at + 2 > end) return end
      const target = bytes.readUInt16BE(at) & 0x3fff
      if (target >= moved) bytes.writeUInt16BE(0xc000 | (target - gap), at)
      return at + 2
    }
    at += 1 + length
  }
  return end
}
