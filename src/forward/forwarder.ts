import { randomInt } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config/schema.ts'
import type { Logger } from '../log.ts'
import { formatHostPort, type HostPort } from '../net/address.ts'
import { TYPE } from '../net/dns-numbers.ts'
import { localAddresses } from '../net/interfaces.ts'
import { type Acl, createAcl } from './acl.ts'
import type { ForwardClient } from './client.ts'
import type { Failure } from './exchange.ts'
import { formatError, localReply, VERDICT, type Verdict } from './local-reply.ts'
import { MAX_MESSAGE, type Message, optOf, scanMessage } from './message.ts'
import { fitReply, udpLimit } from './reply.ts'
import { ResolvConf, readResolvConfFile } from './resolv-conf.ts'
import { createRouter, type Router } from './routes.ts'
import { askInOrder } from './sequential.ts'
import { createUpstream, parseUpstream, type Upstream } from './upstream.ts'
import { UpstreamLog } from './upstream-log.ts'

const DEFAULT_TIMEOUT_SECONDS = 5
const DEFAULT_MAX_OUTSTANDING = 10_000

/** Answers the names that are not ours by asking upstreams. */
export interface Forwarder {
  /**
   * Takes a well-formed query of one question and resolves to the whole reply for that client: the
   * upstream's answer with the client's id, cut to what the client takes, or REFUSED or SERVFAIL. It
   * never rejects and always settles in bounded time. `query` may be reused by the caller at once.
   */
  forward(query: Uint8Array, client: ForwardClient): Promise<Uint8Array>
  /**
   * Closes once no query waits any more: in bounded time if no more come. close() ends the wait. Never
   * rejects.
   */
  finish(): Promise<void>
  /** Answers what it still has with SERVFAIL, and whatever comes later, too. Safe to call twice. */
  close(): Promise<void>
}

const FORWARD_KEYS = [
  'domain',
  'externalOn',
  'resolvers',
  'zoneResolvers',
  'timeout',
  'setTruncateBit',
  'allowRecursion',
  'ednsBufferSize',
] as const satisfies readonly (keyof Config)[]

/** The settings that forwarding reads. */
export type ForwardConfig = Pick<Config, (typeof FORWARD_KEYS)[number]>

/**
 * Whether a forwarder made for one configuration does for the other. It is better kept then: it knows which
 * upstreams fail, and what it has said of them.
 */
export function isSameForwarding(one: ForwardConfig, other: ForwardConfig): boolean {
  return FORWARD_KEYS.every((key) => isDeepStrictEqual(one[key], other[key]))
}

export interface ForwarderOptions {
  readonly config: ForwardConfig
  readonly log: Logger
  /** This host's addresses, never taken from resolv.conf. Default: those of its interfaces. */
  readonly ownAddresses?: () => readonly string[]
  /** Text of resolv.conf, used if `resolvers` is empty; throws if unreadable. Default: /etc/resolv.conf. */
  readonly readResolvConf?: () => string
  /** Message ids, 0..65535. Default: cryptographically random. */
  readonly randomId?: () => number
  /** Monotonic clock, ms. */
  readonly now?: () => number
  /** Per upstream, ms. Default: `config.timeout` seconds, five if that is 0. */
  readonly timeoutMs?: number
  /** Most queries that wait for upstreams at once; more get SERVFAIL. */
  readonly maxOutstanding?: number
}

/**
 * Forwards by itself, over sockets of its own: one per query thread. Throws ForwardConfigError for
 * upstreams or networks that cannot be read. Opens nothing until it is asked.
 */
export function createForwarder(options: ForwarderOptions): Forwarder {
  return new UpstreamForwarder(options)
}

class UpstreamForwarder implements Forwarder {
  readonly #config: ForwardConfig
  readonly #mayAsk: Acl
  readonly #route: Router
  readonly #upstreamLog: UpstreamLog
  readonly #maxOutstanding: number
  readonly #outstanding = new Set<Promise<Uint8Array>>()
  readonly #closing = new AbortController()

  constructor(options: ForwarderOptions) {
    const { config, log, now = () => performance.now() } = options
    this.#config = config
    this.#mayAsk = createAcl(config.allowRecursion)
    this.#route = config.externalOn ? routerOf(options, now) : () => []
    this.#upstreamLog = new UpstreamLog(log, now)
    this.#maxOutstanding = options.maxOutstanding ?? DEFAULT_MAX_OUTSTANDING
    // Every waiting query listens for the close.
    setMaxListeners(0, this.#closing.signal)
  }

  forward(bytes: Uint8Array, client: ForwardClient): Promise<Uint8Array> {
    const query = scanMessage(Buffer.from(bytes))
    if (query === undefined) return Promise.resolve(formatError(bytes))
    if (!this.#mayAsk(client.address)) return this.#decline(query, VERDICT.prohibited)
    const upstreams = this.#route(query)
    if (upstreams.length === 0) return this.#decline(query, VERDICT.notAuthoritative)
    // A transfer is a stream of messages, and what forwards hands back one.
    if (query.type === TYPE.AXFR || query.type === TYPE.IXFR) {
      return this.#decline(query, VERDICT.transfer)
    }
    if (this.#closing.signal.aborted) return this.#decline(query, VERDICT.closing)
    if (this.#outstanding.size >= this.#maxOutstanding) {
      return this.#decline(query, VERDICT.overloaded)
    }
    const waiting = this.#resolve(query, client, upstreams)
    this.#outstanding.add(waiting)
    return waiting.finally(() => this.#outstanding.delete(waiting))
  }

  async finish(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding)
    await this.close()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#outstanding)
  }

  async #resolve(
    query: Message,
    { transport }: ForwardClient,
    upstreams: readonly Upstream[],
  ): Promise<Uint8Array> {
    const { signal } = this.#closing
    const { reply, failures } = await askInOrder(
      upstreams,
      query,
      transport,
      signal,
      this.#upstreamLog,
    )
    if (reply === undefined) return this.#decline(query, verdictOn(failures))
    const { ednsBufferSize, setTruncateBit } = this.#config
    const opt = optOf(query)
    return fitReply(reply, {
      id: query.bytes.readUInt16BE(0),
      edns: opt !== undefined,
      limit: transport === 'udp' ? udpLimit(opt, ednsBufferSize) : MAX_MESSAGE,
      setTruncateBit,
    })
  }

  #decline(query: Message, verdict: Verdict): Promise<Uint8Array> {
    return Promise.resolve(localReply(query, verdict, this.#config.ednsBufferSize))
  }
}

function verdictOn(failures: readonly Failure[]): Verdict {
  if (failures.some(({ kind }) => kind === 'aborted')) return VERDICT.closing
  const silent = failures.some(({ kind }) => kind === 'timeout')
  return silent ? VERDICT.noReachableAuthority : VERDICT.networkError
}

function routerOf(options: ForwarderOptions, now: () => number): Router {
  const { config, log, timeoutMs, randomId = () => randomInt(0x10000) } = options
  const seconds = config.timeout > 0 ? config.timeout : DEFAULT_TIMEOUT_SECONDS
  const settings = { timeoutMs: timeoutMs ?? seconds * 1000, randomId }
  // One object per address, however many lists name it: what is known of an upstream is kept with it.
  const known = new Map<string, Upstream>()
  const upstreamAt = (address: HostPort): Upstream => {
    const name = formatHostPort(address)
    const upstream = known.get(name) ?? createUpstream(address, settings)
    known.set(name, upstream)
    return upstream
  }
  const listed = (texts: readonly string[]) => texts.map(parseUpstream).map(upstreamAt)

  const zones = new Map(
    Object.entries(config.zoneResolvers).map(([zone, texts]) => [zone, listed(texts)]),
  )
  // Whatever the caller lets through, no name of our own zone is anybody else's.
  zones.set(config.domain, [])
  if (config.resolvers.length > 0) {
    const resolvers = listed(config.resolvers)
    return createRouter(zones, () => resolvers)
  }
  const resolvConf = new ResolvConf({
    read: options.readResolvConf ?? readResolvConfFile,
    ownAddresses: options.ownAddresses ?? localAddresses,
    now,
    log,
  })
  return createRouter(zones, () => resolvConf.nameservers().map(upstreamAt))
}
