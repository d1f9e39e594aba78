import { STATUS_CODES } from 'node:http'
import type { Answer } from '../answer.ts'
import type { Problem } from '../schemas.ts'

/** Sent with everything but /v1, whose headers stay those of Mesos-DNS. */
export const COMMON_HEADERS = {
  'Cache-Control': 'no-cache',
  'X-Content-Type-Options': 'nosniff',
} as const

/** An error as RFC 9457 has it; `reason` is for programs, `detail` for people. */
export function problemBody(status: number, reason: Problem['reason'], detail: string): Problem {
  const title = STATUS_CODES[status] ?? String(status)
  return { type: 'about:blank', title, status, detail, reason }
}

/** `more` are members of its own (RFC 9457 §3.2). */
export function problem(
  status: number,
  reason: Problem['reason'],
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more: object = {},
): Answer {
  return json(
    { ...problemBody(status, reason, detail), ...more },
    { 'Content-Type': 'application/problem+json', ...headers },
    status,
  )
}

/** A JSON answer of the paths that Mesos-DNS does not have. */
export function json(
  body: object,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Answer {
  return {
    status,
    headers: { ...COMMON_HEADERS, 'Content-Type': 'application/json', ...headers },
    body: `${JSON.stringify(body, null, 2)}\n`,
  }
}
