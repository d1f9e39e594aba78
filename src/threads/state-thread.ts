/** Entry of the state thread: follows the cluster's state and makes the zone from it. */
import { setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { ReaderEpochs } from '../zone/epochs.ts'
import { Following } from './following.ts'
import type { FromStateThread, StateThreadData, ToStateThread } from './messages.ts'
import { plainError } from './plain-error.ts'
import { type Reply, runThread } from './thread-port.ts'

/** Niceness (setpriority(2)): taking a big state in must not take processors from those who answer. */
const NICENESS = 10

const { logLevel, epochs, ...data } = workerData as StateThreadData

await runThread<ToStateThread, FromStateThread>(logLevel, ({ log, post, reply }) => {
  stepBack()
  const following = new Following({
    ...data,
    log,
    epochs: new ReaderEpochs(epochs),
    onPublished: (published) => post({ kind: 'published', ...published }),
    onStatus: (status) => post({ kind: 'status', status }),
    onGiveUp: (error) => post({ kind: 'fatal', error: plainError(error) }),
  })
  const work = async (message: ToStateThread): Promise<Reply> => {
    switch (message.kind) {
      case 'refresh':
        await following.refresh()
        return {}
      case 'listing': {
        const pieces = await following.listing(message.listing)
        return { value: pieces, transfer: pieces.map(({ buffer }) => buffer) }
      }
      case 'configure': {
        const { id, config, changed } = message
        await following.configure(config, changed, (published) =>
          post({ kind: 'configured', id, published }),
        )
        return {}
      }
    }
  }
  following.start()
  return {
    receive: (message) => reply(message.id, () => work(message)),
    close: () => following.close(),
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
