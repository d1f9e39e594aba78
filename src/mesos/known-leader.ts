import type { HostPort } from '../net/address.ts'
import type { MasterDetector } from './detect/index.ts'
import type { FetchedState } from './fetch.ts'
import { distinct, masterKey } from './identity.ts'

/** Puts together what the detector, the configuration and the states tell of masters. */
export class KnownLeader {
  readonly #detector: MasterDetector
  readonly #configured: readonly HostPort[]
  #detected: HostPort | undefined
  #masters: readonly HostPort[]
  #named: HostPort | undefined
  #sender: HostPort | undefined
  #lastId: string | undefined
  #changes = 0

  constructor(detector: MasterDetector, configured: readonly HostPort[]) {
    this.#detector = detector
    this.#configured = configured
    this.#masters = detector.masters
  }

  /** As the detector knows it, else as the last state named it. */
  get leader(): HostPort | undefined {
    return this.#detector.leader ?? this.#named
  }

  /** How often a state came from another master process than the one before. */
  get changes(): number {
    return this.#changes
  }

  /** What is new at the detector since this was asked last. */
  news(): { readonly leader: HostPort | undefined; readonly hasNewMasters: boolean } {
    const { leader, masters } = this.#detector
    const isSame = leader === undefined || isMaster(leader, this.#detected)
    this.#detected = leader
    const hasNewMasters = keys(masters) !== keys(this.#masters)
    this.#masters = masters
    return { leader: isSame ? undefined : leader, hasNewMasters }
  }

  /** Takes in what a state says of its sender. */
  learn({ state, masterId, master, trusted }: FetchedState): void {
    this.#named = state.leader
    this.#sender = trusted ? master : undefined
    const id = masterId ?? masterKey(master)
    if (this.#lastId !== undefined && id !== this.#lastId) this.#changes++
    this.#lastId = id
  }

  /** Everyone who may know the state, the most likely leader first. Each of them may see the credentials. */
  candidates(): HostPort[] {
    const known = [...this.#detector.masters, ...this.#configured]
    const { leader } = this.#detector
    if (leader !== undefined) return distinct([leader, ...known])
    const last = known.filter((master) => isMaster(master, this.#named))
    return distinct([...last, ...known])
  }

  /**
   * Those to ask for events. Unlike a state, an answer to SUBSCRIBE does not name the leader, so whom a trusted
   * master named as that comes first.
   */
  streamCandidates(): HostPort[] {
    const candidates = this.candidates()
    const isDetected = this.#detector.leader !== undefined
    return isDetected || this.#sender === undefined
      ? candidates
      : distinct([this.#sender, ...candidates])
  }
}

function isMaster(master: HostPort, other: HostPort | undefined): boolean {
  return other !== undefined && masterKey(master) === masterKey(other)
}

function keys(masters: readonly HostPort[]): string {
  return masters.map(masterKey).join()
}
