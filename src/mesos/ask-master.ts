import { formatHostPort, type HostPort } from '../net/address.ts'
import type { HostResolver } from '../state/host-resolver.ts'
import type { Authenticator } from './auth/index.ts'
import { AuthError, StateFetchError, toldOf } from './errors.ts'
import type { HttpAnswer, MasterHttp } from './http.ts'
import type { BodyConsumer } from './http-body.ts'
import { findMaster, masterKey } from './identity.ts'
import { readRedirect } from './redirect.ts'

const MAX_REDIRECTS = 10

/** How masters are asked, whatever they are asked. */
export interface AskOptions {
  readonly http: MasterHttp
  readonly authenticator: Authenticator
  readonly resolver: HostResolver
  readonly scheme: 'http' | 'https'
}

/** What all requests on behalf of one candidate share. */
export interface AskContext extends AskOptions {
  /** The candidate that is asked; it may lead to others. */
  readonly first: HostPort
  /** The masters that may see credentials. */
  readonly trusted: HostPort[]
  /** Those asked so far: none is asked twice, so that circles end and dead ones cost once. */
  readonly asked: Set<string>
  readonly signal: AbortSignal
}

/** What masters are asked for. */
export interface Question {
  readonly method: 'GET' | 'POST'
  /** Where it is asked, one path after the other as long as the answer is 404. */
  readonly paths: (master: HostPort) => readonly [string, ...string[]]
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The body of the answer goes on for ever. */
  readonly endless?: boolean
  /** What 403 forbids, as in "does not let its state be read by". */
  readonly right: string
  /** Called before each request for who takes the body of a 200 answer. */
  begin(master: HostPort): BodyConsumer
}

export interface Answered {
  /** Neither a redirect nor a refusal of credentials. */
  readonly answer: HttpAnswer
  readonly from: Target
}

export interface Target {
  /** The master that is asked, after redirects. */
  readonly master: HostPort
  readonly url: URL
  /** Whether it is a configured or detected master, over the configured scheme. */
  readonly trusted: boolean
  /** Paths not tried yet on this master. */
  readonly otherPaths: readonly string[]
}

/**
 * Asks a master: follows redirects, tries the next path on 404, logs in again once when the credentials are
 * refused. Throws AuthError if that is of no use.
 *
 * Credentials go to trusted masters only: those configured or detected, and the leader that the state
 * of such a master names. The target of a redirect is not trusted for being one, since anybody who can
 * answer in a master's place can send one. It gets credentials if it is one of the trusted masters
 * under whatever name, and then that master is asked under the name it is known by, so that nobody's
 * DNS decides where they go; and never over http where https is configured.
 */
export async function askMaster(
  master: HostPort,
  question: Question,
  context: AskContext,
): Promise<Answered> {
  let target = await aim(question, context, master, undefined)
  for (let redirects = 0; ; ) {
    const answer = await send(target, question, context).catch((error: unknown) => {
      throw toldOf(context.first, target.master, error)
    })
    const [nextPath, ...otherPaths] = target.otherPaths
    if (isRedirect(answer.status)) {
      if (++redirects > MAX_REDIRECTS)
        throw new StateFetchError(`more than ${MAX_REDIRECTS} redirects`)
      target = await follow(target, answer.location, question, context)
    } else if (answer.status === 404 && nextPath !== undefined) {
      target = { ...target, url: new URL(nextPath, target.url), otherPaths }
    } else {
      return { answer, from: target }
    }
  }
}

/** An answer that is not what was asked for: its status and the first line of its body. */
export function describeAnswer({ status, body }: HttpAnswer): string {
  const [line = ''] = body.toString('utf8').trim().split('\n', 1)
  const text = line === '' ? '' : `: ${JSON.stringify(line.slice(0, 120))}`
  return `answered with status ${status}${text}`
}

async function aim(
  { paths }: Question,
  { resolver, scheme, trusted, asked }: AskContext,
  wanted: HostPort,
  redirect: URL | undefined,
): Promise<Target> {
  const known = await findMaster(wanted, trusted, resolver)
  const master = known ?? wanted
  if (asked.has(masterKey(master))) {
    throw new StateFetchError(`points to ${formatHostPort(master)}, which was asked before`)
  }
  asked.add(masterKey(master))
  const [first, ...rest] = paths(master)
  const path = redirect === undefined ? first : `${redirect.pathname}${redirect.search}`
  const protocol = redirect?.protocol ?? `${scheme}:`
  return {
    master,
    url: new URL(path, `${protocol}//${formatHostPort(master)}`),
    trusted: known !== undefined && (protocol === 'https:' || scheme === 'http'),
    otherPaths: [first, ...rest].filter((other) => other !== path),
  }
}

async function follow(
  from: Target,
  location: string,
  question: Question,
  context: AskContext,
): Promise<Target> {
  const { url, master } = readRedirect(location, from.url)
  const sameHost = url.origin === from.url.origin
  return sameHost ? { ...from, url } : aim(question, context, master, url)
}

async function send(
  target: Target,
  question: Question,
  { authenticator, http, signal }: AskContext,
): Promise<HttpAnswer> {
  const ask = async (authorization: string | undefined): Promise<HttpAnswer> => {
    const take = question.begin(target.master)
    let fault: unknown
    const consume = (octets: Uint8Array) => {
      try {
        take(octets)
      } catch (error) {
        fault = error
        throw error
      }
    }
    const { method, body, endless = false } = question
    const headers = {
      ...question.headers,
      ...(authorization === undefined ? {} : { authorization }),
    }
    const content = body === undefined ? {} : { body }
    const request = { url: target.url, method, headers, ...content, consume, endless }
    return http.send(request, signal).catch((error: unknown) => {
      // What the body was found to be is not to be told as a fault of the network.
      throw fault ?? error
    })
  }
  const authorization = target.trusted ? await authenticator.authorization(signal) : undefined
  let answer = await ask(authorization)
  if (
    answer.status === 401 &&
    authorization !== undefined &&
    authenticator.rejected(authorization)
  ) {
    answer = await ask(await authenticator.authorization(signal))
  }
  const { status } = answer
  if (status === 401 || status === 403) {
    throw new AuthError(describeRefusal(status, authorization, target, authenticator, question))
  }
  return answer
}

function describeRefusal(
  status: number,
  authorization: string | undefined,
  { master, trusted }: Target,
  { principal }: Authenticator,
  { right }: Question,
): string {
  const where = formatHostPort(master)
  if (authorization !== undefined) {
    const what = status === 401 ? 'refuses the credentials of' : `does not let its ${right} by`
    return `${where} ${what} "${principal}" (${status}); check the principal, its secret and the master's ACLs`
  }
  if (principal !== '' && !trusted) {
    return `${where} wants credentials (${status}), but is neither configured nor detected, so it gets none; add it to masters`
  }
  return `${where} wants credentials (${status}); set mesosAuthentication and mesosCredentials`
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}
