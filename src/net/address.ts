import { isIPv4, isIPv6 } from 'node:net'

/** `host` is an IP address in text form (IPv6 without brackets) or a host name; `port` 0..65535. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/**
 * Splits `host:port`, `1.2.3.4:53`, `[2001:db8::1]:53`; with a `defaultPort` the port may be missing,
 * and a bare IPv6 address needs no brackets. Returns undefined for anything else.
 */
export function parseHostPort(text: string, defaultPort?: number): HostPort | undefined {
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text)
  if (bracketed !== null) {
    const host = bracketed[1] ?? ''
    return isIp(host) ? withPort(host, bracketed[2], defaultPort) : undefined
  }
  if (isIp(text) && text.includes(':')) return withPort(text, undefined, defaultPort)
  const plain = /^([^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text)
  return plain === null ? undefined : withPort(plain[1] ?? '', plain[2], defaultPort)
}

function withPort(
  host: string,
  digits: string | undefined,
  defaultPort: number | undefined,
): HostPort | undefined {
  const port = digits === undefined ? defaultPort : Number(digits)
  if (port === undefined || port > 65535) return undefined
  return { host: canonicalIp(host) ?? host, port }
}

/** The opposite of parseHostPort: IPv6 in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Whether the text is an IPv4 or IPv6 address; zone identifiers (`%eth0`) are not accepted. */
export function isIp(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'))
}

/**
 * One text form per address: IPv6 as RFC 5952 writes it, IPv4-mapped IPv6 as IPv4. Undefined for
 * anything that is not an address.
 */
export function canonicalIp(text: string): string | undefined {
  if (isIPv4(text)) return text
  const bytes = ipToBytes(text)
  return bytes === undefined ? undefined : bytesToIp(bytes)
}

/** 4 or 16 octets in network order; IPv4-mapped IPv6 gives 4. Undefined if not an address. */
export function ipToBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text) || text.includes('%')) return undefined
  const [head = '', tail] = text.split('::')
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const octets = [...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back]
  return isMapped(octets) ? Uint8Array.from(octets.slice(12)) : Uint8Array.from(octets)
}

/** Octets of the colon-separated groups of one side of `::`, dotted quad at the end included. */
function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

function isMapped(octets: readonly number[]): boolean {
  return octets.every((octet, i) => i >= 12 || octet === (i < 10 ? 0 : 0xff))
}

/** Text form of 4 or 16 octets (RFC 5952 §4 for IPv6). */
export function bytesToIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const words: number[] = []
  for (let i = 0; i < 16; i += 2) words.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0))
  const { start, length } = longestZeroRun(words)
  const hex = (from: number, to: number) =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':')
  return length < 2 ? hex(0, 8) : `${hex(0, start)}::${hex(start + length, 8)}`
}

function longestZeroRun(words: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  words.forEach((word, i) => {
    length = word === 0 ? length + 1 : 0
    if (length > best.length) best = { start: i - length + 1, length }
  })
  return best
}
