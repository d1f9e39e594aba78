import type { HostPort } from '../net/address.ts'
import type { StateDecoder, StateReader } from '../state/stream/state-decoder.ts'
import { type AskContext, askMaster, describeAnswer } from './ask-master.ts'
import { StateFetchError, toldOf } from './errors.ts'
import type { StatePaths } from './state-paths.ts'

export interface StateRequestContext extends AskContext {
  readonly decoder: StateDecoder
  readonly paths: StatePaths
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

/** Asks a master for its state, wherever it serves it. */
export async function requestState(
  master: HostPort,
  context: StateRequestContext,
): Promise<StateAnswer> {
  const { decoder, paths, first } = context
  let reader = decoder.begin()
  const question = {
    method: 'GET',
    paths: (asked: HostPort) => paths.for(asked),
    headers: { accept: 'application/json' },
    right: 'state be read',
    begin() {
      reader = decoder.begin()
      return (octets: Uint8Array) => reader.push(octets)
    },
  } as const
  const { answer, from } = await askMaster(master, question, context)
  if (answer.status !== 200) {
    const hint = answer.status === 404 ? '; it serves no /state, is it a Mesos master?' : ''
    throw toldOf(first, from.master, new StateFetchError(`${describeAnswer(answer)}${hint}`))
  }
  paths.worked(from.master, from.url.pathname)
  const { contentType } = answer
  return { master: from.master, reader, contentType, trusted: from.trusted }
}
