import type { MasterDetector } from '../../../src/mesos/detect/detector.ts'
import type { HostPort } from '../../../src/net/address.ts'
import type { ZookeeperStatus } from '../../../src/status.ts'

/** A detector that knows what the test tells it. */
export class FakeDetector implements MasterDetector {
  masters: readonly HostPort[] = []
  leader: HostPort | undefined = undefined
  status: ZookeeperStatus | undefined = undefined
  running = false
  readonly #listeners = new Set<() => void>()

  start(): void {
    this.running = true
  }

  stop(): void {
    this.running = false
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  learn(masters: readonly HostPort[], leader: HostPort | undefined): void {
    this.masters = masters
    this.leader = leader
    for (const listener of this.#listeners) listener()
  }

  get listeners(): number {
    return this.#listeners.size
  }
}
