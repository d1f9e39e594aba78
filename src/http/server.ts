import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'

/** Limits of one connection: requests here are a line and some headers, from any client at all. */
const LIMITS = {
  /** Octets of request line and headers; proxies add cookies and tokens. */
  maxHeaderSize: 16 * 1024,
  /** Milliseconds from here on. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** Longer than the pauses of a client that polls every few seconds. */
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
} as const

/** Without a byte in either direction for so long, a client that stopped reading is let go. */
const SOCKET_IDLE_MS = 60_000

const MAX_CONNECTIONS = 1_000

/** Octets of a body that are read, and thrown away, for the connection to go on: nothing here takes one. */
const MAX_BODY = 64 * 1024

/** An HTTP server that can be drained. */
export interface DrainingServer {
  readonly server: Server
  /**
   * Takes no new connections, lets requests that have begun be answered for up to `graceMs`, then cuts
   * what is left. Resolves when every connection is closed; at once if it never listened.
   */
  drain(graceMs: number): Promise<void>
}

/** `onError` gets what goes wrong while it listens, such as running out of file descriptors. */
export function createDrainingServer(
  listener: RequestListener,
  onError: (error: Error) => void,
): DrainingServer {
  let drained: Promise<void> | undefined
  const answer: RequestListener = (request, response) => {
    if (drained !== undefined || !isBodySmall(request)) response.setHeader('Connection', 'close')
    // Its headers may have promised to keep the connection before the draining began.
    response.once('close', () => {
      if (drained !== undefined) server.closeIdleConnections()
    })
    listener(request, response)
  }
  const server = createServer(LIMITS, answer)
  // Who asks whether to send a body gets the answer instead (RFC 9110 §10.1.1).
  server.on('checkContinue', answer)
  server.timeout = SOCKET_IDLE_MS
  server.maxConnections = MAX_CONNECTIONS
  // Not earlier: until then errors are those of whoever called listen.
  server.once('listening', () => server.on('error', onError))

  function close(graceMs: number): Promise<void> {
    if (!server.listening) return Promise.resolve()
    return new Promise((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      server.close(() => {
        clearTimeout(cut)
        resolve()
      })
    })
  }

  return {
    server,
    drain(graceMs) {
      drained ??= close(graceMs)
      return drained
    },
  }
}

function isBodySmall({ headers }: IncomingMessage): boolean {
  const { expect, 'transfer-encoding': coding, 'content-length': length = '0' } = headers
  return expect === undefined && coding === undefined && Number(length) <= MAX_BODY
}
