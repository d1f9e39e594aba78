import { CLASS, TYPE } from '../net/dns-numbers.ts'

/** Texts by lower-cased question name, in presentation form. */
export type ChaosTexts = ReadonlyMap<string, string>

/** The names of class CH that servers answer by custom (RFC 4892 §2). */
export function chaosTexts(version: string, serverId: string): ChaosTexts {
  return new Map([
    ['version.bind.', version],
    ['version.server.', version],
    ['id.server.', serverId],
    ['hostname.bind.', serverId],
  ])
}

/** A TXT record of class CH, owner the question, TTL 0 as BIND and NSD send it. */
export function chaosRecord(text: string): Uint8Array {
  const octets = new TextEncoder().encode(text).subarray(0, 255)
  const record = new Uint8Array(13 + octets.length)
  const view = new DataView(record.buffer)
  view.setUint16(0, 0xc00c)
  view.setUint16(2, TYPE.TXT)
  view.setUint16(4, CLASS.CH)
  view.setUint16(10, octets.length + 1)
  record[12] = octets.length
  record.set(octets, 13)
  return record
}
