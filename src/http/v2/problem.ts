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

export function problem(
  status: number,
  reason: Problem['reason'],
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { ...COMMON_HEADERS, 'Content-Type': 'application/problem+json', ...headers },
    body: `${JSON.stringify(problemBody(status, reason, detail), null, 2)}\n`,
  }
}
