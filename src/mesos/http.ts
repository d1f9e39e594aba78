import { Agent, type Dispatcher } from 'undici'
import { StateFetchError } from './errors.ts'
import { type BodyConsumer, type BodyLimits, readBody, streamBody } from './http-body.ts'
import { describeNetworkError } from './network-error.ts'
import type { MasterTls } from './tls.ts'

export interface HttpRequest {
  readonly url: URL
  /** HEAD is never used: Mesos answers it with a body. */
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Takes the body of a 200 answer as it arrives; without it, the answer has it. */
  readonly consume?: BodyConsumer
  /**
   * The body of a 200 answer goes on for ever: it is asked for uncompressed, and neither its size nor the time is
   * limited. Whoever asks aborts when it takes too long.
   */
  readonly endless?: boolean
}

export interface HttpAnswer {
  readonly status: number
  /** Value of a Location header, `''` if none. */
  readonly location: string
  /** Value of Content-Type, `''` if none. */
  readonly contentType: string
  /** Decoded; of an answer other than 200 only the start. Empty if it was consumed as it arrived. */
  readonly body: Buffer
}

/** HTTP with limits, for masters and the login endpoint. Follows no redirect by itself. */
export interface MasterHttp {
  /** Rejects with StateFetchError, or with the signal's reason if that was aborted. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

export interface MasterHttpOptions {
  readonly tls: MasterTls
  readonly userAgent: string
  /** Longest a request may take, from the connection to the last byte. */
  readonly timeoutMs: number
  /** Largest body of a 200 answer, decoded. */
  readonly maxBytes?: number
}

/**
 * A state is decoded as it arrives, so its size is no matter of memory. This is more than a million tasks, and keeps an
 * endless answer from being read until the timeout.
 */
export const MAX_STATE_BYTES = 2 * 1024 ** 3
/** Other bodies are held in memory: what a login endpoint answers. */
const MAX_HELD_BYTES = 16 * 1024 ** 2
/** Error pages and redirects are read no further than this. */
const MAX_OTHER_BYTES = 64 * 1024
/**
 * How much of a body may wait to be unpacked before the connection is held back. Much, since undici 7 ends the
 * process where the other side closes a connection that is held back (nodejs/undici#5360, mended for Node 22 only); a
 * state of this size, packed, would be one of a million tasks.
 */
const MAX_WAITING_BYTES = 256 * 1024 ** 2
/** A host that swallows packets must not cost the whole timeout before the next master is asked. */
const CONNECT_TIMEOUT_MS = 10_000

export function createMasterHttp(options: MasterHttpOptions): MasterHttp {
  const { tls, userAgent, timeoutMs, maxBytes = MAX_STATE_BYTES } = options
  const agent = new Agent({
    connect: { ...tls, timeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs) },
    // One connection per request: between polls a kept one would mostly be found closed.
    pipelining: 0,
    // The timeout below covers the whole request; a big master may think long before its first byte.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    async send(request, signal) {
      const timeout = request.endless ? undefined : AbortSignal.timeout(timeoutMs)
      const limits =
        timeout === undefined
          ? { maxBytes: Number.POSITIVE_INFINITY, signal }
          : { maxBytes, signal: AbortSignal.any([signal, timeout]) }
      try {
        return await exchange(agent, request, userAgent, limits)
      } catch (error) {
        signal.throwIfAborted()
        if (timeout?.aborted) {
          throw new StateFetchError(`no complete answer within ${timeoutMs / 1000} s`, {
            cause: error,
          })
        }
        if (error instanceof StateFetchError) throw error
        throw new StateFetchError(describeNetworkError(error), { cause: error })
      }
    },
    close: () => agent.destroy(),
  }
}

async function exchange(
  agent: Agent,
  { url, method, headers, body, consume, endless }: HttpRequest,
  userAgent: string,
  limits: BodyLimits,
): Promise<HttpAnswer> {
  const response = await agent.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: {
      'user-agent': userAgent,
      'accept-encoding': endless ? 'identity' : 'gzip',
      ...headers,
    },
    body: body ?? null,
    signal: limits.signal,
    highWaterMark: MAX_WAITING_BYTES,
  })
  return {
    status: response.statusCode,
    location: header(response, 'location'),
    contentType: header(response, 'content-type'),
    body:
      response.statusCode === 200
        ? await takeBody(response, consume, limits)
        : await readStart(response, limits.signal),
  }
}

/** The body of a good answer, empty if somebody else takes it. */
async function takeBody(
  response: Dispatcher.ResponseData,
  consume: BodyConsumer | undefined,
  limits: BodyLimits,
): Promise<Buffer> {
  if (consume === undefined) {
    const maxBytes = Math.min(limits.maxBytes, MAX_HELD_BYTES)
    return readBody(response.body, encodingOf(response), { ...limits, maxBytes })
  }
  await streamBody(response.body, encodingOf(response), consume, limits)
  return Buffer.alloc(0)
}

/** The body of an error page, for its message; a page that cannot be read is none. */
async function readStart(response: Dispatcher.ResponseData, signal: AbortSignal): Promise<Buffer> {
  try {
    const limits = { maxBytes: MAX_OTHER_BYTES, signal }
    return await readBody(response.body, encodingOf(response), limits)
  } catch {
    signal.throwIfAborted()
    return Buffer.alloc(0)
  }
}

function encodingOf(response: Dispatcher.ResponseData): string {
  return header(response, 'content-encoding').trim().toLowerCase()
}

function header({ headers }: Dispatcher.ResponseData, name: string): string {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}
