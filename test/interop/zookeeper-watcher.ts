import type { TestContext } from 'node:test'
import { silentLogger } from '../../src/log.ts'
import {
  createZookeeperDetector,
  type ZookeeperDetector,
  type ZookeeperDetectorOptions,
} from '../../src/mesos/detect/zookeeper/index.ts'
import { formatHostPort, type HostPort } from '../../src/net/address.ts'
import { type ZookeeperServer, zookeeperMissing } from '../mesos/zookeeper/real-zookeeper.ts'

/** A detector and what it knows, as text. */
export interface Watcher {
  readonly detector: ZookeeperDetector
  leader(): string | undefined
  masters(): string
  state(): string
  /** What keeps it from being up to date; `''` if nothing does. */
  lastError(): string
  isConnectedTo(server: HostPort): boolean
}

/** Session timeout that it asks for, in milliseconds. */
export const SESSION_MS = 1500

/** A detector that is a few times more hasty than others, so that tests need not wait. */
export function watch(
  t: TestContext,
  servers: readonly HostPort[],
  path: string,
  options: { readonly auth?: string; readonly tls?: ZookeeperDetectorOptions['tls'] } = {},
): Watcher {
  const [user = '', password = ''] = options.auth?.split(':') ?? []
  const detector = createZookeeperDetector({
    url: {
      hosts: servers.map(({ host, port }) => ({ host, port })),
      path,
      ...(options.auth === undefined ? {} : { auth: { user, password } }),
    },
    log: silentLogger,
    tls: options.tls,
    timing: {
      sessionTimeoutMs: SESSION_MS,
      handshakeTimeoutMs: 1000,
      backoff: { minMs: 50, maxMs: 300 },
      startSpreadMs: 10,
      reconnectSpreadMs: 50,
    },
  })
  t.after(() => detector.stop())
  detector.start()
  return {
    detector,
    leader: () => detector.leader && formatHostPort(detector.leader),
    masters: () => detector.masters.map(formatHostPort).join(' '),
    state: () => detector.status.state,
    lastError: () => detector.status.lastError ?? '',
    isConnectedTo: ({ host, port }) => detector.status.server === formatHostPort({ host, port }),
  }
}

/** Has the servers ended and their data removed when the test ends. */
export function removed(t: TestContext, servers: readonly ZookeeperServer[]): void {
  t.after(() => Promise.all(servers.map((server) => server.remove())))
}

/** For `skip`: why there is no real server to test with. In CI nothing may be left out, there this throws. */
export function needsZookeeper(): string | false {
  const missing = zookeeperMissing()
  if (missing !== undefined && (process.env['CI'] ?? '') !== '') throw new Error(missing)
  return missing ?? false
}
