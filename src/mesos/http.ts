import { Agent, type Dispatcher } from 'undici'
import { StateFetchError } from './errors.ts'
import { readBody } from './http-body.ts'
import { describeNetworkError } from './network-error.ts'
import type { MasterTls } from './tls.ts'

export interface HttpRequest {
  readonly url: URL
  /** HEAD is never used: Mesos answers it with a body. */
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  /** Value of a Location header, `''` if none. */
  readonly location: string
  /** Value of Content-Type, `''` if none. */
  readonly contentType: string
  /** Decoded; of an answer other than 200 only the start. */
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
 * A state is parsed from one string, and V8's strings end at 512 MiB; that is more than 300,000 tasks.
 */
export const MAX_STATE_BYTES = 500 * 1024 * 1024
/** Error pages and redirects are read no further than this. */
const MAX_OTHER_BYTES = 64 * 1024
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
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        return await exchange(
          agent,
          request,
          userAgent,
          maxBytes,
          AbortSignal.any([signal, timeout]),
        )
      } catch (error) {
        signal.throwIfAborted()
        if (timeout.aborted) {
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
  { url, method, headers, body }: HttpRequest,
  userAgent: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const response = await agent.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers: { 'user-agent': userAgent, 'accept-encoding': 'gzip', ...headers },
    body: body ?? null,
    signal,
  })
  const ok = response.statusCode === 200
  return {
    status: response.statusCode,
    location: header(response, 'location'),
    contentType: header(response, 'content-type'),
    body: ok
      ? await readBody(response.body, encodingOf(response), maxBytes, signal)
      : await readStart(response, signal),
  }
}

/** The body of an error page, for its message; a page that cannot be read is none. */
async function readStart(response: Dispatcher.ResponseData, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readBody(response.body, encodingOf(response), MAX_OTHER_BYTES, signal)
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
