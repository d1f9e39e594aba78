/** Entry of a query thread: answers from the zone, and forwards the rest. */
import { workerData } from 'node:worker_threads'
import { ThreadCounters } from '../counters/index.ts'
import { startQueryService } from '../dns/index.ts'
import { createForwarder } from '../forward/index.ts'
import { localAddresses } from '../net/interfaces.ts'
import { ReaderEpochs } from '../zone/epochs.ts'
import { Zone } from '../zone/zone.ts'
import type { ZoneUpdate } from '../zone/zone-update.ts'
import type { QueryThreadData, ToQueryThread } from './messages.ts'
import { runThread } from './thread-port.ts'

const data = workerData as QueryThreadData

await runThread<ToQueryThread, never>(data.logLevel, async ({ log, reply }) => {
  const { config, version, cookieSecret, listeners, slot } = data
  const epochs = new ReaderEpochs(data.epochs)
  const forwarder = createForwarder({ config, log, ownAddresses: localAddresses })
  const service = await startQueryService({
    config,
    version,
    cookieSecret,
    listeners,
    log,
    forwarder,
    counters: new ThreadCounters(data.counters),
    addresses: localAddresses,
  })
  let zone: Zone | undefined
  const switchTo = (update: ZoneUpdate) => {
    zone = Zone.from(zone, update)
    service.apply(zone)
    epochs.acknowledge(slot, zone.epoch)
  }
  if (data.zone !== undefined) switchTo(data.zone)
  return {
    receive(message) {
      if (message.kind === 'zone') switchTo(message.update)
      else reply(message.id, () => ({}))
    },
    close: () => service.close(),
  }
})
