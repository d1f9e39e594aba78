import { MesosNsError } from '../errors.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import type { AskContext, AskOptions } from './ask-master.ts'
import { errorLike, StateFetchError } from './errors.ts'
import { masterKey } from './identity.ts'

/** A candidate that was of no use, and why. */
interface Failure {
  readonly master: HostPort
  readonly error: MesosNsError
}

export interface AskCandidates<T> extends AskOptions {
  readonly candidates: readonly HostPort[]
  /** What they are asked for, as in "no master has a state". */
  readonly what: string
  readonly signal: AbortSignal
  readonly ask: (context: AskContext) => Promise<T>
  /** Whether asking the others cannot help. */
  readonly isFinal?: (error: MesosNsError) => boolean
}

/**
 * Asks the candidates in order until one answers, or leads to one that does. Rejects with what all of them failed
 * with, or as soon as one fails for good.
 */
export async function askCandidates<T>(options: AskCandidates<T>): Promise<T> {
  const { candidates, what, signal, ask, isFinal } = options
  const { http, authenticator, resolver, scheme } = options
  if (candidates.length === 0) {
    throw new StateFetchError('no master is known yet; check zk and masters')
  }
  // A login that fails does so for every master, so it comes first and fails once.
  await authenticator.authorization(signal)
  const asked = new Set<string>()
  const failures: Failure[] = []
  for (const first of candidates) {
    if (asked.has(masterKey(first))) continue
    const trusted = [...candidates]
    try {
      return await ask({ http, authenticator, resolver, scheme, first, trusted, asked, signal })
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof MesosNsError) || isFinal?.(error)) throw error
      failures.push({ master: first, error })
    }
  }
  throw summarize(failures, what)
}

function summarize(failures: readonly Failure[], what: string): MesosNsError {
  const list = failures.map(({ master, error }) => {
    const name = formatHostPort(master)
    return error.message.startsWith(name) ? error.message : `${name}: ${error.message}`
  })
  const message = failures.length === 1 ? list.join() : `no master has ${what}: ${list.join('; ')}`
  return errorLike(
    failures.map(({ error }) => error),
    message,
  )
}
