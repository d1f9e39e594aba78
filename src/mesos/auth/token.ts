import { isObject } from '../../state/narrow.ts'

/** A token that masters accept, and when it is to be replaced; times are milliseconds since the epoch. */
export interface Token {
  readonly text: string
  /** From when on a new one is fetched, while this one still does. Infinity if it does not say how long it lives. */
  readonly refreshAt: number
  /** From when on masters refuse it. */
  readonly expiresAt: number
}

/** Of a token's life, the part after which it is replaced. */
const REFRESH_AFTER = 0.75
/** What is left of its life then, at least: clocks differ, and a login takes its time. */
const MARGIN_MS = 60_000

/**
 * Reads the `exp` of a JWT (RFC 7519 §4.1.4), which is not checked otherwise: that is the masters' business. A token
 * that is no JWT, has no `exp`, or has expired by our clock is used until a master refuses it.
 */
export function readToken(text: string, nowMs: number): Token {
  const expiresAt = expiryOf(text)
  if (expiresAt === undefined || expiresAt <= nowMs) {
    return { text, refreshAt: Number.POSITIVE_INFINITY, expiresAt: Number.POSITIVE_INFINITY }
  }
  const life = expiresAt - nowMs
  // One that lives for less than two margins is used for half of its life all the same.
  const after = Math.max(life / 2, Math.min(life * REFRESH_AFTER, life - MARGIN_MS))
  return { text, refreshAt: nowMs + after, expiresAt }
}

function expiryOf(text: string): number | undefined {
  const [, claims, ...rest] = text.split('.')
  if (claims === undefined || rest.length !== 1) return undefined
  try {
    const json: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const seconds = isObject(json) ? json.exp : undefined
    return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined
  } catch {
    return undefined
  }
}
