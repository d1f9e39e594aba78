import type { TestContext } from 'node:test'
import type { Logger } from '../../../src/log.ts'
import {
  createZookeeperDetector,
  type DetectorTiming,
  type ZookeeperDetector,
  type ZookeeperUrl,
} from '../../../src/mesos/detect/zookeeper/index.ts'
import { formatHostPort } from '../../../src/net/address.ts'
import { FakeZookeeper } from './fake-zookeeper.ts'
import { ManualClock } from './waiting.ts'

/** A detector and the one server that it asks, on a clock of their own. */
export interface Scene {
  readonly fake: FakeZookeeper
  readonly clock: ManualClock
  readonly detector: ZookeeperDetector
  /** What was known after each change: `leader of master master`. */
  readonly changes: string[]
  /** Its status whenever anything was told. */
  readonly statuses: string[]
  /** `level message` of each line from info upwards. */
  readonly log: string[]
  readonly know: () => string
}

export async function scene(
  t: TestContext,
  options: {
    url?: Partial<ZookeeperUrl>
    timing?: Partial<DetectorTiming>
    prepare?: (fake: FakeZookeeper) => void
  } = {},
): Promise<Scene> {
  const fake = await FakeZookeeper.listen()
  options.prepare?.(fake)
  const clock = new ManualClock()
  const log: string[] = []
  const detector = createZookeeperDetector({
    url: { hosts: [fake.server], path: '/mesos', ...options.url },
    log: recorder(log),
    clock,
    random: () => 0.5,
    timing: { ...AT_ONCE, ...options.timing },
  })
  const know = () => describe(detector)
  const changes: string[] = []
  const statuses: string[] = []
  let last = know()
  detector.onChange(() => {
    const { state, lastError } = detector.status
    statuses.push(lastError === undefined ? state : `${state}: ${lastError}`)
    if (know() !== last) changes.push(know())
    last = know()
  })
  t.after(async () => {
    detector.stop()
    await fake.close()
  })
  detector.start()
  return { fake, clock, detector, changes, statuses, log, know }
}

function describe({ leader, masters }: ZookeeperDetector): string {
  return `${leader ? formatHostPort(leader) : '-'} of ${masters.map(formatHostPort).join(' ')}`
}

function recorder(lines: string[]): Logger {
  const write = (level: string) => (_: unknown, message?: unknown) => {
    lines.push(`${level} ${typeof _ === 'string' ? _ : String(message)}`)
  }
  const log = {
    level: 'info',
    debug: () => {},
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  }
  return log as unknown as Logger
}

/** MasterInfo as today's masters write it. */
export const json = (ip: string, port = 5050) => JSON.stringify({ address: { ip, port } })

/** No spreading in time, where that is not what is tested. */
const AT_ONCE = { startSpreadMs: 0, reconnectSpreadMs: 0, readSpreadMs: 0 }

/** So long a session that no ping comes between when the clock is advanced. */
export const NO_PINGS = { sessionTimeoutMs: 1_000_000 }

export const threeMasters = (fake: FakeZookeeper) => {
  fake.set('json.info_0000000003', json('10.0.0.3'))
  fake.set('json.info_0000000001', json('10.0.0.1'))
  fake.set('log_replicas', '')
  fake.set('json.info_0000000002', json('10.0.0.2'))
}
export const THREE = '10.0.0.1:5050 of 10.0.0.1:5050 10.0.0.2:5050 10.0.0.3:5050'
