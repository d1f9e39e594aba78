import { type ProgramName, run } from '../programs.ts'

/** What dig or kdig prints of one reply. */
export interface Printed {
  readonly opcode: string
  readonly status: string
  /** As printed: `qr aa rd ra`. */
  readonly flags: string
  /** Undefined without an OPT. */
  readonly edns:
    | { readonly version: number; readonly flags: string; readonly udp: number }
    | undefined
  /** Lines about EDNS options: `NSID: …`, `EDE: …`. */
  readonly options: readonly string[]
  readonly question: readonly string[]
  /** Records as `name TTL type rdata`; the class only where it is not IN. */
  readonly answer: readonly string[]
  readonly authority: readonly string[]
  readonly additional: readonly string[]
  readonly octets: number
  readonly transport: string
}

/** One run: the replies it printed, and all of its text. */
export interface Session {
  readonly replies: readonly Printed[]
  readonly text: string
}

export type Digger = Extract<ProgramName, 'dig' | 'kdig'>

export const DIGGERS: readonly Digger[] = ['dig', 'kdig']

const OPTIONS: Readonly<Record<Digger, readonly string[]>> = {
  dig: ['-r', '+tries=1', '+time=10', '+nocookie'],
  kdig: ['+retry=0', '+time=10'],
}

/** Runs dig or kdig with arguments as on a command line; the first ones are often a name and a type. */
export async function ask(
  program: Digger,
  server: { readonly host: string; readonly port: number },
  ...lines: readonly string[]
): Promise<Session> {
  const words = lines.flatMap((line) => line.split(' '))
  const args = [`@${server.host}`, '-p', String(server.port), ...OPTIONS[program], ...words]
  const { stdout, stderr } = await run(program, args)
  const text = stdout + stderr
  const replies = text
    .split(/^(?=;; ->>HEADER<<-)/m)
    .filter((part) => part.startsWith(';; ->>HEADER<<-'))
    .map(parseReply)
  return { replies, text }
}

/** The same where one reply is expected. */
export async function askOne(...args: Parameters<typeof ask>): Promise<Printed> {
  const { replies, text } = await ask(...args)
  const [reply] = replies
  if (reply === undefined || replies.length > 1) {
    throw new Error(`${replies.length} replies where one was expected:\n${text}`)
  }
  return reply
}

/** Lines sorted, for order means nothing, and with SERIAL for the SOA's, which is the time. */
export function settled(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/( SOA \S+ \S+) \d+/, '$1 SERIAL')).sort()
}

function parseReply(text: string): Printed {
  const field = (pattern: RegExp) => pattern.exec(text)?.[1]?.trim() ?? ''
  return {
    opcode: field(/opcode: (\w+)/),
    // kdig shows an extended RCODE beside the four bits of the header.
    status: field(/ext-rcode: (?!NOERROR)(\w+)/) || field(/status: (\w+)/),
    flags: field(/^;; flags: ?([a-z ]*);/im),
    edns: parseEdns(text),
    options: [...text.matchAll(/^;;? ((?:NSID|EDE|COOKIE|TCP KEEPALIVE|CLIENT-SUBNET).*)$/gm)].map(
      (match) => match[1] ?? '',
    ),
    question: section(text, 'QUESTION|ZONE').map((line) => line.replace(/^;+ ?/, '')),
    answer: section(text, 'ANSWER'),
    authority: section(text, 'AUTHORITY'),
    additional: section(text, 'ADDITIONAL'),
    octets: Number(field(/^;; (?:MSG SIZE {2}rcvd: |Received )(\d+)/m)),
    transport: field(/^;; (?:SERVER|From).*\((UDP|TCP)\)/m),
  }
}

function parseEdns(text: string): Printed['edns'] {
  const found =
    /^; EDNS: version: (\d+), flags:([a-z ]*);(?: MBZ: \S+,)? udp: (\d+)/m.exec(text) ??
    /^;; Version: (\d+); flags: ([a-z ]*); UDP size: (\d+) B/m.exec(text)
  if (found === null) return undefined
  const [, version, flags = '', udp] = found
  return { version: Number(version), flags: flags.trim(), udp: Number(udp) }
}

function section(text: string, title: string): string[] {
  const found = new RegExp(`^;; (?:${title}) SECTION:\\n((?:.+\\n)*)`, 'm').exec(text)
  return (found?.[1] ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\s+/g, ' ').replace(' IN ', ' '))
}
