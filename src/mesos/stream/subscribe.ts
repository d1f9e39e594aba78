import { formatHostPort, type HostPort } from '../../net/address.ts'
import {
  type Answered,
  type AskOptions,
  askMaster,
  describeAnswer,
  type Question,
} from '../ask-master.ts'
import { askCandidates } from '../candidates.ts'
import { StateFetchError } from '../errors.ts'
import type { BodyConsumer } from '../http-body.ts'
import { EventStreamError, type EventStreamFault } from './errors.ts'

/** Ends only with the stream: resolves if the master ended it, rejects otherwise. */
export type Subscriber = (
  candidates: readonly HostPort[],
  /** Called with the master that is asked; takes what comes if that answers with a stream. */
  open: (master: HostPort) => BodyConsumer,
  signal: AbortSignal,
) => Promise<void>

/**
 * Subscribes to the events of the leading master (`SUBSCRIBE` of the v1 operator API), asked of the candidates in order
 * until one is it or leads to it. Rejects with an EventStreamError where that says what to do next, with
 * AuthError, or with what the network did.
 */
export function createSubscriber(options: AskOptions): Subscriber {
  return async (candidates, open, signal) => {
    let begun: HostPort | undefined
    let notReady = false
    try {
      const ask = { ...options, candidates, what: 'an event stream', signal }
      await askCandidates({
        ...ask,
        ask: async (context) => {
          const { first } = context
          const opened = (master: HostPort): BodyConsumer => {
            const take = open(master)
            return (octets) => {
              begun = master
              take(octets)
            }
          }
          judge(await askMaster(first, question(opened), context))
        },
        isFinal(error) {
          if (error instanceof EventStreamError) notReady ||= error.fault === 'not-ready'
          return (
            begun !== undefined ||
            (error instanceof EventStreamError && error.fault === 'unsupported')
          )
        },
      })
    } catch (error) {
      signal.throwIfAborted()
      if (begun !== undefined && error instanceof StateFetchError) {
        const where = formatHostPort(begun)
        throw new EventStreamError('lost', `${where} broke off the event stream`, { cause: error })
      }
      // One that is recovering, or has only just lost its leader, is the one to wait for.
      if (!notReady || begun !== undefined || !(error instanceof Error)) throw error
      throw new EventStreamError('not-ready', error.message, { cause: error })
    }
  }
}

function question(begin: (master: HostPort) => BodyConsumer): Question {
  return {
    method: 'POST',
    paths: () => ['/api/v1'],
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: '{"type":"SUBSCRIBE"}',
    endless: true,
    right: 'events be followed',
    begin,
  }
}

/** A 200 answer is a stream that has come to its end. */
function judge({ answer, from }: Answered): void {
  if (answer.status === 200) return
  const where = formatHostPort(from.master)
  throw new EventStreamError(faultOf(answer.status), `${where} ${describeAnswer(answer)}`)
}

function faultOf(status: number): EventStreamFault {
  if (status === 503) return 'not-ready'
  const passes = status === 408 || status === 429 || (status > 501 && status < 600)
  return passes || status === 500 ? 'lost' : 'unsupported'
}
