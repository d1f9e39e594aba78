import { setTimeout as sleep } from 'node:timers/promises'
import type { SimulatedCluster } from './cluster.ts'

export interface RecoveryPace {
  /** Until the new leader has read its registry (default 1700, as seen with a quorum of three). */
  readonly registryMs?: number
  /** Until the next agent is back, and then the next framework (default 300). */
  readonly eachMs?: number
  readonly signal?: AbortSignal
}

/**
 * After `failOver({ recovery: 'slow' })`: the leader reads its registry, then agents come back one by one, then
 * frameworks. Rejects when the signal aborts.
 */
export async function recoverSlowly(
  cluster: SimulatedCluster,
  { registryMs = 1700, eachMs = 300, signal }: RecoveryPace = {},
): Promise<void> {
  const wait = (ms: number) => sleep(ms, undefined, signal === undefined ? {} : { signal })
  await wait(registryMs)
  cluster.recoverRegistry()
  for (const agent of [...cluster.agents].filter(({ status }) => status === 'recovered')) {
    await wait(eachMs)
    if (agent.status === 'recovered') cluster.returnAgent(agent)
  }
  for (const framework of cluster.frameworks) {
    if (framework.status === 'connected') continue
    await wait(eachMs)
    cluster.subscribe(framework)
  }
}
