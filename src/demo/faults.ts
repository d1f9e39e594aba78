import type { ServerResponse } from 'node:http'
import { JSON_TYPE, type Reply, textReply } from './reply.ts'

/** Something a test lets the simulated master do wrong. */
export type Fault =
  /** Nothing: SUBSCRIBE goes on while other requests meet a standing fault. */
  | { readonly kind: 'none' }
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
  /** Answers rightly, so many octets at a time. */
  | { readonly kind: 'trickle'; readonly octets: number; readonly everyMs: number }
  /** A `Content-Length` that is so many octets more than there are, or less if negative. */
  | { readonly kind: 'length'; readonly by: number }
  /** 307 to somewhere else; to itself, or to a master that redirects back, it is a loop. */
  | { readonly kind: 'redirect'; readonly location: string }

/** What `oversize` repeats. */
const PADDING = Buffer.alloc(64 * 1024, ' ')

/** Answers as the fault wants it; `send` gives the right answer. */
export function sendFaulty(
  fault: Fault,
  response: ServerResponse,
  reply: Reply,
  send: (reply: Reply) => void,
): void {
  const body = Buffer.concat(reply.body)
  switch (fault.kind) {
    case 'none':
      send(reply)
      return
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
      send(textReply(fault.status, fault.body ?? `status ${fault.status}`))
      return
    case 'body':
      send({
        status: 200,
        headers:
          fault.encoding === undefined
            ? JSON_TYPE
            : { ...JSON_TYPE, 'Content-Encoding': fault.encoding },
        body: [Buffer.from(fault.body)],
      })
      return
    case 'oversize':
      response.writeHead(reply.status, reply.headers)
      pad(response, fault.bytes, () => response.end(body))
      return
    case 'trickle':
      response.writeHead(reply.status, { ...reply.headers, 'Content-Length': body.length })
      trickle(response, body, fault)
      return
    case 'length':
      // Past the response, which would not let the two differ.
      response.writeHead(reply.status, {
        ...reply.headers,
        'Content-Length': Math.max(0, body.length + fault.by),
      })
      response.flushHeaders()
      response.socket?.end(body)
      return
    case 'redirect':
      send({ status: 307, headers: { Location: fault.location }, body: [] })
  }
}

/** Writes white space no faster than it is read. */
function pad(response: ServerResponse, bytes: number, done: () => void): void {
  if (response.destroyed) return
  if (bytes <= 0) done()
  else response.write(PADDING, () => pad(response, bytes - PADDING.length, done))
}

function trickle(
  response: ServerResponse,
  body: Buffer,
  { octets, everyMs }: { readonly octets: number; readonly everyMs: number },
): void {
  if (response.destroyed) return
  if (body.length <= octets) {
    response.end(body)
    return
  }
  response.write(body.subarray(0, octets))
  const next = () => trickle(response, body.subarray(octets), { octets, everyMs })
  setTimeout(next, everyMs).unref()
}
