/**
 * How the cluster is followed, as the state thread tells the control thread: plain data. Times are
 * milliseconds since the epoch, `undefined` where something has not happened yet.
 */
export interface FollowStatus {
  /** `host:port` of the leading master as far as known. */
  readonly leader: string | undefined
  /** When the leading master last told that what is known is so: with a state, or on the event stream. */
  readonly confirmedAt: number | undefined
  /** How often the leading master has been another one than before. */
  readonly leaderChanges: number
  readonly polls: PollStatus
  readonly stream: StreamStatus
  readonly audits: AuditStatus
  readonly guard: GuardStatus
  /** Undefined if ZooKeeper is not used. */
  readonly zookeeper: ZookeeperStatus | undefined
}

/** Fetches of the whole state. */
export interface PollStatus {
  readonly count: number
  readonly failures: number
  /** Failures since the last success. */
  readonly consecutiveFailures: number
  readonly lastSuccess:
    | {
        readonly at: number
        /** `host:port` of the leader that sent the state. */
        readonly master: string
        /** Size of the state, decoded. */
        readonly bytes: number
        readonly durationMs: number
      }
    | undefined
  readonly lastFailure:
    | { readonly at: number; readonly code: string; readonly message: string }
    | undefined
}

export interface StreamStatus {
  /**
   * `off`: not wanted; `connecting`: a master is being asked; `connected`: changes are told as they
   * happen; `waiting`: for the next attempt; `unsupported`: the master has no event stream, it is asked
   * again from time to time.
   */
  readonly state: 'off' | 'connecting' | 'connected' | 'waiting' | 'unsupported'
  /** When that state began. */
  readonly since: number
  /** `host:port` it is connected to. */
  readonly master: string | undefined
  /** Times that a stream was established. */
  readonly connects: number
  /** Attempts and streams that ended in a failure. */
  readonly failures: number
  readonly lastError: string | undefined
  /** Events by their type as Mesos spells it; unknown ones are `other`. */
  readonly events: Readonly<Record<string, number>>
  readonly lastEventAt: number | undefined
}

/** Whole states that were compared with what the event stream had told. */
export interface AuditStatus {
  readonly count: number
  /** Agents, frameworks and running tasks that were found to be otherwise, in all and by the last one. */
  readonly drift: number
  readonly lastDrift: number
  readonly lastAt: number | undefined
}

/** What is kept although the leading master does not list it. */
export interface GuardStatus {
  /** Agents, frameworks and tasks kept since a change of the leader. */
  readonly held: HeldCounts
  /** When the last of them is given up. */
  readonly holdUntil: number | undefined
  /** Times that a change of the leader made something be kept. */
  readonly failovers: number
  /** Whether a sudden loss is doubted at the moment. */
  readonly doubting: boolean
  /** States whose losses were doubted, and losses that were confirmed in the end. */
  readonly doubts: number
  readonly confirmedLosses: number
}

export interface HeldCounts {
  readonly agents: number
  readonly frameworks: number
  readonly tasks: number
}

/** How leader detection itself fares; the masters stay known whatever it says. */
export interface ZookeeperStatus {
  readonly state: 'connecting' | 'connected' | 'disconnected'
  /** When that state began. */
  readonly since: number
  /** What keeps masters or leader from being up to date; undefined when they are. */
  readonly lastError: string | undefined
  /** `host:port` connected to. */
  readonly server: string | undefined
}
