import type { HostPort } from '../../net/address.ts'
import type { MasterDetector } from './detector.ts'

/**
 * A list that never changes: the configured masters, or the one master that `zk` names itself
 * (`ip:port`). Which of them leads only their state tells.
 */
export function createStaticDetector(masters: readonly HostPort[]): MasterDetector {
  return {
    masters,
    leader: undefined,
    start() {},
    stop() {},
    onChange: () => () => {},
  }
}
