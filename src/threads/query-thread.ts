/** Entry of a query thread: answers from the zone, and forwards the rest. */
import { workerData } from 'node:worker_threads'
import type { Config } from '../config/schema.ts'
import { ThreadCounters } from '../counters/index.ts'
import { type CloseOptions, startQueryService } from '../dns/index.ts'
import { createForwarder, isSameForwarding } from '../forward/index.ts'
import { Freshness } from '../freshness.ts'
import { localAddresses } from '../net/interfaces.ts'
import { ReaderEpochs } from '../zone/epochs.ts'
import { Zone } from '../zone/zone.ts'
import type { ZoneUpdate } from '../zone/zone-update.ts'
import type { QueryConfiguration, QueryThreadData, ToQueryThread } from './messages.ts'
import { runThread } from './thread-port.ts'

const data = workerData as QueryThreadData

await runThread<ToQueryThread, never>(data.logLevel, async ({ log, reply }) => {
  const { version, listeners, slot } = data
  const epochs = new ReaderEpochs(data.epochs)
  const forwarderOf = (config: Config) =>
    createForwarder({ config, log, ownAddresses: localAddresses })
  let { config } = data
  let forwarder = forwarderOf(config)
  const service = await startQueryService({
    config,
    version,
    cookieSecret: data.cookieSecret,
    listeners,
    log,
    forwarder,
    freshness: new Freshness(data.freshness),
    counters: new ThreadCounters(data.counters),
    addresses: localAddresses,
  })
  let zone: Zone | undefined
  let ending: CloseOptions = {}
  const switchTo = (update: ZoneUpdate) => {
    zone = Zone.from(zone, update)
    service.apply(zone)
    epochs.acknowledge(slot, zone.epoch)
  }
  const configure = ({ config: next, cookieSecret, update }: QueryConfiguration) => {
    if (!isSameForwarding(config, next)) forwarder = forwarderOf(next)
    config = next
    if (update !== undefined) zone = Zone.from(zone, update)
    service.reconfigure({ config, cookieSecret, forwarder, zone: update && zone })
    if (zone !== undefined) epochs.acknowledge(slot, zone.epoch)
  }
  if (data.zone !== undefined) switchTo(data.zone)
  return {
    receive(message) {
      if (message.kind === 'zone') switchTo(message.update)
      else if (message.kind === 'configure') configure(message)
      else if (message.kind === 'ending') ending = message.options
      else reply(message.id, () => ({}))
    },
    close: () => service.close(ending),
  }
})
