import { connect, type Socket } from 'node:net'
import type { MasterServer } from '../../src/demo/index.ts'
import { eventually } from '../eventually.ts'

/** A subscriber that sees every octet. */
export interface StreamClient {
  /** The lines before the body. */
  readonly head: readonly string[]
  /** What each chunk of the body held. */
  readonly chunks: readonly string[]
  /** Parsed, as far as whole ones have come. */
  readonly records: readonly StreamRecord[]
  readonly types: readonly string[]
  /** `done`: the last chunk has come, and the connection is open. */
  readonly state: 'open' | 'done' | 'closed'
  readonly socket: Socket
  until(what: string, holds: (client: StreamClient) => boolean): Promise<void>
}

export interface StreamRecord {
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever a test looks for in an event
  readonly [key: string]: any
}

/** Subscribes to a master's events. */
export function subscribe({ address }: MasterServer): StreamClient {
  const socket = connect(address.port, address.host)
  let octets = Buffer.alloc(0)
  let isClosed = false
  socket.on('data', (data) => {
    octets = Buffer.concat([octets, data])
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  const body = '{"type":"SUBSCRIBE"}'
  socket.write(
    `POST /api/v1 HTTP/1.1\r\nHost: master\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const client: StreamClient = {
    socket,
    get head() {
      return headOf(octets)
    },
    get chunks() {
      return chunksOf(octets).chunks
    },
    get records() {
      return recordsOf(chunksOf(octets).chunks.join(''))
    },
    get types() {
      return client.records.map(({ type }) => type)
    },
    get state() {
      if (isClosed) return 'closed'
      return chunksOf(octets).isDone ? 'done' : 'open'
    },
    until: (what, holds) => eventually(what, () => holds(client)),
  }
  return client
}

function headOf(octets: Buffer): string[] {
  return octets.toString().split('\r\n\r\n', 1)[0]?.split('\r\n') ?? []
}

/** latin1 throughout: a character is an octet. */
function chunksOf(octets: Buffer): { chunks: string[]; isDone: boolean } {
  const text = octets.toString('latin1')
  const chunks: string[] = []
  const begin = text.indexOf('\r\n\r\n')
  for (let at = begin < 0 ? text.length : begin + 4; ; ) {
    const line = text.indexOf('\r\n', at)
    if (line < 0) return { chunks, isDone: false }
    const size = Number.parseInt(text.slice(at, line), 16)
    if (size === 0) return { chunks, isDone: true }
    const chunk = text.slice(line + 2, line + 2 + size)
    if (chunk.length < size) return { chunks, isDone: false }
    chunks.push(chunk)
    at = line + 2 + size + 2
  }
}

function recordsOf(body: string): StreamRecord[] {
  const records: StreamRecord[] = []
  for (let at = 0; ; ) {
    const line = body.indexOf('\n', at)
    if (line < 0) return records
    const end = line + 1 + Number(body.slice(at, line))
    if (!(end <= body.length)) return records
    records.push(JSON.parse(Buffer.from(body.slice(line + 1, end), 'latin1').toString()))
    at = end
  }
}
