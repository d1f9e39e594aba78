import type { Logger } from '../log.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import type { FullState } from '../state/full-state.ts'
import type { HostResolver } from '../state/host-resolver.ts'
import type { Adoption, ClusterStore } from '../state/live/index.ts'
import type { StateUpdate } from '../state/update.ts'
import type { FollowStatus } from '../status.ts'
import { Audits } from './audits.ts'
import type { MesosConfig } from './config.ts'
import type { MasterDetector } from './detect/index.ts'
import { asMesosNsError } from './errors.ts'
import type { FetchedState, StateFetcher } from './fetch.ts'
import { GuardLog } from './guard-log.ts'
import { Handover } from './handover.ts'
import { masterKey } from './identity.ts'
import { KnownLeader } from './known-leader.ts'
import { PollPace } from './poll-pace.ts'
import { PollRecord } from './poll-record.ts'
import { createPoller, type Poller } from './poller.ts'
import { Recovery } from './recovery.ts'
import { StatusFeed } from './status-feed.ts'
import { EventStream } from './stream/event-stream.ts'
import type { EventBatch } from './stream/session.ts'
import type { Subscriber } from './stream/subscribe.ts'
import { StreamOrigin } from './stream-origin.ts'
import { SweepTimer } from './sweep-timer.ts'

export interface ClusterFollowerOptions {
  readonly config: Pick<
    MesosConfig,
    'updates' | 'refreshSeconds' | 'auditSeconds' | 'stateTimeoutSeconds' | 'failoverHoldSeconds'
  >
  readonly log: Logger
  readonly store: ClusterStore
  readonly onUpdate: (update: StateUpdate) => void | Promise<void>
  readonly onStatus: (status: FollowStatus) => void
  readonly detector: MasterDetector
  readonly resolver: HostResolver
  readonly configured: readonly HostPort[]
  readonly fetch: StateFetcher
  readonly subscribe: Subscriber
  /** Whether records are served that were made of a state that the store does not have. */
  readonly hasPredecessor?: boolean
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
  /** Milliseconds of a clock that never jumps, that of the store. */
  readonly now?: () => number
  readonly random?: () => number
}

/**
 * Brings together what polls and the event stream tell, in the store, and hands on what comes of it. Either of
 * them alone keeps the store true; the stream is only faster.
 */
export class ClusterFollower {
  readonly #options: ClusterFollowerOptions
  readonly #clock: () => number
  readonly #pace: PollPace
  readonly #origin: StreamOrigin
  readonly #leader: KnownLeader
  readonly #poller: Poller
  readonly #stream: EventStream
  readonly #polls: PollRecord
  readonly #audits: Audits
  readonly #recovery: Recovery
  readonly #guardLog: GuardLog
  readonly #handover: Handover
  readonly #feed: StatusFeed
  readonly #sweep: SweepTimer
  #unsubscribe = () => {}
  #confirmedAt: number | undefined
  /** Until a new leader is asked. */
  #election: NodeJS.Timeout | undefined
  /** The stream began while the poll that runs was under way: either of the two may be the newer. */
  #isOvertaken = false

  constructor(options: ClusterFollowerOptions) {
    const { config, log, store, detector, clock = Date.now, random = Math.random } = options
    this.#options = options
    this.#clock = clock
    const { now = () => performance.now(), hasPredecessor = false } = options
    this.#pace = new PollPace(config, random)
    this.#origin = new StreamOrigin(options.resolver)
    this.#leader = new KnownLeader(detector, options.configured)
    this.#polls = new PollRecord(log)
    this.#guardLog = new GuardLog(log)
    this.#feed = new StatusFeed(() => options.onStatus(this.status))
    const holdMs = config.failoverHoldSeconds * 1000
    this.#recovery = new Recovery({ hasPredecessor, holdMs, now })
    this.#handover = new Handover({
      ...options,
      isTooEarly: () => this.#recovery.isBehindPredecessor(store.state),
    })
    this.#sweep = new SweepTimer({
      store: {
        get nextSweepAt() {
          return store.nextSweepAt
        },
        // Time alone takes nothing away: without a stream, the next state may tell what is held.
        sweep: () => this.#isStreaming && store.sweep(),
      },
      now,
      onSwept: (changed) => this.#swept(changed),
    })
    this.#poller = createPoller({
      poll: (signal) => this.#poll(signal),
      intervalMs: () =>
        this.#pace.interval({
          isStreaming: this.#isStreaming,
          isRecovering: this.#recovery.isRunning,
        }),
      random,
    })
    this.#audits = new Audits({ poller: this.#poller, pace: this.#pace, log, now })
    this.#stream = new EventStream({
      connect: (open, signal) => options.subscribe(this.#leader.streamCandidates(), open, signal),
      receiver: {
        subscribed: (full, master) => this.#subscribed(full, master),
        batch: (batch) => this.#events(batch),
        lost: () => this.#streamLost(),
        changed: (isNews) => (isNews ? this.#feed.news() : this.#feed.counted()),
      },
      timeoutMs: config.stateTimeoutSeconds * 1000,
      isWanted: config.updates === 'stream',
      log,
      random,
      clock,
    })
  }

  get status(): FollowStatus {
    const { store, detector } = this.#options
    const leader = this.#leader.leader ?? this.#stream.master
    return {
      leader: leader && formatHostPort(leader),
      confirmedAt: this.#confirmedAt,
      leaderChanges: this.#leader.changes,
      polls: this.#polls.status,
      stream: this.#stream.status,
      audits: this.#audits.status,
      guard: store.guard,
      zookeeper: detector.status,
    }
  }

  start(): void {
    const { detector } = this.#options
    this.#unsubscribe = detector.onChange(() => this.#mastersChanged())
    detector.start()
    if (this.#leader.news().leader !== undefined) this.#startStream()
    this.#poller.start()
    this.#sweep.plan()
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    clearTimeout(this.#election)
    this.#options.detector.stop()
    this.#poller.stop()
    this.#handover.stop()
    this.#feed.stop()
    this.#sweep.stop()
    await this.#stream.stop()
  }

  refresh(): Promise<void> {
    return this.#poller.refresh()
  }

  #startStream(): void {
    if (this.#options.config.updates !== 'poll') this.#stream.start()
  }

  get #isStreaming(): boolean {
    return this.#stream.master !== undefined
  }

  /** A poll or a stream of the old leader is of no use; other changes wait for the poll that runs. */
  #mastersChanged(): void {
    const { leader, hasNewMasters } = this.#leader.news()
    this.#feed.news()
    if (leader !== undefined) {
      this.#options.log.info({ leader: formatHostPort(leader) }, 'a master was elected')
      this.#elected(leader)
    } else if (hasNewMasters) {
      void this.#handover.offer()
      if (!this.#isStreaming) void this.#poller.refresh()
    }
  }

  /** Asks a new leader at once where nothing is known yet; else soon, as all the others that watch do not. */
  #elected(leader: HostPort): void {
    const { store } = this.#options
    const begun = { polls: this.#polls.status.count, attempts: this.#stream.attempts }
    clearTimeout(this.#election)
    if (store.state === undefined) {
      this.#follow(leader, begun)
    } else {
      store.expectAnotherLeader()
      this.#election = setTimeout(() => this.#follow(leader, begun), this.#pace.election())
    }
  }

  /** Leaves the old leader. What has begun since the election knew the new one already. */
  #follow(leader: HostPort, before: { polls: number; attempts: number }): void {
    const streaming = this.#stream.master
    const isConnecting = this.#stream.isConnecting && this.#stream.attempts > before.attempts
    const isThere = streaming !== undefined && masterKey(streaming) === masterKey(leader)
    if (!isConnecting && !isThere) this.#stream.reconnect()
    this.#startStream()
    if (this.#polls.status.count === before.polls) {
      this.#poller.restart('another master leads now')
    }
  }

  /** True if a state was learned. */
  async #poll(signal: AbortSignal): Promise<boolean> {
    const { store, fetch } = this.#options
    const begun = performance.now()
    const candidates = this.#leader.candidates()
    const isFirst = this.#polls.status.count === 0
    this.#polls.begun()
    // A detector that has just started needs a moment; not knowing a master is no failure yet.
    if (isFirst && candidates.length === 0) return false
    this.#audits.begun()
    this.#isOvertaken = false
    const isAudit = this.#isStreaming
    const window = store.begin()
    try {
      const fetched = await fetch(candidates, signal)
      signal.throwIfAborted()
      this.#leader.learn(fetched)
      const adoption = store.adopt(fetched, window)
      const at = this.#learned(fetched, adoption)
      this.#polls.succeeded(fetched, at, performance.now() - begun)
      if (isAudit && this.#isStreaming && !this.#isOvertaken) this.#audits.ended(adoption.drift, at)
      if (this.#isOvertaken) this.#audits.want()
      else void this.#compareMasters(fetched)
      await this.#handover.offer(at)
      return true
    } catch (error) {
      store.cancel(window)
      if (!signal.aborted) this.#pollFailed(error)
      return false
    } finally {
      if (!signal.aborted) this.#startStream()
    }
  }

  #pollFailed(error: unknown): void {
    this.#polls.failed(asMesosNsError(error), this.#clock())
    this.#feed.news()
    this.#handover.release()
  }

  /** What every whole state brings, whoever told it. Returns when that was. */
  #learned(full: FullState, { doubted, lost, wantsAudit }: Adoption): number {
    const { store } = this.#options
    const at = this.#clock()
    this.#confirmedAt = at
    this.#recovery.learned(full, store.state)
    this.#guardLog.update(store.guard, lost)
    this.#sweep.plan()
    if (wantsAudit) this.#audits.want()
    if (doubted) this.#poller.within(this.#pace.doubt())
    this.#feed.news()
    return at
  }

  /** A stream of a master that no longer leads may go on as if nothing had happened. */
  async #compareMasters(fetched: FetchedState): Promise<void> {
    if (!(await this.#origin.isOutdated(fetched))) return
    const master = formatHostPort(fetched.master)
    this.#options.log.info({ master }, 'the state comes from another master than the events')
    this.#stream.reconnect()
  }

  #subscribed(full: FullState, master: HostPort): void {
    const { store } = this.#options
    this.#isOvertaken = this.#poller.running
    this.#origin.connected(master)
    store.isStreaming = true
    const polled = this.#polls.master
    const isOther = polled !== undefined && masterKey(polled) !== masterKey(master)
    if (isOther) store.expectAnotherLeader()
    const at = this.#learned(full, store.adopt(full))
    // Only a state tells whether another process leads, and who it is.
    if (isOther) void this.#poller.refresh()
    else this.#poller.replan()
    if (this.#poller.running) this.#handover.offerSoon(at)
    else void this.#handover.offer(at)
  }

  #events({ events, unreadable }: EventBatch): void {
    const { store, log } = this.#options
    const at = this.#clock()
    this.#confirmedAt = at
    const [problem] = unreadable
    if (problem !== undefined) {
      const isNews = this.#audits.wantForEvent()
      if (isNews) log.warn({ ...problem }, 'an event is odd; fetching the state instead')
    }
    let hasChanged = false
    for (const event of events) {
      const { isVisible, wantsAudit } = store.apply(event)
      // A task that is only being staged must not use up the moment of the one that runs.
      hasChanged ||= isVisible
      if (wantsAudit) this.#audits.wantForEvent()
    }
    if (store.settle()) hasChanged = true
    if (!hasChanged && events.length === 0) return
    this.#sweep.plan()
    if (!hasChanged) return
    this.#guardLog.update(store.guard)
    this.#handover.changed(at)
  }

  #streamLost(): void {
    this.#origin.lost()
    this.#options.store.isStreaming = false
    this.#poller.within(this.#pace.soon())
  }

  #swept(hasChanged: boolean): void {
    this.#guardLog.update(this.#options.store.guard)
    this.#feed.news()
    if (hasChanged) this.#handover.changed(this.#clock())
  }
}
