import { MesosNsError } from '../errors.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import type { Report } from '../report.ts'
import type { HostResolver } from '../state/host-resolver.ts'
import type { ClusterState } from '../state/model.ts'
import { createStateDecoder, type DecodedState } from '../state/stream/state-decoder.ts'
import type { Authenticator } from './auth/index.ts'
import { errorLike, StateFetchError, toldOf } from './errors.ts'
import type { MasterHttp } from './http.ts'
import { findMaster, masterKey } from './identity.ts'
import { StatePaths } from './state-paths.ts'
import { requestState, type StateAnswer, type StateRequestContext } from './state-request.ts'

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
 * the one candidate's error, or one that names them all, of their family if that is the same.
 */
export type StateFetcher = (
  candidates: readonly HostPort[],
  signal: AbortSignal,
) => Promise<FetchedState>

export function createStateFetcher(options: StateFetcherOptions): StateFetcher {
  const paths = new StatePaths()
  const decoder = createStateDecoder()
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
      const trusted = [...candidates]
      const context = { ...options, decoder, first: master, paths, asked, signal, trusted }
      try {
        return await fetchFromLeader(context)
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
async function fetchFromLeader(context: StateRequestContext): Promise<FetchedState> {
  for (let master = context.first; ; ) {
    const answer = await requestState(master, context)
    const decoded = decode(answer, context)
    const { state, report } = decoded
    const { leader } = state
    if (leader === undefined) {
      throw new StateFetchError(`${formatHostPort(answer.master)} knows no leader`)
    }
    if (isFrom(leader, decoded) || (await findMaster(leader, [answer.master], context.resolver))) {
      decoded.keep()
      return { state, report, master: answer.master, bytes: answer.reader.bytes }
    }
    // What a trusted master says of its leader is detection; what anybody else says is not.
    if (answer.trusted) context.trusted.push(leader)
    master = leader
  }
}

function decode(
  { master, reader, contentType }: StateAnswer,
  { first }: StateRequestContext,
): DecodedState {
  try {
    return reader.finish(contentType)
  } catch (error) {
    throw toldOf(first, master, error)
  }
}

/**
 * Whether the sender says that it is the leader itself: true however it was reached, through a host name or a
 * translated address too.
 */
function isFrom(leader: HostPort, { sender }: DecodedState): boolean {
  return sender !== undefined && masterKey(sender) === masterKey(leader)
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
  const message = failures.length === 1 ? list.join() : `no master has a state: ${list.join('; ')}`
  return errorLike(
    failures.map(({ error }) => error),
    message,
  )
}
