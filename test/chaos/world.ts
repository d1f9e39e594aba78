import { type RunningServer, startServer } from '../../src/app.ts'
import { type Config, type ConfigSource, parseConfig } from '../../src/config/index.ts'
import type { MasterServer } from '../../src/demo/index.ts'
import { type DemoScenario, demoScenario, serveMaster } from '../../src/demo/index.ts'
import { formatHostPort } from '../../src/net/address.ts'
import { FakeEnsemble } from '../mesos/zookeeper/fake-ensemble.ts'
import { type LogLine, recordingLog } from '../recording-log.ts'
import { Election } from './election.ts'

/** Members of the ensemble, and masters: both have a majority without one. */
export const MEMBERS = 3
const AGENTS = 12
const PAYLOAD = 4096

/** The whole server and all that it depends on. */
export interface World extends DemoScenario {
  readonly server: RunningServer
  readonly masters: readonly MasterServer[]
  readonly zookeeper: FakeEnsemble
  readonly election: Election
  readonly lines: readonly LogLine[]
  /** What the next reload finds. */
  config: Config
  close(): Promise<void>
}

/** Times in seconds, shorter than the configuration would allow. */
const TIMES = {
  refreshSeconds: 0.5,
  auditSeconds: 1,
  stateTimeoutSeconds: 1,
  failoverSettleSeconds: 0.4,
} as const

const SETTINGS = {
  listener: '127.0.0.1',
  port: 0,
  httpListener: '127.0.0.1',
  httpPort: 0,
  externalOn: false,
  workers: 2,
  reverseDnsOn: true,
  ednsBufferSize: PAYLOAD,
  // What one task contributes does not depend on others then.
  health: 'require',
  // A master may lie for a while, and is not believed.
  shrinkConfirmations: 100,
  staticRecords: [
    { name: 'static', type: 'TXT', text: 'stays' },
    { name: 'www', type: 'CNAME', target: 'web.marathon.mesos.' },
  ],
}

/** The longest that a change may go unnoticed while nothing is wrong, in seconds, on a machine that has time. */
export const UNNOTICED_SECONDS =
  TIMES.auditSeconds +
  TIMES.refreshSeconds +
  TIMES.failoverSettleSeconds +
  TIMES.stateTimeoutSeconds

export async function startWorld(seed: number): Promise<World> {
  const scenario = demoScenario({ seed })
  const { cluster } = scenario
  while (cluster.agents.size < AGENTS) cluster.addAgent()
  const zookeeper = await FakeEnsemble.listen(MEMBERS)
  const masters = await Promise.all(
    cluster.masters.map((master, n) =>
      serveMaster(cluster, { master, host: `127.0.0.${n + 2}`, heartbeatSeconds: 1 }),
    ),
  )
  const election = new Election(cluster, zookeeper)
  for (const master of masters) election.join(master)
  const { log, lines } = recordingLog()
  const { config } = parseConfig(
    JSON.stringify({
      ...SETTINGS,
      zk: `zk://${zookeeper.servers.map(formatHostPort).join()}/mesos`,
      masters: masters.map(({ address }) => formatHostPort(address)),
    }),
  )
  const files = new Map()
  const source: ConfigSource = {
    load: () => ({ config: world.config, warnings: [] }),
    files,
    look: () => files,
  }
  const first = { ...config, ...TIMES }
  const server = await startServer({ config: first, log, version: '0.0.0-test', source })
  const world: World = {
    ...scenario,
    server,
    masters,
    zookeeper,
    election,
    lines,
    config: first,
    async close() {
      await server.stop()
      await Promise.all(masters.map((master) => master.close()))
      await zookeeper.close()
    },
  }
  await server.ready
  return world
}
