/** Entry of the state thread: follows the cluster's state and makes the zone from it. */
import { setPriority } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { createStateSource } from '../mesos/index.ts'
import { reachableAddresses } from '../net/interfaces.ts'
import { ProblemLog } from '../problem-log.ts'
import { type ListingKind, listing } from '../records/listing.ts'
import type { Problem } from '../report.ts'
import { createHostResolver } from '../state/host-resolver.ts'
import { ReaderEpochs } from '../zone/epochs.ts'
import { Publisher } from '../zone/publisher.ts'
import { ZoneStore } from '../zone/zone-store.ts'
import { ThreadError } from './errors.ts'
import type { PublishedMessage, StateThreadData, ToStateThread } from './messages.ts'
import { type Reply, runThread } from './thread-port.ts'

/** Niceness (setpriority(2)): taking a big state in must not take processors from those who answer. */
const NICENESS = 10

const { config, version, logLevel, present, ...data } = workerData as StateThreadData

await runThread<ToStateThread, PublishedMessage>(logLevel, ({ log, post, reply }) => {
  stepBack()
  const resolver = createHostResolver()
  const problemLog = new ProblemLog(log)
  let serial = present?.serial ?? 0
  const publisher = new Publisher({
    config,
    resolver,
    listenerAddresses: () => reachableAddresses(config.listener),
    store: new ZoneStore({ config, epochs: new ReaderEpochs(data.epochs), ...present }),
    onPublish: (publication) => {
      const { update, changed, receivedAt, problems } = publication
      serial = publication.serial
      problemLog.update(problems)
      post({ kind: 'published', update, changed, receivedAt, problems: countByKind(problems) })
    },
    onError: (error) => log.error({ err: error }, 'state could not be made into records'),
  })
  const source = createStateSource({
    config,
    log,
    version,
    resolver,
    onUpdate: (update) => publisher.update(update),
  })

  const refresh = async (): Promise<Reply> => {
    await source.refresh()
    return {}
  }
  const list = async (kind: ListingKind): Promise<Reply> => {
    const { input } = publisher
    if (input === undefined) throw new ThreadError('no state of the cluster yet; try again')
    const pieces: Uint8Array<ArrayBuffer>[] = []
    for (const piece of listing(kind, input, config, serial)) {
      pieces.push(piece)
      // The next state, and pings, do not wait for a long document.
      await setImmediate()
    }
    return { value: pieces, transfer: pieces.map(({ buffer }) => buffer) }
  }
  source.start()
  return {
    receive(message) {
      reply(message.id, message.kind === 'refresh' ? refresh : () => list(message.listing))
    },
    close: () => source.stop(),
  }
})

/** On Linux a priority is a thread's own. Elsewhere it is the whole process's, and stays as it is. */
function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(NICENESS)
  } catch {
    // A sandbox may forbid it; it is of no great harm.
  }
}

function countByKind(problems: readonly Problem[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of problems) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
