import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { Packet } from 'dns2'
import { formatHostPort, type HostPort } from '../../net/address.ts'
import { LookupError } from '../errors.ts'
import type { Question } from './question.ts'

export interface Exchange {
  readonly server: HostPort
  readonly transport: 'udp' | 'tcp'
  readonly timeoutMs: number
}

export interface LookupReply {
  readonly message: Packet
  readonly transport: 'udp' | 'tcp'
}

/**
 * Asks a server one question. A truncated reply over UDP is asked for again over TCP. Throws a
 * LookupError if nothing comes that answers the question.
 */
export async function exchange(question: Question, options: Exchange): Promise<LookupReply> {
  const query = encode(question)
  const send = options.transport === 'udp' ? overUdp : overTcp
  const reply = await send(query, question, options)
  if (options.transport === 'tcp' || reply.header.tc === 0) {
    return { message: reply, transport: options.transport }
  }
  const message = await overTcp(query, question, { ...options, transport: 'tcp' })
  return { message, transport: 'tcp' }
}

/** Without EDNS: dns2 miscounts the options of an OPT record, and truncation has TCP to fall back to. */
function encode({ name, type }: Question): Buffer {
  const packet = new Packet()
  packet.header = new Packet.Header({ id: Packet.uuid(), rd: 1 })
  packet.questions.push(new Packet.Question(name, type, Packet.CLASS.IN))
  return packet.toBuffer()
}

function overUdp(query: Buffer, question: Question, options: Exchange): Promise<Packet> {
  const { server, timeoutMs } = options
  return settle(options, timeoutMs, (resolve, reject) => {
    const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4')
    socket.on('error', reject)
    socket.on('message', (bytes) => {
      const reply = decode(bytes)
      if (reply !== undefined && answers(reply, query, question)) resolve(reply)
    })
    // Connected, so that only the server is heard, and a closed port is an error at once.
    socket.connect(server.port, server.host, (error?: Error) => {
      if (error) reject(error)
      else socket.send(query)
    })
    return () => socket.close()
  })
}

function overTcp(query: Buffer, question: Question, options: Exchange): Promise<Packet> {
  const { server, timeoutMs } = options
  return settle(options, timeoutMs, (resolve, reject) => {
    const socket = connect(server.port, server.host)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    let received = Buffer.alloc(0)
    socket.on('error', reject)
    socket.on('end', () => reject(new Error('the connection was closed without an answer')))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return
      const reply = decode(received.subarray(2, 2 + received.readUInt16BE()))
      if (reply !== undefined && answers(reply, query, question)) resolve(reply)
      else reject(new Error('what came does not answer the question'))
    })
    socket.write(Buffer.concat([length, query]))
    return () => socket.destroy()
  })
}

/** Runs one attempt with a time limit; turns whatever goes wrong into a LookupError. */
async function settle(
  { server, transport }: Exchange,
  timeoutMs: number,
  attempt: (resolve: (reply: Packet) => void, reject: (error: Error) => void) => () => void,
): Promise<Packet> {
  const where = `${formatHostPort(server)} (${transport})`
  let close = () => {}
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Packet>((resolve, reject) => {
      close = attempt(resolve, (error) =>
        reject(new LookupError(reason(error, where), { cause: error })),
      )
      timer = setTimeout(() => {
        const seconds = timeoutMs / 1000
        reject(
          new LookupError(`no answer from ${where} in ${seconds} s; check --server and --port`),
        )
      }, timeoutMs)
    })
  } finally {
    clearTimeout(timer)
    close()
  }
}

function reason(error: NodeJS.ErrnoException, where: string): string {
  if (error.code === 'ECONNREFUSED') {
    return `nothing listens at ${where}; is the server running there? see --server and --port`
  }
  return `no answer from ${where}: ${error.message}`
}

/** Undefined for what is no whole DNS message: dns2 leaves out records it cannot read. */
function decode(bytes: Buffer): Packet | undefined {
  try {
    const { header, ...sections } = Packet.parse(bytes)
    const { questions, answers, authorities } = sections
    const whole =
      header.qdcount === questions.length &&
      header.ancount === answers.length &&
      header.nscount === authorities.length
    return whole ? Object.assign(new Packet(), sections, { header }) : undefined
  } catch {
    return undefined
  }
}

function answers(reply: Packet, query: Buffer, { name, type }: Question): boolean {
  const [asked] = reply.questions
  return (
    reply.header.id === query.readUInt16BE() &&
    reply.header.qr === 1 &&
    asked !== undefined &&
    `${asked.name}.`.toLowerCase() === (name === '.' ? '.' : name).toLowerCase() &&
    asked.type === type
  )
}
