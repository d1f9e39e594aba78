import type { Config } from '../../config/schema.ts'
import { parseZkUrl } from '../../config/zk-url.ts'
import type { Logger } from '../../log.ts'
import { type HostPort, parseHostPort } from '../../net/address.ts'
import type { MasterDetector } from './detector.ts'
import { createFallbackDetector } from './fallback.ts'
import { reportOverdue } from './overdue.ts'
import { createStaticDetector } from './static.ts'
import { createZookeeperDetector } from './zookeeper/index.ts'

export type { MasterDetector } from './detector.ts'

/**
 * The detector a configuration asks for: ZooKeeper with the configured masters to fall back on, the
 * one master that `zk` names, or the list of masters.
 */
export function createDetector({
  config,
  log,
}: {
  readonly config: Pick<Config, 'zk' | 'masters' | 'zkDetectionTimeout'>
  readonly log: Logger
}): MasterDetector {
  const configured = configuredMasters(config)
  if (config.zk === '') return createStaticDetector(configured)
  const url = parseZkUrl(config.zk)
  if (url.kind === 'standalone') return createStaticDetector([url.master])
  const zookeeper = createZookeeperDetector({ url, log })
  return createFallbackDetector(
    reportOverdue(zookeeper, config.zkDetectionTimeout, log),
    configured,
  )
}

/** The `masters` of the configuration, which has checked them. */
export function configuredMasters({ masters }: Pick<Config, 'masters'>): HostPort[] {
  return masters.flatMap((text) => parseHostPort(text) ?? [])
}
