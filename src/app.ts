import type { Config } from './config/index.ts'
import { type DnsServer, listenDns } from './dns/index.ts'
import { createForwarder } from './forward/index.ts'
import { createHttpApi, type HttpApi } from './http/index.ts'
import type { Logger } from './log.ts'
import { createStateSource, type StateSource } from './mesos/index.ts'
import type { HostPort } from './net/address.ts'
import { localAddresses, reachableAddresses } from './net/interfaces.ts'
import { ProblemLog } from './problem-log.ts'
import { createHostResolver } from './state/host-resolver.ts'
import { type Publication, Publisher } from './zone/publisher.ts'

export interface RunningServer {
  /** Where it listens, with the real ports where 0 was configured. */
  readonly addresses: { readonly dns?: HostPort; readonly http?: HostPort }
  /** Resolves when the first state has become the zone. */
  readonly ready: Promise<void>
  /** Asks the masters for their state now; resolves when that attempt has ended. */
  refresh(): Promise<void>
  /** Stops listening, answers what was received, and frees everything. Safe to call twice. */
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly config: Config
  readonly log: Logger
  /** Of the package. */
  readonly version: string
}

/**
 * Starts everything the configuration turns on. DNS and HTTP listen when it resolves, whether or not a
 * master can be reached. Rejects with a ListenError or ConfigError, and then nothing is left running.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, log, version } = options
  const resolver = createHostResolver()
  let markReady: () => void = () => {}
  const ready = new Promise<void>((resolve) => {
    markReady = resolve
  })
  const problemLog = new ProblemLog(log)
  const parts: { dns?: DnsServer; http?: HttpApi; source?: StateSource } = {}

  const onPublish = ({ snapshot, changed, problems }: Publication) => {
    problemLog.update(problems)
    if (!changed) return
    parts.dns?.publish(snapshot.zone)
    log.info(
      { serial: snapshot.serial, names: snapshot.zone.names, records: snapshot.records.count() },
      'zone published',
    )
    markReady()
  }
  const publisher = new Publisher({
    config,
    resolver,
    listenerAddresses: () => reachableAddresses(config.listener),
    onPublish,
    onError: (error) => log.error({ err: error }, 'state could not be made into records'),
  })

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= stopAll(parts)
    return stopping
  }

  try {
    const addresses: { dns?: HostPort; http?: HostPort } = {}
    // Before anything listens: what is wrong with certificates or credentials shows here.
    parts.source = createStateSource({
      config,
      log,
      version,
      resolver,
      onUpdate: (update) => publisher.update(update),
    })
    if (config.dnsOn) {
      const forwarder = createForwarder({ config, log, ownAddresses: localAddresses })
      const dns = { config, version, log, forwarder, addresses: localAddresses }
      parts.dns = await listenDns(dns)
      addresses.dns = parts.dns.address
    }
    if (config.httpOn) {
      const http = createHttpApi({ config, log, version, snapshot: () => publisher.snapshot })
      addresses.http = await http.listen()
      parts.http = http
    }
    parts.source.start()
    log.info({ ...addresses, domain: config.domain, version }, 'listening')
    const { source } = parts
    return { addresses, ready, refresh: () => source.refresh(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The source first, so that nothing is published to listeners that are going away. */
async function stopAll({
  dns,
  http,
  source,
}: {
  dns?: DnsServer
  http?: HttpApi
  source?: StateSource
}): Promise<void> {
  await source?.stop()
  await Promise.all([dns?.close(), http?.close()])
}
