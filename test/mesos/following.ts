import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { createStateSource, type StateSourceOptions } from '../../src/mesos/index.ts'
import { ClusterStore } from '../../src/state/live/index.ts'
import type { ClusterState } from '../../src/state/model.ts'
import type { StateUpdate } from '../../src/state/update.ts'
import type { FollowStatus } from '../../src/status.ts'
import { recordingLog } from '../recording-log.ts'
import type { FakeMaster } from './fake-master.ts'
import { CONFIG } from './fetching.ts'

export const GUARD = {
  failoverHoldSeconds: 600,
  failoverSettleSeconds: 10,
  shrinkThreshold: 50,
  shrinkConfirmations: 1,
}

export interface FollowSetup extends Partial<Omit<StateSourceOptions, 'config'>> {
  readonly config?: object
}

/** A source of these masters, its clock standing still, that ends with the test. */
export function followingSource(
  t: TestContext,
  masters: readonly FakeMaster[],
  options: FollowSetup = {},
) {
  const { log, lines } = recordingLog()
  const updates: StateUpdate[] = []
  const statuses: FollowStatus[] = []
  const arrivals = new EventTarget()
  const clock = options.clock ?? (() => 1_500_000_000_000)
  const store = options.store ?? new ClusterStore(GUARD, { now: clock, clock })
  const source = createStateSource({
    log,
    version: '1.2.3',
    clock,
    now: clock,
    store,
    onUpdate(update) {
      updates.push(update)
      arrivals.dispatchEvent(new Event('update'))
    },
    onStatus: (status) => void statuses.push(status),
    ...options,
    config: { ...CONFIG, masters: masters.map(({ name }) => name), ...options.config },
  })
  t.after(() => source.stop())
  return { source, store, updates, statuses, lines, nextUpdate: () => once(arrivals, 'update') }
}

/** Ids of the tasks of a state, in order. */
export function taskIds(state: ClusterState | undefined): string[] {
  return (state?.frameworks ?? []).flatMap(({ tasks }) => tasks.map(({ id }) => id)).sort()
}
