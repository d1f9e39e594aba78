import { sign } from 'node:crypto'
import type { IamAccount } from '../../config/iam.ts'
import type { Logger } from '../../log.ts'
import { isObject } from '../../state/narrow.ts'
import { AuthError } from '../errors.ts'
import type { HttpRequest, MasterHttp } from '../http.ts'
import type { Authenticator } from './authenticator.ts'
import { readToken, type Token } from './token.ts'

const JWT_LIFETIME_S = 3600

/** After a failed login another one is tried no sooner, as long as the token still does. */
const RETRY_MS = 30_000

export interface IamOptions {
  readonly account: IamAccount
  readonly http: MasterHttp
  readonly log: Pick<Logger, 'warn'>
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

/**
 * DC/OS login: a JWT signed with the account's key is exchanged for a token, which masters accept as
 * `Authorization: token=…`.
 */
export function createIamAuthenticator(options: IamOptions): Authenticator {
  return new IamAuthenticator(options)
}

/**
 * Keeps a token. Before it expires another one is fetched, while this one is still used; so nobody waits for a login, and
 * one that fails does no harm until the token has expired.
 */
class IamAuthenticator implements Authenticator {
  readonly principal: string
  readonly #options: IamOptions
  readonly #clock: () => number
  #token: Token | undefined
  #login: Promise<Token> | undefined
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(options: IamOptions) {
    this.principal = options.account.uid
    this.#options = options
    this.#clock = options.clock ?? Date.now
  }

  async authorization(signal: AbortSignal): Promise<string> {
    const now = this.#clock()
    const token = this.#token
    if (token !== undefined && now < token.expiresAt) {
      if (now >= token.refreshAt && now >= this.#notBefore) this.#refresh(token)
      return header(token)
    }
    return header(await untilAborted(this.#logIn(), signal))
  }

  rejected(refused: string): boolean {
    if (this.#token !== undefined && header(this.#token) === refused) this.#token = undefined
    return true
  }

  /** Never rejects: the token that there is still does. */
  #refresh({ expiresAt }: Token): void {
    this.#logIn().catch((error: unknown) => {
      this.#notBefore = this.#clock() + RETRY_MS
      const reason = error instanceof Error ? error.message : String(error)
      const expires = new Date(expiresAt).toISOString()
      this.#options.log.warn({ reason, expires }, 'could not log in anew; using the token there is')
    })
  }

  /** One login at a time, whoever waits for it. */
  #logIn(): Promise<Token> {
    this.#login ??= this.#fetchToken().finally(() => {
      this.#login = undefined
    })
    return this.#login
  }

  async #fetchToken(): Promise<Token> {
    const { account, http } = this.#options
    this.#token = readToken(await logIn(account, http, this.#clock()), this.#clock())
    return this.#token
  }
}

function header({ text }: Token): string {
  return `token=${text}`
}

/** Waits no longer than the signal allows; others may go on waiting. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

async function logIn(account: IamAccount, http: MasterHttp, nowMs: number): Promise<string> {
  const { uid, loginEndpoint } = account
  const request: HttpRequest = {
    url: loginEndpoint,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ uid, token: signJwt(account, nowMs) }),
  }
  const where = `login as ${uid} at ${loginEndpoint.origin}${loginEndpoint.pathname}`
  // Its time is limited as that of every request.
  const { signal } = new AbortController()
  const { status, body } = await http.send(request, signal).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AuthError(`${where} failed: ${reason}`, { cause })
  })
  if (status !== 200) {
    const hint = 'check uid and private_key in iamConfigFile'
    throw new AuthError(`${where} was refused with status ${status}; ${hint}`)
  }
  const token = tokenIn(body)
  if (token === undefined)
    throw new AuthError(`${where} answered without a token; check login_endpoint`)
  return token
}

/** The answer is `{"token": "…"}`; a token that cannot stand in a header is none. */
function tokenIn(body: Buffer): string | undefined {
  try {
    const json: unknown = JSON.parse(body.toString())
    const token = isObject(json) ? json.token : undefined
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? token : undefined
  } catch {
    return undefined
  }
}

/** RS256 (RFC 7518 §3.3) over `{exp, uid}`. */
export function signJwt({ uid, privateKey }: IamAccount, nowMs: number): string {
  const claims = { exp: Math.floor(nowMs / 1000) + JWT_LIFETIME_S, uid }
  const content = [{ alg: 'RS256', typ: 'JWT' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(content), privateKey)
  return `${content}.${signature.toString('base64url')}`
}
