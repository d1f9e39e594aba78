import { Report } from '../../report.ts'
import type { GuardStatus } from '../../status.ts'
import type { ClusterEvent } from '../cluster-event.ts'
import type { FullState } from '../full-state.ts'
import type { ClusterState } from '../model.ts'
import type { Adoption, Applied } from './adoption.ts'
import { applyEvent } from './apply-event.ts'
import { Failover } from './failover.ts'
import { LiveCluster } from './live-cluster.ts'
import type { LiveSettings } from './live-settings.ts'
import { completeFrom, mergeState } from './merge-state.ts'
import { count, NOTHING_MISSING, partition, removeMissing, sizesWithout } from './missing.ts'
import { ObjectProblems } from './object-problems.ts'
import { PollWindow, PollWindows } from './poll-window.ts'
import { isShort, ShrinkGuard, shortfall, sizesOf } from './shrink-guard.ts'
import { WaitingTasks } from './waiting-tasks.ts'

export interface ClusterStoreOptions {
  /** Milliseconds of a clock that never jumps: nothing is given up early because clocks were set. */
  readonly now?: () => number
  /** Milliseconds since the epoch, to tell until when something is held. */
  readonly clock?: () => number
}

/**
 * The cluster as it is known: whole states and events in, one state out. What a whole state does
 * not list is kept while a new leader may not know it yet (Failover) and while a sudden loss is
 * doubted (ShrinkGuard). Nothing in here waits: whoever owns a store calls `sweep` at
 * `nextSweepAt`.
 *
 * As long as states are only fetched, the state is the last one fetched, and nothing is made of it.
 * The first event makes an index of its tasks.
 */
export class ClusterStore {
  #settings: LiveSettings
  readonly #now: () => number
  readonly #clock: () => number
  /**
   * The last whole state that was taken as it is: what is known, unless there is a live cluster.
   */
  #plain: ClusterState | undefined
  #live: LiveCluster | undefined
  #problems = new ObjectProblems(new Report())
  /** Whether what is known comes from an event stream, too. */
  #hasStream = false
  #isStreaming = false
  #hasEvents = false
  readonly #waiting = new WaitingTasks()
  readonly #windows = new PollWindows()
  readonly #guard = new ShrinkGuard()
  readonly #failover = new Failover()

  constructor(settings: LiveSettings, options: ClusterStoreOptions = {}) {
    this.#settings = settings
    this.#now = options.now ?? (() => performance.now())
    this.#clock = options.clock ?? Date.now
  }

  /** Takes other settings; the time that something is held still counts from when that began. */
  configure(settings: LiveSettings): void {
    this.#settings = settings
  }

  /**
   * The cluster; undefined before the first whole state. It is the same object until something
   * changes, and so is every agent and task in it that does not change, and after an event every
   * framework.
   */
  get state(): ClusterState | undefined {
    return this.#live?.state ?? this.#plain
  }

  /** What was odd in the last whole state, and in the events since. */
  get report(): Report {
    return this.#problems.report
  }

  get guard(): GuardStatus {
    const { hold } = this.#failover
    return {
      held: {
        agents: hold?.agents.size ?? 0,
        frameworks: hold?.frameworks.size ?? 0,
        tasks: hold?.tasks.size ?? 0,
      },
      holdUntil: this.#holdUntil,
      failovers: this.#failover.count,
      doubting: this.#guard.isDoubting,
      doubts: this.#guard.doubts,
      confirmedLosses: this.#guard.confirmedLosses,
    }
  }

  get #holdUntil(): number | undefined {
    const { hold } = this.#failover
    if (hold === undefined || hold.isEmpty) return undefined
    return Math.round(this.#clock() + hold.endsAt(this.#settings) - this.#now())
  }

  /** When `sweep` is to be called, in milliseconds of `now`; undefined if nothing is held. */
  get nextSweepAt(): number | undefined {
    const { hold } = this.#failover
    return hold === undefined || hold.isEmpty ? undefined : hold.endsAt(this.#settings)
  }

  /**
   * Another master is said to lead than the one of the last state. A `/state` tells that itself; v1 does not, so the
   * next one falls under a hold as if it did.
   */
  expectAnotherLeader(): void {
    this.#failover.expectAnotherLeader()
  }

  /**
   * Whether an event stream is being followed. While it is, whole states are audits: what they find
   * is drift, and the index of the tasks is kept for the next event.
   */
  set isStreaming(is: boolean) {
    this.#isStreaming = is
    this.#hasStream ||= is
  }

  /**
   * To be called before a whole state is asked for: from then on, until it is adopted or the window
   * cancelled, the store notes which objects events touch.
   */
  begin(): PollWindow {
    return this.#windows.open()
  }

  /** The state that the window was opened for does not come. */
  cancel(window: PollWindow): void {
    this.#windows.close(window)
  }

  /** Takes in a whole state; one that was asked for, with the window opened before that. */
  adopt(full: FullState, window = new PollWindow()): Adoption {
    this.#windows.close(window)
    if (window.isSuperseded) return this.#complete(full)
    this.#windows.supersede()
    const known = this.state
    const isPlain = known === undefined || this.#isPlain(full, known, window)
    const adoption = isPlain ? this.#take(full, known) : this.#merge(full, known, window)
    this.#hasEvents = false
    return adoption
  }

  /** Applies an event; before the first whole state it is ignored. */
  apply(event: ClusterEvent): Applied {
    if (this.#plain === undefined) return { changed: false, isVisible: false, wantsAudit: false }
    this.#live ??= new LiveCluster(this.#plain)
    this.#hasStream = true
    this.#hasEvents = true
    const { changes, visibleChanges } = this.#live
    const wantsAudit = applyEvent(event, {
      cluster: this.#live,
      waiting: this.#waiting,
      problems: this.#problems,
      windows: this.#windows,
      hold: this.#failover.hold,
      now: this.#now(),
    })
    return {
      changed: this.#live.changes !== changes,
      isVisible: this.#live.visibleChanges !== visibleChanges,
      wantsAudit,
    }
  }

  /** Gives up what was held for too long; returns whether that changed anything. */
  sweep(): boolean {
    return this.#giveUp((cluster) => {
      this.#failover.sweep(cluster, this.#now(), this.#settings)
    })
  }

  /**
   * To be called whenever the event stream has brought something, be it a heartbeat, once that is
   * applied. It shows that nothing else is on its way: gives up tasks of agents that have come back
   * some time ago without them. Returns whether that changed anything.
   */
  settle(): boolean {
    return this.#giveUp((cluster) => {
      this.#failover.settle(cluster, this.#now(), this.#settings)
    })
  }

  #giveUp(from: (cluster: LiveCluster) => void): boolean {
    if (this.#live === undefined) return false
    const before = this.#live.changes
    from(this.#live)
    return this.#live.changes !== before
  }

  /** Whether a state can be taken as it is: nothing else is known, and nothing is to be kept. */
  #isPlain(full: FullState, known: ClusterState, window: PollWindow): boolean {
    if (this.#live !== undefined || this.#hasStream || full.form === 'v1') return false
    if (this.#failover.hold !== undefined) return false
    if (this.#failover.begins(full, known.agents, window, this.#settings)) return false
    return full.state === known || !isShort(sizesOf(known), sizesOf(full.state), this.#settings)
  }

  #take(full: FullState, known: ClusterState | undefined): Adoption {
    const changed = full.state !== known
    const lost = changed && known ? shortfall(sizesOf(known), sizesOf(full.state)) : 0
    this.#setPlain(full)
    this.#problems = new ObjectProblems(full.report)
    this.#failover.note(full, false)
    return { changed, drift: 0, lost, doubted: false, wantsAudit: full.form === 'v1' }
  }

  #setPlain({ state, form }: FullState): void {
    this.#plain = state
    this.#live = undefined
    this.#hasStream = this.#isStreaming || form === 'v1'
  }

  #merge(full: FullState, known: ClusterState, window: PollWindow): Adoption {
    const { form } = full
    const settings = this.#settings
    const now = this.#now()
    this.#live ??= new LiveCluster(known)
    const cluster = this.#live
    const before = cluster.sizes
    // Another leader's state does not tell what the stream of the last one has missed.
    const seesDrift = this.#hasStream && form === 'state' && !this.#failover.isOfAnother(full)

    // Another leader has its own time to hear of what its predecessor did not.
    const isAnew = this.#failover.begins(full, cluster.agents, window, settings)
    const ended = isAnew ? undefined : this.#failover.endIfDue(cluster, now, settings)
    const hold = this.#failover.enter(full, cluster, { window, now, settings })
    const keepsPid = (id: string) => form === 'v1' || (hold?.keepsPid(id) ?? false)
    const merge = mergeState(cluster, full, { window, keepsPid })
    hold?.holdPids(merge.withoutPid.filter((id) => hold.keepsPid(id)))
    this.#waiting.resolve(cluster, window)
    this.#problems = this.#problems.next(full.report, window)

    const [givenUp, missing] = ended
      ? partition(merge.missing, ended.holds)
      : [NOTHING_MISSING, merge.missing]
    // What the predecessor's events have touched meanwhile is there by their word, not by the new leader's.
    const touched = isAnew ? merge.touched : NOTHING_MISSING
    const lost = hold?.keep(missing, touched, full) ?? missing
    const expected = sizesWithout(givenUp, before)
    const left = sizesWithout(lost, sizesWithout(givenUp, cluster.sizes))
    const doubted = this.#guard.judge(expected, left, settings) === 'doubted'
    removeMissing(givenUp, cluster)
    if (!doubted) removeMissing(lost, cluster)
    this.#failover.note(full, doubted)

    const isAll = merge.isIdentical && !doubted && this.#failover.hold === undefined
    const isPlain = isAll && form === 'state' && !this.#hasEvents && !this.#isStreaming
    if (isPlain) this.#setPlain(full)
    else this.#hasStream ||= form === 'v1'
    return {
      changed: this.state !== known,
      drift: seesDrift ? merge.differences + (doubted ? 0 : count(lost)) : 0,
      lost: shortfall(expected, left),
      doubted,
      wantsAudit: form === 'v1' && (merge.hasOtherFrameworks || cluster.leader === undefined),
    }
  }

  /**
   * Another state was adopted since this one was asked for. It may be the older one, but still know
   * more than v1.
   */
  #complete(full: FullState): Adoption {
    const known = this.state
    if (known !== undefined && this.#hasStream) {
      this.#live ??= new LiveCluster(known)
      completeFrom(this.#live, full)
    }
    const changed = this.state !== known
    return { changed, drift: 0, lost: 0, doubted: false, wantsAudit: false }
  }
}
