import type { HostPort } from '../../net/address.ts'
import type { MasterDetector } from './detector.ts'

const NOTHING = { masters: [], leader: undefined } as const

/**
 * Bridges a detector's blind moments: while it knows no leader its last one stands, and while it knows
 * no masters the configured ones do, or, without any, its last list. ZooKeeper being away must not
 * take anything from DNS, the masters answer without it. `lastKnown` is what its predecessor knew.
 */
export function createFallbackDetector(
  detector: MasterDetector,
  configured: readonly HostPort[],
  lastKnown: Pick<MasterDetector, 'masters' | 'leader'> = NOTHING,
): MasterDetector {
  let { masters: lastMasters, leader: lastLeader } = lastKnown
  // The getters are asked at any time, so what was known is remembered there and at every change.
  const remember = () => {
    if (detector.masters.length > 0) lastMasters = detector.masters
    lastLeader = detector.leader ?? lastLeader
  }
  return {
    get masters() {
      remember()
      if (detector.masters.length > 0) return detector.masters
      return configured.length > 0 ? configured : lastMasters
    },
    get leader() {
      remember()
      return lastLeader
    },
    get status() {
      return detector.status
    },
    start: () => detector.start(),
    stop: () => detector.stop(),
    onChange: (listener) =>
      detector.onChange(() => {
        remember()
        listener()
      }),
  }
}
