import type { Logger } from '../log.ts'
import { createHostResolver, type HostResolver } from '../state/host-resolver.ts'
import type { ClusterStore } from '../state/live/index.ts'
import type { StateUpdate } from '../state/update.ts'
import type { FollowStatus } from '../status.ts'
import { createAuthenticator } from './auth/index.ts'
import { ClusterFollower } from './cluster-follower.ts'
import type { MesosConfig } from './config.ts'
import {
  configuredMasters,
  createDetector,
  type DetectorOptions,
  type MasterDetector,
} from './detect/index.ts'
import { createStateFetcher } from './fetch.ts'
import { createMasterHttp } from './http.ts'
import { createSubscriber } from './stream/subscribe.ts'
import { loadTls } from './tls.ts'

export interface StateSource {
  /** Begins to detect, to poll and, as soon as a master is known to ask, to follow the event stream. */
  start(): void
  /** Stops for good; settles when all connections are closed. */
  stop(): Promise<void>
  /** Polls at once; settles when that poll has ended and what it brought has been handed on. */
  refresh(): Promise<void>
  readonly status: FollowStatus
  /** What the detector knows: `lastKnown` for a source that takes this one's place. */
  readonly detected: Pick<MasterDetector, 'masters' | 'leader'>
}

export interface StateSourceOptions {
  readonly config: MesosConfig
  readonly log: Logger
  /** Of mesos-ns, for the User-Agent header. */
  readonly version: string
  /** Takes in what is learned. What it knows already, from another source, is kept. */
  readonly store: ClusterStore
  /**
   * Called after every successful poll, and when the event stream has changed something. Never twice at once; what
   * comes while it works is handed on together.
   */
  readonly onUpdate: (update: StateUpdate) => void | Promise<void>
  /** Called at every change that matters, and at most once a second for counters. */
  readonly onStatus: (status: FollowStatus) => void
  readonly detector?: MasterDetector
  /** Of the detector, where none is given. */
  readonly onGiveUp?: DetectorOptions['onGiveUp']
  readonly lastKnown?: DetectorOptions['lastKnown']
  /** Whether records are served that were made of a state that the store does not have. */
  readonly hasPredecessor?: boolean
  /** Share it with whoever resolves the hosts of the records. */
  readonly resolver?: HostResolver
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
  /** Milliseconds of a clock that never jumps, that of the store. */
  readonly now?: () => number
  /** 0 ≤ x < 1; spreads what many servers would do at the same moment. */
  readonly random?: () => number
}

/**
 * Follows the state of the cluster. Throws ConfigError where a certificate, key or iamConfigFile is
 * unusable; from then on whatever fails is logged, counted and tried again.
 */
export function createStateSource(options: StateSourceOptions): StateSource {
  const { config, log, version, onGiveUp, lastKnown } = options
  const { resolver = createHostResolver() } = options
  const http = createMasterHttp({
    tls: loadTls(config),
    userAgent: `mesos-ns/${version}`,
    timeoutMs: config.stateTimeoutSeconds * 1000,
  })
  const ask = {
    http,
    authenticator: createAuthenticator(config, http, log),
    resolver,
    scheme: config.mesosHttpsOn ? 'https' : 'http',
  } as const
  const detector = options.detector ?? createDetector({ config, log, onGiveUp, lastKnown })
  const follower = new ClusterFollower({
    ...options,
    resolver,
    detector,
    configured: configuredMasters(config),
    fetch: createStateFetcher(ask),
    subscribe: createSubscriber(ask),
  })
  return {
    start: () => follower.start(),
    async stop() {
      await follower.stop()
      await http.close()
    },
    refresh: () => follower.refresh(),
    get status() {
      return follower.status
    },
    get detected() {
      return { masters: detector.masters, leader: detector.leader }
    },
  }
}
