import type { HostPort } from '../net/address.ts'
import { FLAG, flagsOf, HEADER_LENGTH, type Message, scanMessage } from './message.ts'
import { questionOnly } from './reply.ts'

/** Why an upstream gave no usable reply. `aborted` says that we stopped waiting ourselves. */
export interface Failure {
  readonly kind: 'timeout' | 'network' | 'malformed' | 'aborted'
  /** A few words for the log. */
  readonly detail: string
}

export type Outcome =
  | { readonly reply: Message; readonly failure?: undefined }
  | { readonly reply?: undefined; readonly failure: Failure }

/** One try at one upstream, as a transport sees it. Only the first outcome counts. */
export interface Attempt {
  /** The message to send. */
  readonly packet: Buffer
  /** Takes a received message over, the buffer included; one that is no reply to this is ignored. */
  offer(message: Buffer): void
  fail(kind: 'network' | 'malformed', detail: string): void
}

/** Starts an attempt over a socket of its own and returns what closes that socket. */
export type Transport = (address: HostPort, attempt: Attempt) => () => void

export interface ExchangeLimits {
  /** For the whole exchange, connecting included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Sends a query, with `id` in place of its own, and waits for the reply that matches it. Never rejects;
 * the socket is closed when it settles.
 */
export function exchange(
  query: Message,
  id: number,
  address: HostPort,
  transport: Transport,
  { timeoutMs, signal }: ExchangeLimits,
): Promise<Outcome> {
  if (signal.aborted) return Promise.resolve({ failure: ABORTED })
  return new Promise((resolve) => {
    let settled = false
    let ignored = 0
    let close: (() => void) | undefined

    const settle = (outcome: Outcome) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      close?.()
      resolve(outcome)
    }
    const abort = () => settle({ failure: ABORTED })
    const timer = setTimeout(() => settle({ failure: timedOut(timeoutMs, ignored) }), timeoutMs)
    signal.addEventListener('abort', abort)

    const packet = Buffer.from(query.bytes)
    packet.writeUInt16BE(id, 0)
    const attempt: Attempt = {
      packet,
      offer: (message) => {
        if (isReplyTo(packet, query.questionEnd, message)) settle(readReply(message, query))
        else ignored++
      },
      fail: (kind, detail) => settle({ failure: { kind, detail } }),
    }
    try {
      close = transport(address, attempt)
    } catch (error) {
      attempt.fail('network', errorCode(error))
    }
    if (settled) close?.()
  })
}

const ABORTED: Failure = { kind: 'aborted', detail: 'stopped' }

function timedOut(timeoutMs: number, ignored: number): Failure {
  const others = ignored === 0 ? '' : `, ${ignored} replies did not match the query`
  return { kind: 'timeout', detail: `no reply in ${timeoutMs / 1000} s${others}` }
}

/**
 * Whether a message replies to exactly this query: id, QR, opcode, and the question byte for byte, the
 * case of its letters included (RFC 5452 §9.1). The socket has checked where it comes from.
 */
export function isReplyTo(query: Buffer, questionEnd: number, message: Buffer): boolean {
  if (message.length < questionEnd) return false
  if (message.readUInt16BE(0) !== query.readUInt16BE(0)) return false
  const opcode = flagsOf(query) & FLAG.OPCODE
  if ((flagsOf(message) & (FLAG.QR | FLAG.OPCODE)) !== (FLAG.QR | opcode)) return false
  if (message.readUInt16BE(4) !== 1) return false
  return query.compare(message, HEADER_LENGTH, questionEnd, HEADER_LENGTH, questionEnd) === 0
}

/** Records that cannot be followed fail the upstream, unless TC says that the message was cut short. */
function readReply(message: Buffer, { questionEnd }: Message): Outcome {
  const truncated = (flagsOf(message) & FLAG.TC) !== 0
  const reply =
    scanMessage(message) ??
    (truncated ? scanMessage(questionOnly(message, questionEnd)) : undefined)
  if (reply !== undefined) return { reply }
  return { failure: { kind: 'malformed', detail: 'reply has records that cannot be read' } }
}

/** `ECONNREFUSED` and the like, or the message of an error without a code. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
