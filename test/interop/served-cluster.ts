import { startServer } from '../../src/app.ts'
import { type Config, parseConfig } from '../../src/config/index.ts'
import { type MasterServer, type SimulatedCluster, serveMaster } from '../../src/demo/index.ts'
import { stateDocument } from '../../src/demo/state-document.ts'
import { silentLogger } from '../../src/log.ts'
import { formatHostPort } from '../../src/net/address.ts'
import { reachableAddresses } from '../../src/net/interfaces.ts'
import { generateRecords } from '../../src/records/generate.ts'
import type { RecordSet } from '../../src/records/record-set.ts'
import { Report } from '../../src/report.ts'
import { decodeState } from '../../src/state/decode.ts'
import { createHostResolver, hostsToResolve } from '../../src/state/host-resolver.ts'

/** The whole server on loopback, fed by a simulated cluster over HTTP. */
export interface ServedCluster {
  /** Where DNS listens. */
  readonly host: string
  readonly port: number
  readonly config: Config
  readonly master: MasterServer
  /** Serves what the cluster holds now. */
  refresh(): Promise<void>
  /** The records that follow from what the cluster holds now. */
  records(): Promise<RecordSet>
  /** Ends both. Safe to call twice. */
  stop(): Promise<void>
}

export interface ServeOptions {
  /** By the keys of the configuration file. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** The master gives no state until `master.faults` is cleared. */
  readonly withoutState?: boolean
}

/** Starts both and, unless `withoutState`, waits for the first zone. Nothing is forwarded anywhere. */
export async function serveCluster(
  cluster: SimulatedCluster,
  { settings = {}, withoutState = false }: ServeOptions = {},
): Promise<ServedCluster> {
  const master = await serveMaster(cluster)
  if (withoutState) master.faults.always({ kind: 'status', status: 503 })
  const { config } = parseConfig(
    JSON.stringify({
      masters: [formatHostPort(master.address)],
      listener: '127.0.0.1',
      port: 0,
      httpOn: false,
      externalOn: false,
      ...settings,
    }),
  )
  try {
    const server = await startServer({ config, log: silentLogger, version: '0.0.0-test' })
    if (!withoutState) await server.ready
    const { host, port } = server.addresses.dns ?? { host: '', port: 0 }
    let stopped: Promise<void> | undefined
    const stop = async () => {
      await server.stop()
      await master.close()
    }
    return {
      host,
      port,
      config,
      master,
      refresh: () => server.refresh(),
      records: () => recordsOf(cluster, config, master),
      stop: () => {
        stopped ??= stop()
        return stopped
      },
    }
  } catch (error) {
    await master.close()
    throw error
  }
}

async function recordsOf(
  cluster: SimulatedCluster,
  config: Config,
  { master, address }: MasterServer,
): Promise<RecordSet> {
  const report = new Report()
  const document: unknown = JSON.parse(JSON.stringify(stateDocument(cluster, master)))
  const state = decodeState(document, report)
  const masters = [address]
  return generateRecords({
    state,
    masters,
    hosts: await createHostResolver().resolve(hostsToResolve(state, masters)),
    listenerAddresses: reachableAddresses(config.listener),
    config,
    report,
  })
}
