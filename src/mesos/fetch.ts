import { formatHostPort, type HostPort } from '../net/address.ts'
import type { FullState } from '../state/full-state.ts'
import { createStateDecoder, type DecodedState } from '../state/stream/state-decoder.ts'
import type { AskOptions } from './ask-master.ts'
import { askCandidates } from './candidates.ts'
import { StateFetchError, toldOf } from './errors.ts'
import { findMaster, masterKey } from './identity.ts'
import { StatePaths } from './state-paths.ts'
import { requestState, type StateAnswer, type StateRequestContext } from './state-request.ts'

export interface FetchedState extends FullState {
  /** The leader that sent it. */
  readonly master: HostPort
  /** Whether that may see credentials. */
  readonly trusted: boolean
  /** Size of the decoded body. */
  readonly bytes: number
}

/**
 * The leader's state, asked of the candidates in order until one has it or leads to it. Rejects with
 * the one candidate's error, or one that names them all, of their family if that is the same.
 */
export type StateFetcher = (
  candidates: readonly HostPort[],
  signal: AbortSignal,
) => Promise<FetchedState>

export function createStateFetcher(options: AskOptions): StateFetcher {
  const paths = new StatePaths()
  const decoder = createStateDecoder()
  return (candidates, signal) =>
    askCandidates({
      ...options,
      candidates,
      what: 'a state',
      signal,
      ask: (context) => fetchFromLeader({ ...context, decoder, paths }),
    })
}

/** Asks one master and, while the state names another one as leader, that one. */
async function fetchFromLeader(context: StateRequestContext): Promise<FetchedState> {
  for (let asked = context.first; ; ) {
    const answer = await requestState(asked, context)
    const decoded = decode(answer, context)
    const { leader } = decoded.state
    const { master, trusted, reader } = answer
    if (leader === undefined) {
      throw new StateFetchError(`${formatHostPort(master)} knows no leader`)
    }
    if (isFrom(leader, decoded) || (await findMaster(leader, [master], context.resolver))) {
      decoded.keep()
      const { state, report, form, masterId, recoveredAgents } = decoded
      const { bytes } = reader
      return { state, report, form, masterId, recoveredAgents, master, trusted, bytes }
    }
    // What a trusted master says of its leader is detection; what anybody else says is not.
    if (trusted) context.trusted.push(leader)
    asked = leader
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
