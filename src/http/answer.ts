/** What a request comes to, before koa writes it. */
export interface Answer {
  readonly status: number
  /** As sent; nothing is added but Date, Content-Length or Transfer-Encoding, and Connection. */
  readonly headers: Readonly<Record<string, string>>
  /** Pieces are sent one by one, with the event loop given a turn between them. */
  readonly body: string | readonly Uint8Array[]
  /** What kept the server from answering as it should; for its log. */
  readonly failure?: Error
}

/** Sent with 503: seconds after which asking again makes sense. */
export const RETRY_LATER = { 'Retry-After': '5' } as const

/** The way Mesos-DNS sends its errors. */
export function text(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body }
}
