import { lookup as resolveHost } from 'node:dns/promises'
import type { Packet } from 'dns2'
import { formatHostPort, type HostPort, isIp, parseHostPort } from '../../net/address.ts'
import { LookupError, UsageError } from '../errors.ts'
import { EXIT } from '../exit-status.ts'
import { checkSeconds, checkWhole } from '../numbers.ts'
import type { Terminal } from '../terminal.ts'
import { exchange, type LookupReply } from './exchange.ts'
import { presentRdata, presentRecord } from './present.ts'
import { makeQuestion, type Question } from './question.ts'
import { className, rcodeName, typeName } from './types.ts'

export interface LookupOptions {
  readonly name: string
  readonly type: string | undefined
  /** `host` or `host:port`. */
  readonly server: string
  readonly port: number | undefined
  readonly tcp: boolean
  readonly short: boolean
  readonly json: boolean
  /** Seconds. */
  readonly timeout: number
}

/** Asks a running server over DNS and prints its answer; returns the exit status that tells of it. */
export async function lookup(options: LookupOptions, terminal: Terminal): Promise<number> {
  checkWhole('--port', options.port, 65535)
  checkSeconds('--timeout', options.timeout)
  const question = makeQuestion(options.name, options.type)
  const server = await serverAddress(options)
  const reply = await exchange(question, {
    server,
    transport: options.tcp ? 'tcp' : 'udp',
    timeoutMs: options.timeout * 1000,
  })
  if (options.json) {
    terminal.out(`${JSON.stringify(jsonForm(reply, question, server), null, 2)}\n`)
    return statusOf(reply.message)
  }
  const present = options.short ? presentRdata : presentRecord
  for (const record of reply.message.answers) terminal.out(`${present(record)}\n`)
  const remark = remarkOn(reply.message, question, formatHostPort(server))
  if (remark !== undefined) terminal.complain(remark)
  return statusOf(reply.message)
}

async function serverAddress({ server, port }: LookupOptions): Promise<HostPort> {
  const parsed = parseHostPort(server, 53)
  if (parsed === undefined) {
    throw new UsageError(
      `--server is ${JSON.stringify(server)}; write an address or host, or host:port`,
    )
  }
  const host = isIp(parsed.host) ? parsed.host : await hostAddress(parsed.host)
  return { host, port: port ?? parsed.port }
}

async function hostAddress(name: string): Promise<string> {
  try {
    return (await resolveHost(name)).address
  } catch (error) {
    throw new LookupError(`the host ${name} of --server has no address; write one instead`, {
      cause: error,
    })
  }
}

const RCODE_STATUS: Readonly<Record<string, number>> = {
  NXDOMAIN: EXIT.NXDOMAIN,
  SERVFAIL: EXIT.SERVFAIL,
  REFUSED: EXIT.REFUSED,
}

function statusOf({ header, answers }: Packet): number {
  const rcode = rcodeName(header.rcode)
  if (rcode !== 'NOERROR') return RCODE_STATUS[rcode] ?? EXIT.OTHER_RCODE
  return answers.length > 0 ? EXIT.OK : EXIT.NODATA
}

/** What there is to say about an answer without records. */
function remarkOn(
  { header, answers }: Packet,
  { name, type }: Question,
  server: string,
): string | undefined {
  const rcode = rcodeName(header.rcode)
  if (rcode === 'NXDOMAIN') return `NXDOMAIN: ${name} does not exist, says ${server}`
  if (rcode !== 'NOERROR') return `${rcode}: ${server} did not answer ${name} ${typeName(type)}`
  if (answers.length > 0) return undefined
  return `${name} has no ${typeName(type)} records, says ${server}`
}

/** The whole message, for programs. */
function jsonForm({ message, transport }: LookupReply, question: Question, server: HostPort) {
  const { header } = message
  const flags = (['aa', 'tc', 'rd', 'ra'] as const).filter((flag) => header[flag] === 1)
  return {
    server: formatHostPort(server),
    transport,
    status: rcodeName(header.rcode),
    flags,
    question: { name: question.name, type: typeName(question.type) },
    answers: message.answers.map(jsonRecord),
    authorities: message.authorities.map(jsonRecord),
    additionals: message.additionals.map(jsonRecord),
  }
}

function jsonRecord(record: Packet['answers'][number]) {
  return {
    name: `${record.name}.`,
    ttl: record.ttl,
    class: className(record.class),
    type: typeName(record.type),
    rdata: presentRdata(record),
  }
}
