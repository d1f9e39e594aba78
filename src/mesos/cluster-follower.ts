import type { Logger } from '../log.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import type { FullState } from '../state/full-state.ts'
import type { HostResolver } from '../state/host-resolver.ts'
import type { Adoption, ClusterStore } from '../state/live/index.ts'
import type { ClusterState } from '../state/model.ts'
import type { StateUpdate } from '../state/update.ts'
import type { AuditStatus, FollowStatus } from '../status.ts'
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
  readonly clock?: () => number
  readonly random?: () => number
}

/**
 * Brings together what polls and the event stream tell, in the store, and hands on what comes of it. Either of
 * them alone keeps the store true; the stream is only faster.
 */
export class ClusterFollower {
  readonly #options: ClusterFollowerOptions
  readonly #clock: () => number
  readonly #beganAt: number
  readonly #pace: PollPace
  readonly #origin: StreamOrigin
  readonly #leader: KnownLeader
  readonly #poller: Poller
  readonly #stream: EventStream
  readonly #polls: PollRecord
  readonly #guardLog: GuardLog
  readonly #handover: Handover
  readonly #feed: StatusFeed
  readonly #sweep: SweepTimer
  #unsubscribe = () => {}
  #confirmedAt: number | undefined
  #audits: AuditStatus = { count: 0, drift: 0, lastDrift: 0, lastAt: undefined }
  #isRecovering = false
  /** A poll is planned for the sake of what the stream left open. */
  #isAuditDue = false
  /** The stream began while the poll that runs was under way: either of the two may be the newer. */
  #isOvertaken = false

  constructor(options: ClusterFollowerOptions) {
    const { config, log, store, detector, clock = Date.now, random = Math.random } = options
    this.#options = options
    this.#clock = clock
    this.#pace = new PollPace(config, random)
    this.#origin = new StreamOrigin(options.resolver)
    this.#leader = new KnownLeader(detector, options.configured)
    this.#polls = new PollRecord(log)
    this.#guardLog = new GuardLog(log)
    this.#feed = new StatusFeed(() => options.onStatus(this.status))
    this.#handover = new Handover({ ...options, isTooEarly: () => this.#isTooEarly() })
    this.#beganAt = clock()
    this.#sweep = new SweepTimer({ store, clock, onSwept: (changed) => this.#swept(changed) })
    this.#poller = createPoller({
      poll: (signal) => this.#poll(signal),
      intervalMs: () =>
        this.#pace.interval({ isStreaming: this.#isStreaming, isRecovering: this.#isRecovering }),
      random,
    })
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
      audits: this.#audits,
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
      this.#startStream()
      const streaming = this.#stream.master
      if (streaming === undefined || masterKey(streaming) !== masterKey(leader)) {
        this.#stream.reconnect()
      }
      this.#poller.restart('another master leads now')
    } else if (hasNewMasters) {
      void this.#handover.offer()
      if (!this.#isStreaming) void this.#poller.refresh()
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
    this.#isAuditDue = false
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
      if (isAudit && this.#isStreaming && !this.#isOvertaken) this.#audited(adoption, at)
      if (this.#isOvertaken) this.#audit()
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

  /**
   * A leader that does not know its cluster yet cannot tell what a predecessor of this thread knew: as long as the
   * store would hold that, it is what is served.
   */
  #isTooEarly(): boolean {
    const { hasPredecessor = false, config } = this.#options
    const holdMs = config.failoverHoldSeconds * 1000
    return hasPredecessor && this.#isRecovering && this.#clock() < this.#beganAt + holdMs
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
    const isKnown = this.#options.hasPredecessor || (store.state && !isEmpty(store.state))
    this.#isRecovering = full.recoveredAgents.size > 0 || (isKnown === true && listsNothing(full))
    this.#guardLog.update(store.guard, lost)
    this.#sweep.plan()
    if (wantsAudit) this.#audit()
    if (doubted) this.#poller.within(this.#pace.doubt())
    this.#feed.news()
    return at
  }

  /** Has the state fetched soon; wanting it more than once is wanting it once. */
  #audit(): void {
    if (this.#isAuditDue) return
    this.#isAuditDue = true
    this.#poller.within(this.#pace.soon())
  }

  #audited({ drift }: Adoption, at: number): void {
    const { count, drift: before } = this.#audits
    this.#audits = { count: count + 1, drift: before + drift, lastDrift: drift, lastAt: at }
    if (drift > 0) this.#options.log.info({ drift }, 'an audit found what no event had told')
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
    const at = this.#learned(full, store.adopt(full))
    const polled = this.#polls.master
    if (polled !== undefined && masterKey(polled) !== masterKey(master)) {
      // Only a state tells that another process leads, and who it is.
      void this.#poller.refresh()
    } else {
      this.#poller.replan()
    }
    if (this.#poller.running) this.#handover.offerSoon(at)
    else void this.#handover.offer(at)
  }

  #events({ events, unreadable }: EventBatch): void {
    const { store, log } = this.#options
    const at = this.#clock()
    this.#confirmedAt = at
    const [problem] = unreadable
    if (problem !== undefined) {
      if (!this.#isAuditDue) log.warn({ ...problem }, 'an event is odd; fetching the state instead')
      this.#audit()
    }
    if (events.length === 0) return
    let hasChanged = false
    for (const event of events) {
      const { changed, wantsAudit } = store.apply(event)
      hasChanged ||= changed
      if (wantsAudit) this.#audit()
    }
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

function isEmpty({ agents, frameworks }: ClusterState): boolean {
  return agents.size === 0 && frameworks.length === 0
}

/** As a leader answers that does not know its registry yet. */
function listsNothing({ state, recoveredAgents }: FullState): boolean {
  return recoveredAgents.size === 0 && isEmpty(state)
}
