import assert from 'node:assert/strict'
import { optOf, scanMessage } from '../../src/forward/message.ts'
import { OPTION } from '../../src/net/dns-numbers.ts'
import type { EdnsOption } from './question.ts'

/** The OPT record of a reply. */
export interface ReplyOpt {
  readonly payload: number
  /** The whole extended RCODE. */
  readonly rcode: number
  readonly version: number
  readonly flags: number
  readonly options: readonly EdnsOption[]
}

/** Where the OPT record is, which has to be the last: its first octet, and that of its options. */
function place(reply: Buffer): { readonly start: number; readonly rdata: number } {
  const message = scanMessage(reply)
  assert.ok(message !== undefined, 'the reply is malformed')
  const record = optOf(message)?.record
  assert.ok(record !== undefined, 'no OPT')
  assert.equal(record.end, reply.length, 'the OPT is not at the end')
  return record
}

/** The OPT of a reply; fails if there is none at its end. */
export function opt(reply: Buffer): ReplyOpt {
  const { start, rdata } = place(reply)
  const options: EdnsOption[] = []
  for (let at = rdata; at < reply.length; ) {
    const end = at + 4 + reply.readUInt16BE(at + 2)
    options.push({ code: reply.readUInt16BE(at), octets: reply.subarray(at + 4, end) })
    at = end
  }
  return {
    payload: reply.readUInt16BE(start + 3),
    rcode: ((reply[start + 5] as number) << 4) | ((reply[3] as number) & 0x0f),
    version: reply[start + 6] as number,
    flags: reply.readUInt16BE(start + 7),
    options,
  }
}

/** Extended errors of a reply with an OPT: `3`, or `22 and the text`. */
export function extendedErrors(reply: Buffer): string[] {
  return opt(reply)
    .options.filter(({ code }) => code === OPTION.EXTENDED_ERROR)
    .map(({ octets }) => {
      const code = Buffer.from(octets).readUInt16BE(0)
      return octets.length === 2 ? `${code}` : `${code} ${Buffer.from(octets.subarray(2))}`
    })
}

/** The reply as it would be without extended errors. */
export function withoutExtendedErrors(reply: Buffer): Buffer {
  const { rdata } = place(reply)
  const kept = opt(reply).options.filter(({ code }) => code !== OPTION.EXTENDED_ERROR)
  const options = kept.map(({ code, octets }) => {
    const head = Buffer.alloc(4)
    head.writeUInt16BE(code)
    head.writeUInt16BE(octets.length, 2)
    return Buffer.concat([head, octets])
  })
  const whole = Buffer.concat([reply.subarray(0, rdata), ...options])
  whole.writeUInt16BE(whole.length - rdata, rdata - 2)
  return whole
}
