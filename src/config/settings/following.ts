import { z } from 'zod'
import { integer, seconds, setting } from '../setting.ts'

const percent = integer(0, 100)

/** How changes of the cluster are learned, and what is kept while nobody can tell. */
export const following = {
  updates: setting({
    key: 'updates',
    schema: z.enum(['auto', 'stream', 'poll']),
    default: 'auto',
    doc: 'How changes are learned: from the leader’s event stream as they happen (`stream`), with a fetch of the state every `refreshSeconds` (`poll`), or from the stream where the master offers one (`auto`). While there is no stream, the state is fetched.',
  }),
  auditSeconds: setting({
    key: 'auditSeconds',
    schema: seconds(10),
    default: 300,
    doc: 'Seconds between two fetches of the whole state that check what the event stream told, and bring what it never tells.',
  }),
  failoverHoldSeconds: setting({
    key: 'failoverHoldSeconds',
    schema: seconds(0),
    default: 600,
    doc: 'Seconds after a change of the leading master that records of agents and frameworks it has not heard from yet are kept; 0 is not at all. The masters’ own `--agent_reregister_timeout` is 10 minutes.',
  }),
  failoverSettleSeconds: setting({
    key: 'failoverSettleSeconds',
    schema: seconds(0),
    default: 10,
    doc: 'Seconds that the tasks of an agent are kept after it has come back to a new leader, in which the leader is to list them.',
  }),
  shrinkThreshold: setting({
    key: 'shrinkThreshold',
    schema: percent,
    default: 50,
    doc: 'Percent of the running tasks, or of the agents, that one fetched state may lack without being doubted; 100 doubts nothing.',
  }),
  shrinkConfirmations: setting({
    key: 'shrinkConfirmations',
    schema: integer(1, 100),
    default: 1,
    doc: 'How many further states must say the same before a doubted loss is believed. They are fetched within 10 seconds of one another.',
  }),
  staleAfter: setting({
    key: 'staleAfter',
    schema: seconds(0),
    default: 0,
    doc: 'Seconds without word from a leading master after which answers are marked as stale (EDE 3, RFC 8914); 0 is three times `refreshSeconds`.',
  }),
  maxStale: setting({
    key: 'maxStale',
    schema: seconds(0),
    default: 0,
    doc: 'Seconds without word from a leading master after which names of the domain get SERVFAIL (EDE 22); 0 is never.',
  }),
}
