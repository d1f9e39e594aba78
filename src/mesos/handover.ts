import type { Logger } from '../log.ts'
import type { ClusterStore } from '../state/live/index.ts'
import type { StateUpdate } from '../state/update.ts'
import { Coalescer } from './coalescer.ts'
import type { MasterDetector } from './detect/index.ts'

export interface HandoverOptions {
  readonly store: Pick<ClusterStore, 'state' | 'report'>
  readonly detector: Pick<MasterDetector, 'masters'>
  readonly onUpdate: (update: StateUpdate) => void | Promise<void>
  readonly log: Logger
  /** Whether what is known is still less than what is served already. */
  readonly isTooEarly: () => boolean
}

/** How long a `/state` that is on its way is waited for, so that the first update has a leader. */
const PATIENCE_MS = 10_000

/**
 * Hands on what is known of the cluster, at once or, where changes come thick, several together. Times are
 * milliseconds since the epoch: when that was received.
 */
export class Handover {
  readonly #options: HandoverOptions
  readonly #updates: Coalescer
  #receivedAt = 0
  #hasBegun = false
  #patience: NodeJS.Timeout | undefined

  constructor(options: HandoverOptions) {
    this.#options = options
    this.#updates = new Coalescer({
      run: () => this.#handOn(),
      onError: (error) => options.log.error({ err: error }, 'the state could not be handed on'),
    })
  }

  /** Resolves when what is known now has been handed on. Never rejects. */
  offer(receivedAt = this.#receivedAt): Promise<void> {
    this.#receivedAt = receivedAt
    if (this.#options.store.state === undefined) return Promise.resolve()
    clearTimeout(this.#patience)
    this.#patience = undefined
    return this.#updates.offer()
  }

  /**
   * What the event stream begins with while a `/state` is on its way. Only that tells who leads, so the very first
   * update waits for it.
   */
  offerSoon(receivedAt: number): void {
    if (this.#hasBegun || this.#options.store.state?.leader !== undefined) {
      void this.offer(receivedAt)
      return
    }
    this.#receivedAt = receivedAt
    this.#patience ??= setTimeout(() => this.release(), PATIENCE_MS)
  }

  /** Something has changed since: that waits for nothing that the rest does not wait for. */
  changed(receivedAt: number): void {
    this.#receivedAt = receivedAt
    if (this.#patience === undefined) void this.offer()
  }

  /** What was waited for does not come. */
  release(): void {
    if (this.#patience !== undefined) void this.offer()
  }

  stop(): void {
    clearTimeout(this.#patience)
    this.#patience = undefined
    this.#updates.stop()
  }

  #handOn(): void | Promise<void> {
    const { store, detector, onUpdate, isTooEarly } = this.#options
    const { state, report } = store
    if (state === undefined || (!this.#hasBegun && isTooEarly())) return
    this.#hasBegun = true
    return onUpdate({ state, masters: detector.masters, report, receivedAt: this.#receivedAt })
  }
}
