import * as numbers from '../net/dns-numbers.ts'

// Held here the compiler knows their values; of another module's bindings it looks them up each time.
const { OPCODE, RCODE } = numbers

export const HEADER_OCTETS = 12

/** Bits of the third and fourth octet of the header (RFC 1035 §4.1.1, RFC 4035 §3.2.2). */
export const FLAG = { QR: 0x80, AA: 0x04, TC: 0x02, RD: 0x01, RA: 0x80, CD: 0x10 } as const

// An exported binding is looked up each time, too.
const { QR, TC } = FLAG
const SHORTEST_OCTETS = HEADER_OCTETS

/** The verdict on a packet that deserves no reply at all. */
export const DROP = -1

/** IXFR queries carry one authority record (RFC 1995 §3). */
const MAX_AUTHORITY = 1
/** An OPT, a TSIG or SIG(0), and room for what somebody may invent. */
const MAX_ADDITIONAL = 8

/**
 * Decides from the header alone whether a packet is a query worth parsing: DROP, or an RCODE, where
 * NOERROR means go on. A response is dropped, never answered: two servers could otherwise keep a packet
 * bouncing between them.
 */
export function gate(message: Uint8Array, length: number): number {
  if (length < SHORTEST_OCTETS) return DROP
  const flags = message[2] as number
  if ((flags & QR) !== 0) return DROP
  if (opcodeOf(message) !== OPCODE.QUERY) return RCODE.NOTIMP
  if ((flags & TC) !== 0) return RCODE.FORMERR
  // One question at most (RFC 9619 §4), and nothing that a query does not carry. Without a question it may
  // still ask for a cookie (RFC 7873 §5.4), which only parsing shows.
  if (count(message, 4) > 1 || count(message, 6) !== 0) return RCODE.FORMERR
  if (count(message, 8) > MAX_AUTHORITY || count(message, 10) > MAX_ADDITIONAL) return RCODE.FORMERR
  return RCODE.NOERROR
}

export function opcodeOf(message: Uint8Array): number {
  return ((message[2] as number) >> 3) & 0x0f
}

function count(message: Uint8Array, at: number): number {
  return ((message[at] as number) << 8) | (message[at + 1] as number)
}
