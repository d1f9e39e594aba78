import { type ErrorCode, MesosNsError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import { createHostResolver, type HostResolver } from '../state/host-resolver.ts'
import type { StateUpdate } from '../state/update.ts'
import { createAuthenticator } from './auth/index.ts'
import type { MesosConfig } from './config.ts'
import { configuredMasters, createDetector, type MasterDetector } from './detect/index.ts'
import { StateFetchError } from './errors.ts'
import { FailureLog } from './failure-log.ts'
import { createStateFetcher, type FetchedState } from './fetch.ts'
import { createMasterHttp } from './http.ts'
import { distinct, masterKey } from './identity.ts'
import { createPoller } from './poller.ts'
import { loadTls } from './tls.ts'

/** How polling fares; times are milliseconds since the epoch. */
export interface StateSourceStatus {
  readonly polls: number
  readonly failures: number
  /** Failures since the last success. */
  readonly consecutiveFailures: number
  readonly lastSuccess:
    | {
        readonly at: number
        /** The leader that sent the state. */
        readonly master: HostPort
        /** Size of the state, decoded. */
        readonly bytes: number
        readonly durationMs: number
      }
    | undefined
  readonly lastFailure:
    | { readonly at: number; readonly code: ErrorCode; readonly message: string }
    | undefined
  /** The leader as the detector knows it, else as the last state named it. */
  readonly leader: HostPort | undefined
}

export interface StateSource {
  /** Begins to detect and to poll. */
  start(): void
  /** Stops for good; settles when all connections are closed. */
  stop(): Promise<void>
  /** Polls at once; settles when that poll has ended, `status` tells how. */
  refresh(): Promise<void>
  readonly status: StateSourceStatus
}

export interface StateSourceOptions {
  readonly config: MesosConfig
  readonly log: Logger
  /** Called after every successful poll; the next poll waits for it. */
  readonly onUpdate: (update: StateUpdate) => void | Promise<void>
  /** Of mesos-ns, for the User-Agent header. */
  readonly version: string
  readonly detector?: MasterDetector
  /** Share it with whoever resolves the hosts of the records. */
  readonly resolver?: HostResolver
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

/**
 * Polls the masters for the state of the cluster. Throws ConfigError where a certificate, key or
 * iamConfigFile is unusable; from then on whatever fails is logged, counted and tried again.
 */
export function createStateSource(options: StateSourceOptions): StateSource {
  return new PollingStateSource(options)
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

class PollingStateSource implements StateSource {
  readonly #options: StateSourceOptions
  readonly #detector: MasterDetector
  readonly #configured: readonly HostPort[]
  readonly #http
  readonly #fetch
  readonly #poller
  readonly #failureLog: FailureLog
  readonly #clock: () => number
  #unsubscribe = () => {}
  #detectedLeader: HostPort | undefined
  #stateLeader: HostPort | undefined
  readonly #status: Mutable<Omit<StateSourceStatus, 'leader'>> = {
    polls: 0,
    failures: 0,
    consecutiveFailures: 0,
    lastSuccess: undefined,
    lastFailure: undefined,
  }

  constructor(options: StateSourceOptions) {
    const { config, log, version, resolver = createHostResolver(), clock = Date.now } = options
    this.#options = options
    this.#clock = clock
    this.#failureLog = new FailureLog(log)
    this.#configured = configuredMasters(config)
    this.#detector = options.detector ?? createDetector({ config, log })
    this.#http = createMasterHttp({
      tls: loadTls(config),
      userAgent: `mesos-ns/${version}`,
      timeoutMs: timerMs(config.stateTimeoutSeconds),
    })
    this.#fetch = createStateFetcher({
      http: this.#http,
      authenticator: createAuthenticator(config, this.#http),
      resolver,
      scheme: config.mesosHttpsOn ? 'https' : 'http',
    })
    this.#poller = createPoller({
      poll: (signal) => this.#poll(signal),
      intervalMs: timerMs(config.refreshSeconds),
    })
  }

  get status(): StateSourceStatus {
    return { ...this.#status, leader: this.#detector.leader ?? this.#stateLeader }
  }

  start(): void {
    this.#unsubscribe = this.#detector.onChange(() => this.#mastersChanged())
    this.#detector.start()
    this.#poller.start()
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#detector.stop()
    this.#poller.stop()
    await this.#http.close()
  }

  refresh(): Promise<void> {
    return this.#poller.refresh()
  }

  /** A poll that still asks the old leader is of no use; other changes wait for the poll that runs. */
  #mastersChanged(): void {
    const { leader } = this.#detector
    const before = this.#detectedLeader
    this.#detectedLeader = leader
    if (leader !== undefined && (before === undefined || masterKey(leader) !== masterKey(before))) {
      this.#options.log.info({ leader: formatHostPort(leader) }, 'a master was elected')
      this.#poller.restart()
    } else {
      void this.#poller.refresh()
    }
  }

  /** Everyone who may know, the most likely leader first. Each of them may see the credentials. */
  #candidates(): HostPort[] {
    const known = [...this.#detector.masters, ...this.#configured]
    const { leader } = this.#detector
    if (leader !== undefined) return distinct([leader, ...known])
    const last = known.filter((master) => isSame(master, this.#stateLeader))
    return distinct([...last, ...known])
  }

  /** True if a new state was handed on. */
  async #poll(signal: AbortSignal): Promise<boolean> {
    const begun = performance.now()
    const candidates = this.#candidates()
    // A detector that has just started needs a moment; not knowing a master is no failure yet.
    if (this.#status.polls++ === 0 && candidates.length === 0) return false
    try {
      const fetched = await this.#fetch(candidates, signal)
      const receivedAt = this.#clock()
      this.#stateLeader = fetched.state.leader
      const { state, report } = fetched
      await this.#options.onUpdate({ state, masters: this.#detector.masters, report, receivedAt })
      this.#succeeded(fetched, receivedAt, performance.now() - begun)
      return true
    } catch (error) {
      if (!signal.aborted) this.#failed(error)
      return false
    }
  }

  #succeeded({ master, bytes }: FetchedState, at: number, durationMs: number): void {
    this.#status.consecutiveFailures = 0
    this.#status.lastSuccess = { at, master, bytes, durationMs }
    this.#failureLog.succeeded()
  }

  #failed(cause: unknown): void {
    // A fault of ours must neither end the process nor the polling, but be seen with its stack.
    const error = cause instanceof MesosNsError ? cause : unexpected(cause)
    this.#status.failures++
    this.#status.consecutiveFailures++
    const { code, message } = error
    this.#status.lastFailure = { at: this.#clock(), code, message }
    this.#failureLog.failed(error)
  }
}

/** Longer times, about 25 days, would overflow and fire at once. */
function timerMs(seconds: number): number {
  return Math.min(seconds * 1000, 2 ** 31 - 1)
}

function unexpected(cause: unknown): StateFetchError {
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return new StateFetchError(`unexpected fault, please report it: ${stack}`, { cause })
}

function isSame(master: HostPort, other: HostPort | undefined): boolean {
  return other !== undefined && masterKey(master) === masterKey(other)
}
