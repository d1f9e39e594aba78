import { MesosNsError } from '../errors.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import { Report } from '../report.ts'
import type { HostResolver } from '../state/host-resolver.ts'
import type { ClusterState } from '../state/model.ts'
import type { Authenticator } from './auth/index.ts'
import { AuthError, StateFetchError } from './errors.ts'
import type { MasterHttp } from './http.ts'
import { findMaster, masterKey } from './identity.ts'
import { parseState } from './parse-state.ts'
import { StatePaths } from './state-paths.ts'
import { requestState, type StateRequestContext } from './state-request.ts'

export interface FetchedState {
  readonly state: ClusterState
  readonly report: Report
  /** The leader that sent it. */
  readonly master: HostPort
  /** Size of the decoded body. */
  readonly bytes: number
}

export interface StateFetcherOptions {
  readonly http: MasterHttp
  readonly authenticator: Authenticator
  readonly resolver: HostResolver
  readonly scheme: 'http' | 'https'
}

/**
 * The leader's state, asked of the candidates in order until one has it or leads to it. Rejects with
 * the one candidate's error, an AuthError if every one is, or a StateFetchError that names them all.
 */
export type StateFetcher = (
  candidates: readonly HostPort[],
  signal: AbortSignal,
) => Promise<FetchedState>

export function createStateFetcher(options: StateFetcherOptions): StateFetcher {
  const paths = new StatePaths()
  return async (candidates, signal) => {
    if (candidates.length === 0) {
      throw new StateFetchError('no master is known yet; check zk and masters')
    }
    // A login that fails does so for every master, so it comes first and fails once.
    await options.authenticator.authorization(signal)
    const asked = new Set<string>()
    const failures: Failure[] = []
    for (const master of candidates) {
      if (asked.has(masterKey(master))) continue
      const context = { ...options, paths, asked, signal, trusted: [...candidates] }
      try {
        return await fetchFromLeader(master, context)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof MesosNsError)) throw error
        failures.push({ master, error })
      }
    }
    throw summarize(failures)
  }
}

/** Asks one master and, while the state names another one as leader, that one. */
async function fetchFromLeader(
  first: HostPort,
  context: StateRequestContext,
): Promise<FetchedState> {
  for (let master = first; ; ) {
    const answer = await requestState(master, context)
    const report = new Report()
    const { state, fromLeader } = parseState(answer.body, answer.contentType, report)
    const { leader } = state
    if (leader === undefined) {
      throw new StateFetchError(`${formatHostPort(answer.master)} knows no leader`)
    }
    const isLeader = fromLeader || (await findMaster(leader, [answer.master], context.resolver))
    if (isLeader) return { state, report, master: answer.master, bytes: answer.body.length }
    // What a trusted master says of its leader is detection; what anybody else says is not.
    if (answer.trusted) context.trusted.push(leader)
    master = leader
  }
}

interface Failure {
  readonly master: HostPort
  readonly error: MesosNsError
}

function summarize(failures: readonly Failure[]): MesosNsError {
  const list = failures.map(({ master, error }) => {
    const name = formatHostPort(master)
    return error.message.startsWith(name) ? error.message : `${name}: ${error.message}`
  })
  const [first] = failures
  const message = failures.length === 1 ? list.join() : `no master has a state: ${list.join('; ')}`
  const allRefused = failures.every(({ error }) => error instanceof AuthError)
  return new (allRefused ? AuthError : StateFetchError)(message, { cause: first?.error })
}
