import { formatHostPort, type HostPort } from '../net/address.ts'
import type { HostResolver } from '../state/host-resolver.ts'
import type { StateDecoder, StateReader } from '../state/stream/state-decoder.ts'
import type { Authenticator } from './auth/index.ts'
import { AuthError, StateFetchError, toldOf } from './errors.ts'
import type { HttpAnswer, MasterHttp } from './http.ts'
import { findMaster, masterKey } from './identity.ts'
import { readRedirect } from './redirect.ts'
import type { StatePaths } from './state-paths.ts'

const MAX_REDIRECTS = 10

/** What all requests of one poll share. */
export interface StateRequestContext {
  /** The candidate that is asked; it may lead to others. */
  readonly first: HostPort
  readonly http: MasterHttp
  readonly decoder: StateDecoder
  readonly authenticator: Authenticator
  readonly resolver: HostResolver
  readonly paths: StatePaths
  readonly scheme: 'http' | 'https'
  /** The masters that may see credentials. */
  readonly trusted: HostPort[]
  /** Those asked in this poll: none is asked twice, so that circles end and dead ones cost once. */
  readonly asked: Set<string>
  readonly signal: AbortSignal
}

export interface StateAnswer {
  /** The master that answered, after redirects. */
  readonly master: HostPort
  /** Has read its body. */
  readonly reader: StateReader
  readonly contentType: string
  /** Whether it is a configured or detected master, over the configured scheme. */
  readonly trusted: boolean
}

interface Target {
  readonly master: HostPort
  readonly url: URL
  readonly trusted: boolean
  /** Paths not tried yet on this master. */
  readonly otherPaths: readonly string[]
}

/**
 * Asks a master for its state: follows redirects, tries the next path on 404, logs in again once when
 * the credentials are refused.
 *
 * Credentials go to trusted masters only: those configured or detected, and the leader that the state
 * of such a master names. The target of a redirect is not trusted for being one, since anybody who can
 * answer in a master's place can send one. It gets credentials if it is one of the trusted masters
 * under whatever name, and then that master is asked under the name it is known by, so that nobody's
 * DNS decides where they go; and never over http where https is configured.
 */
export async function requestState(
  master: HostPort,
  context: StateRequestContext,
): Promise<StateAnswer> {
  let target = await aim(context, master, undefined)
  for (let redirects = 0; ; ) {
    const { answer, reader } = await send(target, context).catch((error: unknown) => {
      throw toldOf(context.first, target.master, error)
    })
    if (answer.status === 200) {
      context.paths.worked(target.master, target.url.pathname)
      const { contentType } = answer
      return { master: target.master, reader, contentType, trusted: target.trusted }
    }
    const [nextPath, ...otherPaths] = target.otherPaths
    if (isRedirect(answer.status)) {
      if (++redirects > MAX_REDIRECTS)
        throw new StateFetchError(`more than ${MAX_REDIRECTS} redirects`)
      target = await follow(target, answer.location, context)
    } else if (answer.status === 404 && nextPath !== undefined) {
      target = { ...target, url: new URL(nextPath, target.url), otherPaths }
    } else {
      throw toldOf(context.first, target.master, new StateFetchError(describeAnswer(answer)))
    }
  }
}

async function aim(
  { paths, resolver, scheme, trusted, asked }: StateRequestContext,
  wanted: HostPort,
  redirect: URL | undefined,
): Promise<Target> {
  const known = await findMaster(wanted, trusted, resolver)
  const master = known ?? wanted
  if (asked.has(masterKey(master))) {
    throw new StateFetchError(`points to ${formatHostPort(master)}, which was asked before`)
  }
  asked.add(masterKey(master))
  const [first = '/', ...rest] = paths.for(master)
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
  context: StateRequestContext,
): Promise<Target> {
  const { url, master } = readRedirect(location, from.url)
  const sameHost = url.origin === from.url.origin
  return sameHost ? { ...from, url } : aim(context, master, url)
}

interface ReadAnswer {
  readonly answer: HttpAnswer
  readonly reader: StateReader
}

async function send(target: Target, context: StateRequestContext): Promise<ReadAnswer> {
  const { authenticator, http, decoder, signal } = context
  const get = async (authorization: string | undefined): Promise<ReadAnswer> => {
    const reader = decoder.begin()
    let fault: unknown
    const consume = (octets: Uint8Array) => {
      try {
        reader.push(octets)
      } catch (error) {
        fault = error
        throw error
      }
    }
    const headers = {
      accept: 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    }
    const request = { url: target.url, method: 'GET', headers, consume } as const
    const answer = await http.send(request, signal).catch((error: unknown) => {
      // A fault of ours is not to be told as one of the network.
      throw fault ?? error
    })
    return { answer, reader }
  }
  const authorization = target.trusted ? await authenticator.authorization(signal) : undefined
  let read = await get(authorization)
  if (
    read.answer.status === 401 &&
    authorization !== undefined &&
    authenticator.rejected(authorization)
  ) {
    read = await get(await authenticator.authorization(signal))
  }
  const { status } = read.answer
  if (status === 401 || status === 403) {
    throw new AuthError(describeRefusal(status, authorization, target, authenticator))
  }
  return read
}

function describeRefusal(
  status: number,
  authorization: string | undefined,
  { master, trusted }: Target,
  { principal }: Authenticator,
): string {
  const where = formatHostPort(master)
  if (authorization !== undefined) {
    const what = status === 401 ? 'refuses the credentials of' : 'does not let its state be read by'
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

/** Quotes the first line of the answer. */
function describeAnswer({ status, body }: HttpAnswer): string {
  const [line = ''] = body.toString('utf8').trim().split('\n', 1)
  const text = line === '' ? '' : `: ${JSON.stringify(line.slice(0, 120))}`
  const hint = status === 404 ? '; it serves no /state, is it a Mesos master?' : ''
  return `answered with status ${status}${text}${hint}`
}
