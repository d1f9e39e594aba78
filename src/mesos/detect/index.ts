import type { Config } from '../../config/schema.ts'
import { parseZkUrl } from '../../config/zk-url.ts'
import type { MesosNsError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { type HostPort, parseHostPort } from '../../net/address.ts'
import { loadTls } from '../tls.ts'
import type { MasterDetector } from './detector.ts'
import { createFallbackDetector } from './fallback.ts'
import { reportOverdue } from './overdue.ts'
import { createStaticDetector } from './static.ts'
import { createZookeeperDetector } from './zookeeper/index.ts'

export type { MasterDetector } from './detector.ts'

/** The settings that say how masters are found. */
export type DetectorConfig = Pick<
  Config,
  'zk' | 'zkTls' | 'zkStrict' | 'zkDetectionTimeout' | 'masters'
>

export interface DetectorOptions {
  readonly config: DetectorConfig
  readonly log: Logger
  /**
   * Called once, with `zkStrict`, when `zkDetectionTimeout` has passed and ZooKeeper has never named a
   * leader: the process is to end. Once a leader was known it is never called.
   */
  readonly onGiveUp?: ((error: MesosNsError) => void) | undefined
  /** What the detector that this one replaces has known: it stands until ZooKeeper says otherwise. */
  readonly lastKnown?: Pick<MasterDetector, 'masters' | 'leader'> | undefined
}

/**
 * The detector a configuration asks for: ZooKeeper with the configured masters to fall back on, the
 * one master that `zk` names, or the list of masters. Throws ConfigError where a file of `zkTLS` is
 * unusable.
 */
export function createDetector(options: DetectorOptions): MasterDetector {
  const { config, log, onGiveUp, lastKnown } = options
  const configured = configuredMasters(config)
  if (config.zk === '') return createStaticDetector(configured)
  const url = parseZkUrl(config.zk)
  if (url.kind === 'standalone') return createStaticDetector([url.master])
  const tls = config.zkTls.on ? loadTls(config.zkTls, 'zkTLS.') : undefined
  const detector = createFallbackDetector(
    createZookeeperDetector({ url, log, tls }),
    configured,
    lastKnown,
  )
  return reportOverdue(detector, {
    seconds: config.zkDetectionTimeout,
    log,
    onOverdue: config.zkStrict ? onGiveUp : undefined,
  })
}

/** The `masters` of the configuration, which has checked them. */
export function configuredMasters({ masters }: Pick<Config, 'masters'>): HostPort[] {
  return masters.flatMap((text) => parseHostPort(text) ?? [])
}
