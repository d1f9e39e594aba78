import type { ServerResponse } from 'node:http'
import type { Reply } from './master-api.ts'

/** Something a test lets the simulated master do wrong. */
export type Fault =
  /** Answers rightly, but only after a while. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Closes the connection without a byte of an answer. */
  | { readonly kind: 'reset' }
  /** Sends the head and half of the body, and then nothing more. */
  | { readonly kind: 'stall' }
  /** Promises the whole body, sends `bytes` of it (default half) and closes. */
  | { readonly kind: 'truncate'; readonly bytes?: number }
  /** Another status, with a text for a body. */
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** 200, with another body. */
  | { readonly kind: 'body'; readonly body: string | Buffer; readonly encoding?: string }
  /** 200, with at least so many bytes of white space before the right body. */
  | { readonly kind: 'oversize'; readonly bytes: number }
  /** 307 to somewhere else. */
  | { readonly kind: 'redirect'; readonly location: string }

/** Which fault the next request meets: first those queued with `once`, then the standing one. */
export class FaultScript {
  readonly #queue: Fault[] = []
  #standing: Fault | undefined

  /** The next requests that have none yet meet these, one each. */
  once(...faults: readonly Fault[]): void {
    this.#queue.push(...faults)
  }

  /** Every request meets this one, until `clear`. */
  always(fault: Fault): void {
    this.#standing = fault
  }

  clear(): void {
    this.#queue.length = 0
    this.#standing = undefined
  }

  /** Takes the fault of the request that has just come. */
  take(): Fault | undefined {
    return this.#queue.shift() ?? this.#standing
  }
}

/** What `oversize` repeats. */
const PADDING = Buffer.alloc(64 * 1024, ' ')

/** Answers as the fault wants it; `send` gives the right answer. */
export function sendFaulty(
  fault: Fault,
  response: ServerResponse,
  reply: Reply,
  send: (reply: Reply) => void,
): void {
  const body = Buffer.from(reply.body)
  switch (fault.kind) {
    case 'hang':
      return
    case 'reset':
      response.destroy()
      return
    case 'delay':
      setTimeout(() => send(reply), fault.ms).unref()
      return
    case 'stall':
      response.writeHead(reply.status, { ...reply.headers, 'Content-Length': body.length })
      response.write(body.subarray(0, body.length / 2))
      return
    case 'truncate':
      response.writeHead(reply.status, { ...reply.headers, 'Content-Length': body.length })
      response.write(body.subarray(0, fault.bytes ?? body.length / 2), () => response.destroy())
      return
    case 'status':
      send({ status: fault.status, headers: TEXT, body: fault.body ?? `status ${fault.status}` })
      return
    case 'body':
      send({
        status: 200,
        headers:
          fault.encoding === undefined
            ? JSON_TYPE
            : { ...JSON_TYPE, 'Content-Encoding': fault.encoding },
        body: fault.body,
      })
      return
    case 'oversize':
      response.writeHead(reply.status, reply.headers)
      pad(response, fault.bytes, () => response.end(body))
      return
    case 'redirect':
      send({ status: 307, headers: { Location: fault.location }, body: '' })
  }
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' }
const JSON_TYPE = { 'Content-Type': 'application/json' }

/** Writes white space no faster than it is read. */
function pad(response: ServerResponse, bytes: number, done: () => void): void {
  if (response.destroyed) return
  if (bytes <= 0) done()
  else response.write(PADDING, () => pad(response, bytes - PADDING.length, done))
}
