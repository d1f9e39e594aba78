import { sign } from 'node:crypto'
import type { IamAccount } from '../../config/iam.ts'
import { isObject } from '../../state/narrow.ts'
import { AuthError } from '../errors.ts'
import type { HttpRequest, MasterHttp } from '../http.ts'
import type { Authenticator } from './authenticator.ts'

const JWT_LIFETIME_S = 3600

/**
 * DC/OS login: a JWT signed with the account's key is exchanged for a token, which masters accept as
 * `Authorization: token=…`. The token is used until a master refuses it.
 */
export function createIamAuthenticator(
  account: IamAccount,
  http: MasterHttp,
  nowMs: () => number = Date.now,
): Authenticator {
  let authorization: string | undefined
  return {
    principal: account.uid,
    async authorization(signal) {
      authorization ??= `token=${await logIn(account, http, nowMs(), signal)}`
      return authorization
    },
    rejected(refused) {
      if (authorization === refused) authorization = undefined
      return true
    },
  }
}

async function logIn(account: IamAccount, http: MasterHttp, nowMs: number, signal: AbortSignal) {
  const { uid, loginEndpoint } = account
  const request: HttpRequest = {
    url: loginEndpoint,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ uid, token: signJwt(account, nowMs) }),
  }
  const where = `login as ${uid} at ${loginEndpoint.origin}${loginEndpoint.pathname}`
  const { status, body } = await http.send(request, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new AuthError(`${where} failed: ${reason}`, { cause })
  })
  if (status !== 200) {
    const hint = 'check uid and private_key in iamConfigFile'
    throw new AuthError(`${where} was refused with status ${status}; ${hint}`)
  }
  const token = readToken(body)
  if (token === undefined)
    throw new AuthError(`${where} answered without a token; check login_endpoint`)
  return token
}

/** The answer is `{"token": "…"}`; a token that cannot stand in a header is none. */
function readToken(body: Buffer): string | undefined {
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
